#include "callbacks/kafka/producer.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "action_scheduler/crash_point.h"

namespace action_scheduler::kafka {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kUsualBatchBytes = 1'000'000;  // librdkafka's default
constexpr std::size_t kSmallBatchBytes = 16 * 1024;
// The culprits that only small batches show are looked for again after this time, and all others travel in large ones then.
constexpr auto kSmallBatchesHold = 10min;
constexpr std::size_t kFiresMin = 1000;
constexpr int kPollMs = 50;
constexpr std::chrono::milliseconds kTakeBackPatience = 2s;
constexpr std::chrono::milliseconds kLastPatience = 300ms;  // at the end of the process
// For how long further reports are gathered after the first failure of a transaction, so that one abort tells of all culprits.
// A topic's silence is noticed within a second (librdkafka looks for expired messages that often).
constexpr auto kGather = 300ms;
constexpr auto kGatherSilent = 1500ms;

bool is_compressed(const KafkaOptions& options) {
  for (const char* name : {"compression.type", "compression.codec"}) {
    const auto found = options.properties.find(name);
    if (found != options.properties.end() && found->second != "none") return true;
  }
  return false;
}

std::size_t configured_batch_bytes(const KafkaOptions& options) {
  std::size_t bytes = kUsualBatchBytes;
  if (const auto found = options.properties.find("batch.size"); found != options.properties.end()) {
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), bytes);
  }
  return bytes;
}

}  // namespace

Producer::Producer(const CallbackOptions& options, const Interruption& interruption)
    : options_(options),
      interruption_(interruption),
      compressed_(is_compressed(options.kafka)),
      topics_(options.kafka.topic),
      encoder_(options),
      batch_bytes_(configured_batch_bytes(options.kafka)),
      fires_max_(options.kafka.transaction_fires_max) {}

Result<void> Producer::connect(const std::string& transactional_id) {
  if (client_) return {};
  auto client =
      Client::create(options_.kafka, {transactional_id, batch_bytes_set_ ? batch_bytes_ : 0, &statistics_}, options_.log);
  if (!client) return client.error();
  client_ = std::move(*client);
  topics_.attach(*client_);
  return {};
}

void Producer::disconnect() {
  topics_.detach();
  client_.reset();
}

void Producer::disconnect_if_turned_away() {
  if (client_ && client_->turned_away()) disconnect();
}

void Producer::warm_up() {
  Topic* const topic = &topics_.default_topic();
  if (TopicTable::wants_check(*topic)) (void)topics_.check(*client_, {&topic, 1}, interruption_);
}

std::size_t Producer::cut(const Batch& batch, std::size_t begin) const {
  const std::size_t ready = batch.fires.ready();
  if (batch.exception_batch != 0 || ready - begin <= fires_max_) return ready;
  std::size_t end = begin + fires_max_;
  while (end < ready && position_after(batch.fires[end]) == position_after(batch.fires[end - 1])) ++end;
  return end;
}

std::vector<Topic*> Producer::list(const Batch& batch, std::size_t begin, std::size_t end, std::vector<Slot>& slots) {
  slots.clear();
  std::vector<Topic*> unknown;
  Topic* last = nullptr;
  for (std::size_t index = begin; index < end; ++index) {
    const ScheduledAction* action = batch.actions.find(batch.fires[index].action);
    Slot slot{index, &action->text(), nullptr};
    const auto own = slot.text->topic();
    slot.topic = !own || own->empty()                    ? &topics_.default_topic()
                 : last != nullptr && last->name == *own ? last
                                                         : &topics_.find(*own);
    last = slot.topic;
    if (TopicTable::wants_check(*slot.topic) && std::ranges::find(unknown, slot.topic) == unknown.end()) {
      unknown.push_back(slot.topic);
    }
    slots.push_back(slot);
  }
  return unknown;
}

bool Producer::prepare(const Batch& batch, std::size_t begin, std::size_t end, std::vector<Slot>& slots,
                       std::vector<Refusal>& refused) {
  const std::vector<Topic*> unknown = list(batch, begin, end, slots);
  if (!unknown.empty() && !topics_.check(*client_, unknown, interruption_)) return false;
  refuse(batch, slots, refused);
  return true;
}

void Producer::refuse(const Batch& batch, std::vector<Slot>& slots, std::vector<Refusal>& refused) {
  std::erase_if(slots, [&](const Slot& slot) {
    if (slot.topic->refuses()) {
      refused.push_back({slot.index, slot.topic->fault, true, false});
      return true;
    }
    const auto limit = slot.topic->message_bytes_max;
    // What compression makes of it, only the broker's answer tells.
    if (!limit || compressed_ || encoder_.batch_bytes_bound(*slot.text) <= *limit) return false;
    const std::size_t bytes = message_bytes(batch, slot);
    if (bytes <= *limit) return false;
    TopicTable::refuse_by_limit(*slot.topic);
    refused.push_back({slot.index,
                       "the message has " + std::to_string(bytes) + " bytes, topic " + slot.topic->name + " takes " +
                           std::to_string(*limit) + " (max.message.bytes)",
                       false, false});
    return true;
  });
}

std::size_t Producer::fitting_batch_bytes() const {
  const std::size_t most = monotonic_now() < small_until_ ? small_batch_bytes_ : configured_batch_bytes(options_.kafka);
  return std::clamp<std::size_t>(topics_.smallest_limit().value_or(most), 1, most);
}

void Producer::fit_batches() {
  batch_bytes_ = fitting_batch_bytes();
  batch_bytes_set_ = true;
}

void Producer::make_smaller_batches() {
  small_batch_bytes_ = batch_bytes_ > kSmallBatchBytes ? kSmallBatchBytes : 1;
  small_until_ = monotonic_now() + kSmallBatchesHold;
  fit_batches();
}

Producer::End Producer::hand_over(const Batch& batch, const std::vector<Slot>& slots, bool all_or_nothing,
                                  const std::function<void()>& meanwhile) {
  client_->clear_failures();
  topics_.each([](Topic& topic) { topic.handed = topic.timed_out = 0; });
  // librdkafka gives each message up after delivery_timeout; this only bounds what would not end by itself.
  const Deadline deadline(std::chrono::milliseconds(options_.kafka.delivery_timeout_ms) * 2 + 5s);
  const auto hopeless = [&] {
    return interrupted() || deadline.passed() || !client_->fatal_error().ok() || (all_or_nothing && !client_->failures().empty());
  };
  bool given_up = false;
  for (const Slot& slot : slots) {
    if (given_up) {
      client_->fail({slot.index, RD_KAFKA_RESP_ERR__PURGE_QUEUE, false});
      continue;
    }
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (;;) {
      code = encoder_.produce(client_->handle(), slot.topic->handle, batch.fires[slot.index], *slot.text, slot.index);
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || hopeless()) break;
      rd_kafka_flush(client_->handle(), kPollMs);  // batches that are not full would wait for linger.ms
    }
    ++slot.topic->handed;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    client_->fail({slot.index, code, false});
    given_up = hopeless();
  }
  reached("produced");
  if (meanwhile && client_->outstanding() > 0 && !hopeless()) meanwhile();
  std::optional<Deadline> gather;
  while (client_->outstanding() > 0) {
    rd_kafka_flush(client_->handle(), kPollMs);
    if (interrupted() || deadline.passed() || !client_->fatal_error().ok()) return End::cut_short;
    if (!all_or_nothing || client_->failures().empty()) continue;
    if (!gather) {
      const bool silent = client_->failures().front().code == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT;
      gather.emplace(silent ? kGatherSilent : kGather);
    }
    if (gather->passed()) return End::cut_short;
  }
  client_->poll(0);
  return client_->fatal_error().ok() && !interrupted() ? End::reported : End::cut_short;
}

void Producer::take_back() {
  rd_kafka_purge(client_->handle(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  const Deadline deadline(interrupted() ? kLastPatience : kTakeBackPatience);
  while (client_->outstanding() > 0 && !deadline.passed()) client_->poll(kPollMs);
}

void Producer::hand_over_less() { fires_max_ = std::max(std::min(kFiresMin, fires_max_), fires_max_ / 4); }
void Producer::hand_over_more() { fires_max_ = std::min(options_.kafka.transaction_fires_max, fires_max_ * 2); }

Error unreachable(const Producer& producer, const Client* client, std::string_view what) {
  std::string servers;
  for (const std::string& server : producer.options().kafka.servers) servers.append(servers.empty() ? "" : ",").append(server);
  std::string message = "kafka " + servers + ": " + std::string(what);
  if (client != nullptr) {
    if (const std::string complaint = client->connection_complaint(); !complaint.empty()) message += " (" + complaint + ")";
  }
  return Error{std::move(message)};
}

}  // namespace action_scheduler::kafka
