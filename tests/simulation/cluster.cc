#include "tests/simulation/cluster.h"

#include <algorithm>
#include <array>
#include <utility>

namespace action_scheduler::simulation {

namespace {

constexpr std::int64_t kTransactionTimeoutMs = 60'000;

constexpr std::array<std::string_view, kBrokerFaults> kNames{
    "init_times_out",   "begin_fatal",       "queue_full",          "messages_lost",       "acknowledgements_lost",
    "message_rejected", "producer_fatal",    "offsets_time_out",    "offsets_abortable",   "offsets_fatal",
    "commit_slow",      "commit_reply_lost", "commit_request_lost", "commit_later",        "commit_fatal_arrived",
    "commit_fatal",     "commit_abortable",  "abort_times_out",     "position_unreadable", "metadata_times_out",
    "epoch_lost",       "init_reply_lost",   "offsets_reply_lost",  "abort_reply_lost"};

}  // namespace

std::string_view to_string(BrokerFault fault) { return kNames[static_cast<std::size_t>(fault)]; }

void Cluster::heal() {
  up = true;
  transactions_allowed = true;
  for (auto& [name, state] : topics_) state = TopicState{};
  armed_.clear();
}

bool Cluster::take(BrokerFault fault) {
  const auto found = std::ranges::find(armed_, fault);
  if (found == armed_.end()) return false;
  armed_.erase(found);
  surroundings_.disturbed();
  return true;
}

void Cluster::tick() {
  const std::int64_t now = surroundings_.monotonic_ms();
  for (auto& [id, producer] : producers_) {
    if (producer.commits_at && now >= *producer.commits_at) commit(producer);
    if (producer.open && !producer.commits_at && now - producer.opened_at > kTransactionTimeoutMs) bump_epoch(producer);
  }
}

Cluster::Producer& Cluster::begun(const std::string& id) {
  Producer& producer = producers_[id];
  if (!std::exchange(producer.open, true)) producer.opened_at = surroundings_.monotonic_ms();
  return producer;
}

std::optional<std::int64_t> Cluster::init(const std::string& id) {
  Producer& producer = producers_[id];
  if (producer.commits_at) return std::nullopt;
  abort(producer);
  return ++producer.epoch;
}

void Cluster::add(const std::string& id, const Message& message) { begun(id).messages.push_back(message); }

void Cluster::set_offset(const std::string& id, CommittedOffset offset) { begun(id).offset = std::move(offset); }

void Cluster::commit_at(const std::string& id, std::int64_t monotonic_ms) { begun(id).commits_at = monotonic_ms; }

bool Cluster::offset_is_unstable() const {
  return std::ranges::any_of(producers_, [](const auto& entry) { return entry.second.open && entry.second.offset.has_value(); });
}

void Cluster::commit(Producer& producer) {
  for (const Message& message : producer.messages) surroundings_.arrived(message);
  if (producer.offset) offset_ = std::move(producer.offset);
  abort(producer);
}

void Cluster::abort(Producer& producer) {
  producer.open = false;
  producer.commits_at.reset();
  producer.messages.clear();
  producer.offset.reset();
}

void Cluster::bump_epoch(Producer& producer) {
  if (!producer.commits_at) abort(producer);
  ++producer.epoch;
}

}  // namespace action_scheduler::simulation
