// The far side of the simulated librdkafka: topics, the transaction coordinator, the group's offset. Outlives processes.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/surroundings.h"

namespace action_scheduler::simulation {

// What can go wrong with one call. Each waits until its call is made, and is used up by it.
enum class BrokerFault : std::uint8_t {
  init_times_out,
  begin_fatal,
  queue_full,
  messages_lost,          // half of the messages at hand are never acknowledged and never arrive
  acknowledgements_lost,  // they arrive, but are never acknowledged
  message_rejected,       // one message is refused as invalid
  producer_fatal,         // while messages are under way
  offsets_time_out,       // once; then all is well
  offsets_abortable,
  offsets_fatal,
  commit_slow,           // times out twice, then it happens
  commit_reply_lost,     // it happens, the caller never hears of it
  commit_request_lost,   // it never happens, nor is it refused
  commit_later,          // the coordinator has noted it, it happens later, the caller never hears of it
  commit_fatal_arrived,  // it happens, the caller hears of a fatal error
  commit_fatal,          // it does not happen, fatal
  commit_abortable,
  abort_times_out,
  position_unreadable,
  metadata_times_out,
  epoch_lost,  // the coordinator has given the producer up, as after its timeout
  // Of the third generation: it happens, the caller never hears of it.
  init_reply_lost,
  offsets_reply_lost,
  abort_reply_lost,
};
inline constexpr int kBrokerFaultsAtFirst = static_cast<int>(BrokerFault::epoch_lost) + 1;
inline constexpr int kBrokerFaults = static_cast<int>(BrokerFault::abort_reply_lost) + 1;
std::string_view to_string(BrokerFault fault);

struct TopicState {
  bool exists = true;
  bool allowed = true;
  bool silent = false;  // no leader
  std::size_t bytes_max = std::numeric_limits<std::size_t>::max();
};

struct CommittedOffset {
  std::int64_t offset = 0;
  std::string metadata;
};

class Cluster {
 public:
  explicit Cluster(Surroundings& surroundings) : surroundings_(surroundings) {}

  bool up = true;
  bool transactions_allowed = true;

  TopicState& topic(const std::string& name) { return topics_[name]; }
  void heal();

  void arm(BrokerFault fault) { armed_.push_back(fault); }
  // Whether `fault` waits for its call; it is used up.
  bool take(BrokerFault fault);

  // A topic takes a message at once.
  void append(const Message& message) { surroundings_.arrived(message); }

  // What the coordinator does by itself as time passes.
  void tick();

  // Of the producers with transactional id `id`:
  std::int64_t epoch(const std::string& id) { return producers_[id].epoch; }
  // Ends whatever older owners left and gives the next epoch; absent while a commit is under way.
  std::optional<std::int64_t> init(const std::string& id);
  void add(const std::string& id, const Message& message);
  void set_offset(const std::string& id, CommittedOffset offset);
  void commit(const std::string& id) { commit(producers_[id]); }
  void commit_at(const std::string& id, std::int64_t monotonic_ms);
  void abort(const std::string& id) { abort(producers_[id]); }
  // Nobody's producer of this id is valid any more.
  void bump_epoch(const std::string& id) { bump_epoch(producers_[id]); }

  const std::optional<CommittedOffset>& offset() const { return offset_; }
  bool offset_is_unstable() const;

 private:
  // What the transaction coordinator knows of one transactional id.
  struct Producer {
    std::int64_t epoch = 0;
    bool open = false;
    std::int64_t opened_at = 0;
    std::optional<std::int64_t> commits_at;
    std::vector<Message> messages;
    std::optional<CommittedOffset> offset;
  };

  Producer& begun(const std::string& id);
  void commit(Producer& producer);
  static void abort(Producer& producer);
  static void bump_epoch(Producer& producer);

  Surroundings& surroundings_;
  std::map<std::string, TopicState> topics_;
  std::deque<BrokerFault> armed_;

  std::map<std::string, Producer> producers_;
  std::optional<CommittedOffset> offset_;
};

}  // namespace action_scheduler::simulation
