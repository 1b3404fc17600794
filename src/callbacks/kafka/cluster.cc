#include "callbacks/kafka/cluster.h"

#include <array>
#include <charconv>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace action_scheduler::kafka {
namespace {

template <auto destroy>
struct Destroy {
  template <class T>
  void operator()(T* object) const {
    destroy(object);
  }
};
template <class T, auto destroy>
using Owned = std::unique_ptr<T, Destroy<destroy>>;

using Queue = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using Event = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using AdminOptions = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using ConfigResource = Owned<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;
using PartitionList = Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using Metadata = Owned<const rd_kafka_metadata_t, rd_kafka_metadata_destroy>;

AdminOptions admin_options(const Client& client, rd_kafka_admin_op_t operation, int timeout_ms) {
  AdminOptions options(rd_kafka_AdminOptions_new(client.handle(), operation));
  std::array<char, 256> reason{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, reason.data(), reason.size());
  return options;
}

bool is_moving(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS;
}

// The answer of an admin call that was sent with `queue`.
Event await(const Queue& queue, int timeout_ms) {
  return Event(rd_kafka_queue_poll(queue.get(), timeout_ms + std::min(timeout_ms, 1000)));
}

Metadata brokers(const Client& client, int timeout_ms) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client.handle(), 0, nullptr, &metadata, timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return nullptr;
  return Metadata(metadata);
}

// Calls `visit(resource name, entry name, value)` for each setting of the resources that could be read.
using ConfigVisitor = std::function<void(std::string_view, std::string_view, std::string_view)>;
void describe_configs(const Client& client, rd_kafka_ResourceType_t type, std::span<const std::string> names, int timeout_ms,
                      const ConfigVisitor& visit) {
  std::vector<ConfigResource> resources;
  std::vector<rd_kafka_ConfigResource_t*> pointers;
  for (const std::string& name : names) {
    resources.emplace_back(rd_kafka_ConfigResource_new(type, name.c_str()));
    pointers.push_back(resources.back().get());
  }
  const Queue queue(rd_kafka_queue_new(client.handle()));
  const AdminOptions options = admin_options(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms);
  rd_kafka_DescribeConfigs(client.handle(), pointers.data(), pointers.size(), options.get(), queue.get());
  const Event event = await(queue, timeout_ms);
  if (!event || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  std::size_t resource_count = 0;
  const auto* result = rd_kafka_event_DescribeConfigs_result(event.get());
  const rd_kafka_ConfigResource_t** answers = rd_kafka_DescribeConfigs_result_resources(result, &resource_count);
  for (const rd_kafka_ConfigResource_t* answer : std::span(answers, resource_count)) {
    if (rd_kafka_ConfigResource_error(answer) != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    std::size_t entry_count = 0;
    const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(answer, &entry_count);
    for (const rd_kafka_ConfigEntry_t* entry : std::span(entries, entry_count)) {
      const char* value = rd_kafka_ConfigEntry_value(entry);
      if (value != nullptr) visit(rd_kafka_ConfigResource_name(answer), rd_kafka_ConfigEntry_name(entry), value);
    }
  }
}

std::optional<std::size_t> to_number(std::string_view text) {
  std::size_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// Why a consumer does not find its coordinator, which its calls only report as a timeout.
std::optional<rd_kafka_resp_err_t> complaint_of(rd_kafka_t* consumer) {
  rd_kafka_poll_set_consumer(consumer);
  while (rd_kafka_message_t* event = rd_kafka_consumer_poll(consumer, 10)) {
    const rd_kafka_resp_err_t code = event->err;
    rd_kafka_message_destroy(event);
    if (code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) return code;
  }
  return std::nullopt;
}

PositionAnswer failed(rd_kafka_resp_err_t code) {
  PositionAnswer answer;
  answer.error.code = code;
  answer.error.text = describe(code);
  answer.error.retriable = true;
  return answer;
}

}  // namespace

std::size_t count_brokers(const Client& client, int timeout_ms) {
  const Metadata metadata = brokers(client, timeout_ms);
  return metadata ? static_cast<std::size_t>(metadata->broker_cnt) : 0;
}

PositionAnswer read_position(const KafkaOptions& options, const std::string& group, bool stable, int timeout_ms) {
  // A consumer that joins nothing. The admin call for this (ListConsumerGroupOffsets) ends the process when the broker goes away
  // meanwhile: librdkafka 2.0 fails an assertion.
  const auto consumer = Client::create_reader(options, group, stable);
  if (!consumer) return failed(RD_KAFKA_RESP_ERR__INVALID_ARG);
  const PartitionList partitions(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(partitions.get(), options.topic.c_str(), 0);
  const Deadline deadline{std::chrono::milliseconds(timeout_ms)};
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  // Right after a start of the brokers, groups move from one to another.
  do {
    code = rd_kafka_committed(consumer.get(), partitions.get(), deadline.remaining_ms(timeout_ms));
    if (is_moving(code)) rd_kafka_poll(consumer.get(), deadline.remaining_ms(100));
  } while (is_moving(code) && !deadline.passed());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return failed(complaint_of(consumer.get()).value_or(code));
  const rd_kafka_topic_partition_t& offset = partitions->elems[0];
  if (offset.err != RD_KAFKA_RESP_ERR_NO_ERROR) return failed(offset.err);
  PositionAnswer answer;
  if (offset.offset >= 0) {
    answer.stored = decode_position(offset.offset, {static_cast<const char*>(offset.metadata), offset.metadata_size});
  }
  return answer;
}

std::map<std::string, std::size_t> topic_limits(const Client& client, std::span<const std::string> topics, int timeout_ms) {
  std::map<std::string, std::size_t> limits;
  describe_configs(client, RD_KAFKA_RESOURCE_TOPIC, topics, timeout_ms,
                   [&](std::string_view topic, std::string_view name, std::string_view value) {
                     if (name != "max.message.bytes") return;
                     if (const auto limit = to_number(value)) limits.emplace(topic, *limit);
                   });
  return limits;
}

std::optional<std::string> coordinator_fault(const Client& client, int timeout_ms) {
  constexpr std::string_view kReplication = "transaction.state.log.replication.factor";
  std::optional<std::string> found;
  const Metadata metadata = brokers(client, timeout_ms);
  if (!metadata || metadata->broker_cnt == 0) return found;
  const auto broker_count = static_cast<std::size_t>(metadata->broker_cnt);
  const std::array<std::string, 1> broker{std::to_string(metadata->brokers[0].id)};
  describe_configs(client, RD_KAFKA_RESOURCE_BROKER, broker, timeout_ms,
                   [&](std::string_view, std::string_view name, std::string_view value) {
                     if (name != kReplication || to_number(value).value_or(0) <= broker_count) return;
                     found = std::string(kReplication) + " is " + std::string(value) + " but the cluster has " +
                             std::to_string(broker_count) + (broker_count == 1 ? " broker" : " brokers") + ": set it to " +
                             std::to_string(broker_count) + " (transaction.state.log.min.isr too) and restart the brokers";
                   });
  return found;
}

std::string coordinator_trouble(const Client& client, int timeout_ms) {
  return coordinator_fault(client, timeout_ms)
      .value_or("the transaction coordinator does not answer: see transaction.state.log.* on the brokers");
}

}  // namespace action_scheduler::kafka
