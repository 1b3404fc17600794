// When which trigger is due next. Holds triggers, not actions.
#pragma once

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/time.h"

namespace action_scheduler {

// The next due instant of each trigger of an ActionSet. Single-threaded.
class Timeline {
 public:
  // Trigger `id` is due next at `due`; absent: never again. Replaces what was known of it.
  void set(TriggerId id, std::optional<Instant> due);

  // The earliest due instant; absent if nothing is ever due.
  std::optional<Instant> next_due() const;

  // The triggers that are due at or before `now`, earliest first. They stay until set() moves them.
  std::vector<TriggerId> due(Instant now) const;

 private:
  std::set<std::pair<Instant, TriggerId>> order_;
  std::vector<std::optional<Instant>> due_by_trigger_;
};

// The earliest instant after `after` at which a fire of an action of this trigger is due, jitter included.
std::optional<Instant> next_due(const ActionSet& actions, TriggerId trigger, Instant after);

}  // namespace action_scheduler
