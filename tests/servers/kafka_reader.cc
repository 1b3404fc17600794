#include "tests/servers/kafka_reader.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <set>
#include <stdexcept>
#include <thread>

#ifdef __SANITIZE_THREAD__
extern "C" void AnnotateIgnoreReadsBegin(const char* file, int line);
extern "C" void AnnotateIgnoreReadsEnd(const char* file, int line);
#endif

namespace action_scheduler::testing {
namespace {

// Messages are handed between librdkafka's threads by its own reference counts, of which ThreadSanitizer sees nothing. What is
// read of them meanwhile is no race with their release, and a suppression would have to name a stack that may be forgotten by
// then. The scheduler itself consumes nothing.
class UnseenReads {
 public:
  UnseenReads() {
#ifdef __SANITIZE_THREAD__
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
#endif
  }
  ~UnseenReads() {
#ifdef __SANITIZE_THREAD__
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
#endif
  }
  UnseenReads(const UnseenReads&) = delete;
  UnseenReads& operator=(const UnseenReads&) = delete;
};

using Handle = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

Handle connect(const std::string& address, const std::string& group, const char* isolation) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 256> reason{};
  const std::array<std::pair<const char*, const char*>, 7> properties{{{"bootstrap.servers", address.c_str()},
                                                                       {"group.id", group.c_str()},
                                                                       {"isolation.level", isolation},
                                                                       {"enable.auto.commit", "false"},
                                                                       {"enable.partition.eof", "true"},
                                                                       {"fetch.wait.max.ms", "20"},
                                                                       {"reconnect.backoff.max.ms", "200"}}};
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf, name, value, reason.data(), reason.size()) != RD_KAFKA_CONF_OK)
      throw std::runtime_error(reason.data());
  }
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason.data(), reason.size());
  if (handle == nullptr) throw std::runtime_error(reason.data());
  rd_kafka_poll_set_consumer(handle);
  return {handle, &rd_kafka_destroy};
}

ReadMessage take(const rd_kafka_message_t& message) {
  ReadMessage result;
  result.topic = rd_kafka_topic_name(message.rkt);
  result.partition = message.partition;
  result.offset = message.offset;
  rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  result.timestamp_ms = rd_kafka_message_timestamp(&message, &kind);
  if (message.key != nullptr) result.key.emplace(static_cast<const char*>(message.key), message.key_len);
  if (message.payload != nullptr) result.value.emplace(static_cast<const char*>(message.payload), message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
      result.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
    }
  }
  return result;
}

// Asks again until the deadline: a broker that has just come back does not lead its partitions at once.
template <class Ask>
void ask_until(std::chrono::steady_clock::time_point deadline, Ask ask) {
  for (;;) {
    const rd_kafka_resp_err_t answer = ask();
    if (answer == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (std::chrono::steady_clock::now() >= deadline) throw std::runtime_error(rd_kafka_err2str(answer));
    std::this_thread::yield();
  }
}

// Makes the client look at the topic again: it remembers for minutes that a partition had no leader.
rd_kafka_resp_err_t count_partitions(rd_kafka_t* handle, const std::string& topic, int& partitions) {
  const rd_kafka_metadata_t* metadata = nullptr;
  rd_kafka_topic_t* opened = rd_kafka_topic_new(handle, topic.c_str(), nullptr);
  const rd_kafka_resp_err_t answer = rd_kafka_metadata(handle, 0, opened, &metadata, 1000);
  rd_kafka_topic_destroy(opened);
  if (answer != RD_KAFKA_RESP_ERR_NO_ERROR) return answer;
  partitions = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace

struct KafkaReader::Consumer {
  Handle handle;
  Handle ends;  // knows where topics end; a committed reader takes the beginning of an open transaction for the end
};

std::string ReadMessage::header(const std::string& name) const {
  for (const auto& [header_name, header_value] : headers) {
    if (header_name == name) return header_value;
  }
  return "";
}

KafkaReader::KafkaReader(const std::string& address)
    : consumer_(new Consumer{connect(address, "kafka-reader", "read_committed"),
                             connect(address, "kafka-reader", "read_uncommitted")}) {}
KafkaReader::~KafkaReader() = default;

std::vector<ReadMessage> KafkaReader::read_all(const std::string& topic, std::chrono::seconds timeout) {
  return read(topic, 0, true, timeout);
}

std::vector<ReadMessage> KafkaReader::read(const std::string& topic, std::size_t count, std::chrono::seconds timeout) {
  return read(topic, count, false, timeout);
}

std::vector<ReadMessage> KafkaReader::read(const std::string& topic, std::size_t count, bool to_end,
                                           std::chrono::seconds timeout) {
  rd_kafka_t* handle = consumer_->handle.get();
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  int partitions = 0;
  ask_until(deadline, [&] { return count_partitions(handle, topic, partitions); });

  rd_kafka_topic_partition_list_t* assignment = rd_kafka_topic_partition_list_new(partitions);
  std::set<std::int32_t> open;
  std::vector<std::int64_t> ends(static_cast<std::size_t>(partitions), 0);
  for (std::int32_t partition = 0; partition < partitions; ++partition) {
    rd_kafka_topic_partition_list_add(assignment, topic.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
    std::int64_t low = 0;
    ask_until(deadline, [&] {
      int same = 0;
      const auto answer = count_partitions(consumer_->ends.get(), topic, same);
      if (answer != RD_KAFKA_RESP_ERR_NO_ERROR) return answer;
      return rd_kafka_query_watermark_offsets(consumer_->ends.get(), topic.c_str(), partition, &low,
                                              &ends[static_cast<std::size_t>(partition)], 1000);
    });
    open.insert(partition);
  }
  rd_kafka_assign(handle, assignment);
  std::vector<ReadMessage> messages;
  const UnseenReads unseen;
  while ((to_end ? !open.empty() : messages.size() < count) && std::chrono::steady_clock::now() < deadline) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(handle, 100);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      messages.push_back(take(*message));
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      // With read_committed this is the last stable offset, which an open transaction holds back: wait for the end itself.
      if (message->offset >= ends[static_cast<std::size_t>(message->partition)]) open.erase(message->partition);
    }
    rd_kafka_message_destroy(message);
  }
  rd_kafka_assign(handle, nullptr);
  rd_kafka_topic_partition_list_destroy(assignment);
  if (to_end && !open.empty()) throw std::runtime_error("topic " + topic + " is held back by an open transaction");
  return messages;
}

std::optional<std::pair<std::int64_t, std::string>> read_committed_offset(const std::string& address, const std::string& group,
                                                                          const std::string& topic) {
  const Handle handle = connect(address, group, "read_committed");
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), 0);
  const auto code = rd_kafka_committed(handle.get(), list, 20'000);
  std::optional<std::pair<std::int64_t, std::string>> result;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR && list->elems[0].offset >= 0) {
    result.emplace(list->elems[0].offset,
                   std::string(static_cast<const char*>(list->elems[0].metadata), list->elems[0].metadata_size));
  }
  rd_kafka_topic_partition_list_destroy(list);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(code));
  return result;
}

}  // namespace action_scheduler::testing
