// The fire times of one action seen by the instants at which they are due.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>

#include "action_scheduler/action.h"
#include "action_scheduler/fire.h"
#include "action_scheduler/trigger.h"

namespace action_scheduler {

// A view of an action's fire times after its counts_from. All intervals are of due instants, open below and closed above, and may
// be empty or reversed. Without jitter each call costs what the trigger's does; with jitter it also steps through the
// fire times within one jitter of either end.
class DueTimes {
 public:
  DueTimes(const Trigger& trigger, const ScheduledAction& action)
      : trigger_(trigger), jitter_(trigger.jitter()), action_(action.id()), counts_from_(action.counts_from()) {}

  bool has_jitter() const { return jitter_ > Seconds{0}; }
  Instant due(Instant fire_time) const { return due_instant(action_, fire_time, jitter_); }
  bool in(Instant fire_time, Instant after, Instant until) const;

  // All leave out the fire times in `except` (null: none).
  std::uint64_t count(Instant after, Instant until, const std::set<Instant>* except = nullptr) const;

  // The earliest and the latest fire time that is due in the interval.
  std::optional<Instant> first(Instant after, Instant until, const std::set<Instant>* except = nullptr) const;
  std::optional<Instant> last(Instant after, Instant until, const std::set<Instant>* except = nullptr) const;

  // The fire time in the interval that is due last, which with jitter need not be the latest; of two that are due together, the
  // later one.
  std::optional<Instant> due_last(Instant after, Instant until, const std::set<Instant>* except = nullptr) const;

  // Calls `visit(fire time, due)` for each that is due in the interval, in order of fire time.
  template <class Visit>
  void each(Instant after, Instant until, Visit visit) const {
    if (after >= until) return;
    for (auto time = trigger_.next(lowest(after)); time && *time <= until; time = trigger_.next(*time)) {
      const Instant due_at = due(*time);
      if (due_at > after && due_at <= until) visit(*time, due_at);
    }
  }

  // How many fire times up to `time` are due later than `after`, be it later than `time`.
  std::uint64_t count_not_due(Instant after, Instant time) const;

  // Whether it is a fire time of the action. What was decided of a former schedule need not be.
  bool has(Instant time) const { return time > counts_from_ && trigger_.next(time - Seconds{1}) == time; }

 private:
  // The instant behind which a fire time lies that is due after `after`.
  Instant lowest(Instant after) const { return std::max(after - jitter_, counts_from_); }
  std::uint64_t count_due_by(Instant until) const;

  const Trigger& trigger_;
  Seconds jitter_;
  ActionId action_;
  Instant counts_from_;
};

}  // namespace action_scheduler
