// Planning: which fires and outcomes does an interval of due time hold? Pure: the same arguments give the same plan, so that a
// plan which was cut off by a crash can be made again.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/fire.h"
#include "action_scheduler/time.h"

namespace action_scheduler {

// The interval (from, until] of due time that is being delivered, and what decides on missed fires.
struct PlanWindow {
  Position from;  // everything up to here is settled, or is carried by an interruption below
  Instant until;
  Instant missed_until;  // what was due at or before this instant was missed (down, refused, clock ahead): merging applies to it
  Instant planned_at;    // decides what is expired

  // Earlier windows with the same `from` that were given up half-way, oldest first: merging up to `missed_until` had been
  // delivered as far as `reached`.
  struct Interruption {
    Instant missed_until;
    Position reached;

    friend bool operator==(const Interruption&, const Interruption&) = default;
  };
  std::vector<Interruption> interruptions;

  Position end() const { return {until, Position::kWholeInstant}; }

  friend bool operator==(const PlanWindow&, const PlanWindow&) = default;
};

// How one or many fire times of an action ended other than by a plain delivery.
struct NotedOutcome {
  ActionId action = 0;
  Outcome outcome = Outcome::failed;
  Instant first;  // first and last fire time
  Instant last;
  std::uint64_t count = 1;  // the fire times from first to last that it speaks of
  std::string reason;
  Instant noted_at;
  Instant requested{};  // of a fire that somebody asked for: when; Instant{}: of the schedule

  friend bool operator==(const NotedOutcome&, const NotedOutcome&) = default;
};

// Fires beyond the position that are settled or parked all the same: they are not planned again.
class ExceptionSet {
 public:
  // One that `stands_for_earlier` stands for all missed fires of its action that were due before it, too, whether the action
  // still merges or not.
  void insert(ActionId action, Instant fire_time, bool stands_for_earlier = false);
  void insert(const Fire& fire) { insert(fire.action, fire.time, fire.stands_for_earlier); }
  void erase(ActionId action, Instant fire_time);
  void merge(const ExceptionSet& other);
  void clear() { by_action_.clear(); }
  bool empty() const { return by_action_.empty(); }
  bool contains(ActionId action, Instant fire_time) const;

  struct OfAction {
    std::set<Instant> times;
    std::set<Instant> standing;  // those of `times` that stand for earlier ones
  };
  // The exceptions of the action; null if there are none.
  const OfAction* of(ActionId action) const;

 private:
  std::map<ActionId, OfAction> by_action_;
};

// A piece of a window.
struct Plan {
  std::vector<Fire> fires;             // ascending by (due, action id)
  std::vector<NotedOutcome> outcomes;  // merged and expired
  // More of them: what was merged into a late fire of the piece, or expired before it. Each is settled, or becomes an exception,
  // together with that fire of its action.
  std::vector<NotedOutcome> outcomes_of_late;
  Position reached;  // what is settled once all of it is
  bool last = true;  // the window ends with this piece
  // Present: what follows this position up to `reached` is still to be planned, by plan_rest().
  std::optional<Position> rest_from;

  // Moves both kinds of outcomes out.
  std::vector<NotedOutcome> take_outcomes();
};

// Plans the piece of `window` that follows `cursor` (window.from <= cursor). `triggers` are those that may be due in it. The
// piece holds about `fires_max` fires at most, but never part of an instant: more if so many are due in one second.
Plan plan(const ActionSet& actions, std::span<const TriggerId> triggers, const PlanWindow& window, Position cursor,
          const ExceptionSet& exceptions, std::size_t fires_max);

// The same for exactly the piece (cursor, end]: the outcomes that belong to what a receiver took of a longer piece.
Plan plan_between(const ActionSet& actions, std::span<const TriggerId> triggers, const PlanWindow& window, Position cursor,
                  Position end, const ExceptionSet& exceptions);

// Where about the first `fires` fires of a burst end that begins behind `cursor`: they can be handed over while the others are
// planned. Only of a window in which nothing was missed or can have expired, and all is due at its last instant, which the caller
// knows. Absent if there are not at least twice as many.
std::optional<Position> head_of_burst(const ActionSet& actions, std::span<const TriggerId> triggers, const PlanWindow& window,
                                      Position cursor, std::size_t fires);

// Appends to `piece` what follows its rest_from up to `reached`: the end of a burst whose head it is.
void plan_rest(const ActionSet& actions, std::span<const TriggerId> triggers, const PlanWindow& window,
               const ExceptionSet& exceptions, Plan& piece);

// What `cursor` has passed of missed fires that are decided only behind it, because a later one of their action is: merged into
// that one, or expired. Of those the ones that were due up to `until`. For ending the window at the cursor, so that another can
// begin there, or before it.
std::vector<NotedOutcome> merged_so_far(const ActionSet& actions, std::span<const TriggerId> triggers, const PlanWindow& window,
                                        Position cursor, Instant until, const ExceptionSet& exceptions);

// The fire times of `action` up to `until` that are not settled at `cursor` of `window` and not in `exceptions`, as one outcome
// `disabled`; absent if there are none. For fires that end because their action does.
std::optional<NotedOutcome> unsettled(const ActionSet& actions, const ScheduledAction& action, const PlanWindow& window,
                                      Position cursor, Instant until, const ExceptionSet& exceptions);

// Those of them that are due up to `until`, as one outcome `expired` without a reason: what jitter makes due later stays to be
// fired. For fires that are given up.
std::optional<NotedOutcome> unsettled_due(const ActionSet& actions, const ScheduledAction& action, const PlanWindow& window,
                                          Position cursor, Instant until, const ExceptionSet& exceptions);

}  // namespace action_scheduler
