#include "tests/torture/watcher.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include "tests/torture/oracle.h"
#include "tests/torture/subject.h"

namespace action_scheduler::torture {
namespace {

std::string header_of(const rd_kafka_headers_t* headers, const char* name) {
  const void* value = nullptr;
  std::size_t size = 0;
  if (headers == nullptr || rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) return "";
  return {static_cast<const char*>(value), size};
}

}  // namespace

struct Watcher::Consumer {
  std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)> handle{nullptr, &rd_kafka_destroy};
};

Watcher::Watcher(const std::string& servers, std::string topic, int partitions)
    : topic_(std::move(topic)), consumer_(std::make_unique<Consumer>()) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 256> reason{};
  for (const auto& [name, value] : std::map<std::string, std::string>{{"bootstrap.servers", servers},
                                                                      {"group.id", "watcher"},
                                                                      {"isolation.level", "read_committed"},
                                                                      {"enable.auto.commit", "false"},
                                                                      {"auto.offset.reset", "earliest"},
                                                                      {"fetch.wait.max.ms", "20"},
                                                                      {"fetch.error.backoff.ms", "50"},
                                                                      {"topic.metadata.refresh.interval.ms", "1000"},
                                                                      {"reconnect.backoff.max.ms", "500"}}) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason.data(), reason.size()) != RD_KAFKA_CONF_OK)
      throw std::runtime_error(reason.data());
  }
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  consumer_->handle.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason.data(), reason.size()));
  if (consumer_->handle == nullptr) throw std::runtime_error(reason.data());
  rd_kafka_poll_set_consumer(consumer_->handle.get());
  rd_kafka_topic_partition_list_t* assignment = rd_kafka_topic_partition_list_new(partitions);
  for (int partition = 0; partition < partitions; ++partition) {
    rd_kafka_topic_partition_list_add(assignment, topic_.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(consumer_->handle.get(), assignment);
  rd_kafka_topic_partition_list_destroy(assignment);
  thread_ = std::thread([this] { read(); });
}

Watcher::~Watcher() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  thread_.join();
}

void Watcher::read() {
  for (;;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer_->handle.get(), 100);
    const std::int64_t now = now_ms();
    const std::lock_guard lock(mutex_);
    if (message != nullptr) {
      rd_kafka_headers_t* headers = nullptr;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR &&
          rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const std::int64_t second = seconds_of(header_of(headers, "ce_time"));
        std::int64_t& latest = latest_s_[std::atoll(header_of(headers, "ce_actionid").c_str())];
        latest = std::max(latest, second);
        ++seen_;
        if (header_of(headers, "ce_reason") == "on_time") worst_latency_ms_ = std::max(worst_latency_ms_, now - second * 1000);
      }
      rd_kafka_message_destroy(message);
    }
    if (ending_) return;
  }
}

std::int64_t Watcher::latest_s(std::int64_t action) const {
  const std::lock_guard lock(mutex_);
  const auto found = latest_s_.find(action);
  return found == latest_s_.end() ? 0 : found->second;
}

std::int64_t Watcher::latest_of_all_s(const std::vector<std::int64_t>& actions) const {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t action : actions) least = std::min(least, latest_s(action));
  return least;
}

std::uint64_t Watcher::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

std::int64_t Watcher::take_worst_latency_ms() {
  const std::lock_guard lock(mutex_);
  return std::exchange(worst_latency_ms_, 0);
}

}  // namespace action_scheduler::torture
