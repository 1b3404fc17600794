#include "callbacks/kafka/fault_topic.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "action_scheduler/event.h"
#include "callbacks/kafka/client.h"

namespace action_scheduler {
namespace {

constexpr int kLastWordsMs = 500;

KafkaOptions patient(KafkaOptions options) {
  options.properties["message.timeout.ms"] = "300000";
  options.properties["queue.buffering.max.messages"] = "10000";
  return options;
}

class FaultTopic final : public Log {
 public:
  FaultTopic(const CallbackOptions& options, std::string topic, Log& log)
      : instance_(options.instance),
        source_(options.kafka.source.empty() ? options.instance : options.kafka.source),
        topic_(std::move(topic)),
        kafka_(patient(options.kafka)),
        clock_(*options.clock),
        log_(log),
        started_(clock_.read().wall) {}

  ~FaultTopic() override {
    if (!client_) return;
    rd_kafka_flush(client_->handle(), kLastWordsMs);
    take_failures();
    if (client_->outstanding() > 0) tell_dropped("not acknowledged before the end");
  }

  Result<void> connect() {
    // What goes wrong here is told to the log alone: a fault of this topic must not become a message of this topic.
    auto client = kafka::Client::create(kafka_, {}, &log_);
    if (!client) return client.error();
    client_ = *std::move(client);
    return {};
  }

  bool enabled(Level level) const override { return level >= Level::warning || log_.enabled(level); }

  void write(Level level, std::string_view event, std::span<const Field> fields) override {
    if (log_.enabled(level)) log_.write(level, event, fields);
    if (level < Level::warning) return;
    const std::lock_guard lock(mutex_);
    send(level, event, fields);
  }

 private:
  void send(Level level, std::string_view event, std::span<const Field> fields) {
    take_reports();
    const std::string time = format_utc(floor_seconds(clock_.read().wall));
    std::string value =
        R"({"time":")" + time + R"(","level":")" + std::string(to_string(level)) + "\"," + event_members(event, fields);
    if (dropped_ != 0) value += ",\"dropped\":" + std::to_string(dropped_);
    value += '}';
    // Unique over restarts: the instant of the start, and a count.
    const std::string id = instance_ + '/' + std::to_string(started_.time_since_epoch().count()) + '/' + std::to_string(++sent_);
    const std::string fault = produce(id, time, value);
    dropped_ = fault.empty() ? 0 : dropped_ + 1;
    if (!fault.empty()) tell_dropped(fault);
  }

  // Counts what was given up. A client that is of no use any more is replaced.
  void take_reports() {
    if (client_) {
      client_->poll(0);
      take_failures();
      if (client_->fatal_error().ok()) return;
    }
    client_.reset();
    (void)connect();
  }

  void take_failures() {
    dropped_ += client_->failures().size();
    if (!client_->failures().empty()) tell_dropped(rd_kafka_err2str(client_->failures().back().code));
    client_->clear_failures();
  }

  // Each reason once, to the log alone: what cannot be sent cannot tell of itself.
  void tell_dropped(const std::string& reason) {
    if (reason == told_) return;
    told_ = reason;
    log_.warning("faults are logged, but not sent as messages", {{"topic", topic_}, {"reason", reason}});
  }

  // Empty, or why librdkafka does not take it.
  std::string produce(const std::string& id, const std::string& time, const std::string& value) {
    if (!client_) return "no connection to Kafka";
    const std::array<std::pair<const char*, const std::string*>, 4> varying{
        {{"ce_id", &id}, {"ce_source", &source_}, {"ce_time", &time}, {"ce_subject", &instance_}}};
    rd_kafka_headers_t* headers = rd_kafka_headers_new(7);
    rd_kafka_header_add(headers, "ce_specversion", -1, "1.0", -1);
    rd_kafka_header_add(headers, "ce_type", -1, "scheduler.fault", -1);
    rd_kafka_header_add(headers, "content-type", -1, "application/json", -1);
    for (const auto& [name, text] : varying) {
      rd_kafka_header_add(headers, name, -1, text->data(), static_cast<ssize_t>(text->size()));
    }
    const rd_kafka_resp_err_t failed = rd_kafka_producev(
        client_->handle(), RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(instance_.data(), instance_.size()), RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_headers_destroy(headers);
    return failed == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : rd_kafka_err2str(failed);
  }

  const std::string instance_;
  const std::string source_;
  const std::string topic_;
  const KafkaOptions kafka_;
  Clock& clock_;
  Log& log_;
  const WallTime started_;
  std::mutex mutex_;
  std::unique_ptr<kafka::Client> client_;
  std::uint64_t sent_ = 0;
  std::uint64_t dropped_ = 0;
  std::string told_;  // the last reason
};

}  // namespace

Result<std::unique_ptr<Log>> make_fault_topic(const CallbackOptions& options, const std::string& topic, Log& log) {
  auto fault_topic = std::make_unique<FaultTopic>(options, topic, log);
  if (auto connected = fault_topic->connect(); !connected) return connected.error();
  return std::unique_ptr<Log>(std::move(fault_topic));
}

}  // namespace action_scheduler
