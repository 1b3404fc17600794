// What a set of actions will fire in a time to come, by counting: no fire is stepped through, however many there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/fire.h"
#include "action_scheduler/time.h"

namespace action_scheduler {

struct ForecastRange {
  Instant from;  // included
  Instant to;    // not included; after `from`, and both within kFirstInstant..kLastInstant
  Seconds bin;   // width of a bin of the histogram, at least a second; the last bin may be cut short by `to`
};

struct Forecast {
  struct Peak {
    Instant at;               // the second that has more fires than any other; the earliest of several
    std::uint64_t fires = 0;  // in it
  };
  struct Busy {
    ActionId id = 0;
    std::uint64_t fires = 0;
  };

  std::uint64_t fires = 0;
  std::uint64_t silent_actions = 0;  // that do not fire in the range
  std::vector<std::uint64_t> bins;
  std::vector<Busy> busiest;  // those that fire most, most first, the least id first among equals
  std::optional<Peak> peak;   // absent if nothing fires, or if the search for it would take too long
};

// A forecast that is made trigger by trigger.
class ForecastSum {
 public:
  ForecastSum(const ForecastRange& range, std::size_t busiest_max);

  // A trigger with `actions` actions, the least ids of which are `least_ids`: all, or `busiest_max` of them.
  void add(const Trigger& trigger, std::uint64_t actions, std::span<const ActionSet::Entry> least_ids);

  // Looks for the peak, too.
  Forecast finish() &&;

  struct Load {
    Trigger trigger;
    std::uint64_t actions;
  };

 private:
  const ForecastRange range_;
  const std::size_t busiest_max_;
  std::vector<Load> loads_;
  Forecast result_;
};

// Counts by fire time; jitter moves no fire to another bin. From which instant an action of the set counts is not asked.
// `busiest_max` is how many of the busiest are told. `progress`, if given, hears now and then how many of how many triggers are
// done. Takes the time of some calls of Trigger::count() for each trigger and bin at most, whatever the number of actions, and
// for the peak a bounded search on top. Pure.
Forecast forecast(const ActionSet& actions, const ForecastRange& range, std::size_t busiest_max = 5,
                  const std::function<void(std::size_t done, std::size_t all)>& progress = {});

// Steps through the fires of a range in order of (fire time, action id). The set must outlive it and not change. Single-threaded.
class FireWalk {
 public:
  // [from, to), as in ForecastRange.
  FireWalk(const ActionSet& actions, Instant from, Instant to);

  // Goes to the next instant at which something fires; absent at the end. `ids` gets the actions that fire at it, ascending.
  std::optional<Instant> next(std::vector<ActionId>& ids);

 private:
  struct Due {
    Instant at;
    TriggerId trigger;
  };
  static bool later(const Due& a, const Due& b) { return a.at > b.at; }
  void push(TriggerId trigger, Instant after);

  const ActionSet& actions_;
  Instant to_;
  std::vector<Due> heap_;
};

}  // namespace action_scheduler
