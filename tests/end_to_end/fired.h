// What consumers saw of the fires of one topic.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "action_scheduler/time.h"
#include "tests/servers/kafka_reader.h"

namespace action_scheduler::testing {

class FiredList {
 public:
  explicit FiredList(std::vector<ReadMessage> messages) : messages_(std::move(messages)) {}

  const std::vector<ReadMessage>& messages() const { return messages_; }

  // Messages of the action.
  std::vector<ReadMessage> of(std::int64_t action) const;
  std::size_t count(std::int64_t action) const { return of(action).size(); }

  // The fire times of the action, each once.
  std::set<Instant> times(std::int64_t action) const;
  // The latest of them.
  std::optional<Instant> latest(std::int64_t action) const;

  // Fire ids that were seen more than once.
  std::vector<std::string> repeated() const;

  // Messages that repeat an id and whose ce_attempt is not above that of the message before; empty if all is well.
  std::vector<std::string> repeated_without_attempt() const;

  // The instants, `step_s` apart from the first fire time on up to the last, at which the action neither fired nor had a fire
  // merged into a later one.
  std::vector<std::string> gaps(std::int64_t action, int step_s = 1) const;

 private:
  std::vector<ReadMessage> messages_;
};

}  // namespace action_scheduler::testing
