// What is known of the topics that fires go to. Included only within this folder.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "callbacks/interruption.h"
#include "callbacks/kafka/client.h"

namespace action_scheduler::kafka {

// What metadata says against a topic; empty if it may be written to. A partition without a leader counts: a transaction over it
// would not end before there is one.
std::string topic_fault(const rd_kafka_metadata_topic_t& answer);

// For how long a topic's fault is believed that metadata cannot tell.
inline constexpr std::chrono::seconds kRefusalHold{30};

// A topic, for as long as the process lives.
struct Topic {
  std::string name;
  rd_kafka_topic_t* handle = nullptr;  // of the present client; null: librdkafka does not take the name, or no client

  bool checked = false;       // metadata has been seen; `fault` says what of it
  std::string fault;          // why its fires are refused, one line; empty: they are not
  MonotonicTime ask_again{};  // a fault holds until then

  std::optional<std::size_t> message_bytes_max;  // its max.message.bytes, as it was told
  std::optional<MonotonicTime> ask_limit_again;  // a message was too large for that; it may have been raised by then
  int silences = 0;                              // hand-overs in a row in which it alone did not answer
  std::size_t handed = 0;                        // of the present hand-over: messages produced
  std::size_t timed_out = 0;                     // of these, messages that nobody acknowledged in time

  bool refuses() const { return !fault.empty(); }
};

// All topics seen. References stay valid.
class TopicTable {
 public:
  // `default_topic` is that of actions which name none.
  explicit TopicTable(const std::string& default_topic);
  ~TopicTable() { detach(); }
  TopicTable(const TopicTable&) = delete;
  TopicTable& operator=(const TopicTable&) = delete;

  // The topics of one client; detach() before the client goes.
  void attach(Client& client);
  void detach();

  Topic& default_topic() { return *default_; }
  Topic& find(std::string_view name);

  // All of the present hand-over was acknowledged: no topic of it is silent any more.
  void answered() {
    each([](Topic& topic) {
      if (topic.handed > 0) topic.silences = 0;
    });
  }

  // Whether metadata should be asked before this topic is used: it is new, its fault is old, or so is a limit that refused a
  // message.
  static bool wants_check(const Topic& topic);

  // Asks for metadata of `topics` and their limits. A topic that is not known yet is asked for again for a moment, since brokers
  // may create it on demand. False if no broker answers
  // before the interruption.
  bool check(const Client& client, std::span<Topic* const> topics, const Interruption& interruption);

  // From now on fires of the topic are refused for `reason` without asking, for `hold`.
  static void refuse(Topic& topic, std::string reason, std::chrono::milliseconds hold);

  // A message is too large for the limit that is known.
  static void refuse_by_limit(Topic& topic);

  // The smallest limit that is known of any topic in use.
  std::optional<std::size_t> smallest_limit() const;

  template <class Visit>
  void each(Visit visit) {
    for (auto& [name, topic] : by_name_) visit(*topic);
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  void open(Topic& topic);

  std::unordered_map<std::string, std::unique_ptr<Topic>, Hash, std::equal_to<>> by_name_;
  Topic* default_ = nullptr;
  Client* client_ = nullptr;
};

}  // namespace action_scheduler::kafka
