#include "callbacks/kafka/check.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "callbacks/kafka/client.h"
#include "callbacks/kafka/cluster.h"
#include "callbacks/kafka/topics.h"

namespace action_scheduler {
namespace {

using Kind = CallbackFinding::Kind;
using Mode = KafkaOptions::DeliveryMode;
using namespace std::chrono_literals;

constexpr int kCheckTimeoutMs = 5000;
// A producer asks for its id when it has a connection; by then a refusal has come back.
constexpr auto kRefusalPatience = 1s;
constexpr auto kReadPatience = 3s;

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)>;

class KafkaCheck {
 public:
  KafkaCheck(const CallbackOptions& options, const kafka::Client& client, rd_kafka_t* reader)
      : options_(options), client_(client), reader_(reader) {}

  std::vector<CallbackFinding> run(std::span<const std::string> topics) {
    for (const std::string& caution : kafka::cautions(options_.kafka)) add(Kind::note, caution);
    const std::size_t brokers = kafka::count_brokers(client_, kCheckTimeoutMs);
    if (brokers == 0) {
      rd_kafka_poll(client_.handle(), 0);
      const std::string why = client_.connection_complaint();
      add(Kind::fault, "kafka.server: no broker answers" + (why.empty() ? std::string() : ": " + why));
      return std::move(findings_);
    }
    add(Kind::good, std::to_string(brokers) + (brokers == 1 ? " broker" : " brokers"));
    check_right_to_write();
    std::vector<std::string> names{options_.kafka.topic};
    for (const std::string& topic : topics) {
      if (std::ranges::find(names, topic) == names.end()) names.push_back(topic);
    }
    for (const std::string& name : names) check_topic(name);
    if (logs_in()) {
      add(Kind::note,
          "whether each topic may be written to shows when its first fire goes out (allow Describe and Write): brokers tell only "
          "of Describe before");
    }
    check_delivery();
    return std::move(findings_);
  }

 private:
  void add(Kind kind, std::string text) { findings_.push_back({kind, std::move(text)}); }

  // A cluster that asks who we are may have rights.
  bool logs_in() const {
    const auto protocol = options_.kafka.properties.find("security.protocol");
    return protocol != options_.kafka.properties.end() && protocol->second != "plaintext" && protocol->second != "PLAINTEXT";
  }

  // Since Kafka 3.0 an idempotent producer needs the right to write to any topic, before that IdempotentWrite on the cluster.
  void check_right_to_write() {
    const kafka::Deadline deadline(kRefusalPatience);
    while (client_.fatal_error().ok() && !deadline.passed()) rd_kafka_poll(client_.handle(), 50);
    if (const kafka::CallError error = client_.fatal_error(); !error.ok()) {
      add(Kind::fault, error.text + ": allow Write on the topics (before Kafka 3.0 IdempotentWrite on the cluster too)");
    }
  }

  // Asked by a consumer, which creates nothing. Null if nobody answers.
  Metadata metadata_of(const std::string& name) const {
    const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> topic(
        rd_kafka_topic_new(reader_, name.c_str(), nullptr), &rd_kafka_topic_destroy);
    const rd_kafka_metadata_t* metadata = nullptr;
    if (topic) (void)rd_kafka_metadata(reader_, 0, topic.get(), &metadata, kCheckTimeoutMs);
    return Metadata(metadata != nullptr && metadata->topic_cnt == 1 ? metadata : nullptr, &rd_kafka_metadata_destroy);
  }

  void check_topic(const std::string& name) {
    const Metadata metadata = metadata_of(name);
    if (!metadata) {
      add(Kind::fault, "topic " + name + ": no broker answers when asked about it");
      return;
    }
    const rd_kafka_metadata_topic_t& topic = metadata->topics[0];
    if (const std::string fault = kafka::topic_fault(topic); !fault.empty()) {
      add(Kind::fault, fault);
    } else {
      const int partitions = topic.partition_cnt;
      add(Kind::good, "topic " + name + ", " + std::to_string(partitions) + (partitions == 1 ? " partition" : " partitions"));
    }
  }

  bool coordinator_log_is_there() const {
    const Metadata metadata = metadata_of("__transaction_state");
    if (!metadata || metadata->topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    const std::span partitions(metadata->topics[0].partitions, static_cast<std::size_t>(metadata->topics[0].partition_cnt));
    return !partitions.empty() && std::ranges::all_of(partitions, [](const auto& partition) { return partition.leader >= 0; });
  }

  // Kafka asks for it when an offset is committed, in a transaction too. Reads from the end on, where there is nothing to read.
  bool may_read_topic() {
    const std::unique_ptr<rd_kafka_topic_partition_list_t, decltype(&rd_kafka_topic_partition_list_destroy)> end(
        rd_kafka_topic_partition_list_new(1), &rd_kafka_topic_partition_list_destroy);
    rd_kafka_topic_partition_list_add(end.get(), options_.kafka.topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_END;
    rd_kafka_poll_set_consumer(reader_);
    rd_kafka_assign(reader_, end.get());
    bool refused = false;
    bool answered = false;
    for (const kafka::Deadline deadline(kReadPatience); !answered && !deadline.passed();) {
      rd_kafka_message_t* const event = rd_kafka_consumer_poll(reader_, 100);
      if (event == nullptr) continue;
      refused = event->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
      answered = refused || event->err == RD_KAFKA_RESP_ERR__PARTITION_EOF || event->err == RD_KAFKA_RESP_ERR_NO_ERROR ||
                 event->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
      rd_kafka_message_destroy(event);
    }
    rd_kafka_assign(reader_, nullptr);
    return !refused;
  }

  // Why exactly_once would not work; absent: nothing speaks against it.
  std::optional<std::string> trouble() {
    // Once the coordinator's log is there, it does not matter how many copies a new one would have.
    if (!coordinator_log_is_there()) {
      if (auto fault = kafka::coordinator_fault(client_, kCheckTimeoutMs)) return fault;
    }
    const kafka::PositionAnswer position = kafka::read_position(options_.kafka, options_.instance, false, kCheckTimeoutMs);
    if (position.error.ok()) {
      known_ = position.stored.has_value();
      if (may_read_topic()) return std::nullopt;
      return "the position cannot be kept in topic " + options_.kafka.topic + ": allow Read on topic " + options_.kafka.topic;
    }
    std::string text = "reading the position of instance " + options_.instance + " failed: " + position.error.text;
    if (position.error.code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
      text += ": allow Describe and Read on group " + options_.instance;
    }
    return text;
  }

  void check_delivery() {
    const Mode mode = options_.kafka.delivery;
    if (mode == Mode::at_least_once) {
      add(Kind::good, "delivery at_least_once, as configured");
      return;
    }
    if (const auto against = trouble()) {
      if (mode == Mode::automatic && !options_.exactly_once_used) {
        add(Kind::note, "delivery at_least_once, because exactly_once would not work: " + *against);
      } else {
        add(Kind::fault, std::string("delivery exactly_once, ") +
                             (mode == Mode::automatic ? "which this ledger has used before" : "as configured") +
                             ", does not work: " + *against);
      }
      return;
    }
    add(Kind::good, "delivery exactly_once, position of instance " + options_.instance + (known_ ? " is known" : " begins anew"));
    add(Kind::note, "whether transactional id " + options_.instance +
                        " may be used (Describe and Write on it) shows when the service starts: asking would end a running one");
  }

  const CallbackOptions& options_;
  const kafka::Client& client_;
  rd_kafka_t* const reader_;
  bool known_ = false;
  std::vector<CallbackFinding> findings_;
};

}  // namespace

std::vector<CallbackFinding> check_kafka_callback(const CallbackOptions& options, std::span<const std::string> topics) {
  if (const auto checked = kafka::check_options(options); !checked) return {{Kind::fault, checked.error().message}};
  // Without a transactional id: with the instance's it would be told of a claim.
  const auto client = kafka::Client::create(options.kafka, {}, options.log);
  if (!client) return {{Kind::fault, client.error().message}};
  const auto reader = kafka::Client::create_reader(options.kafka, options.instance, false);
  if (!reader) return {{Kind::fault, "kafka.properties: librdkafka makes no consumer of them"}};
  return KafkaCheck(options, **client, reader.get()).run(topics);
}

}  // namespace action_scheduler
