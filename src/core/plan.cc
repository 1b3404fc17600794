#include "action_scheduler/plan.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "core/due_times.h"
#include "core/fire_order.h"

namespace action_scheduler {

namespace {

constexpr Seconds kSecond{1};

// The last due instant of which every fire of action `id` is settled at `position`.
Instant settled_until(const Position& position, ActionId id) {
  return id <= position.last_action ? position.instant : position.instant - kSecond;
}

// The earliest due instant that is still worth delivering at `planned_at`. Inclusive: a fire as old as its actuality time is.
Instant first_worth(const MissedPolicy& policy, Instant planned_at) {
  return policy.actuality ? planned_at - *policy.actuality : kFirstInstant;
}

// What becomes of the missed fires of a merging action. They are one unit, decided at the position of the one that is due last,
// so that a cursor never stands inside.
struct MergeUnit {
  std::optional<Instant> latest;  // absent: nothing was missed
  Instant due;                    // of the latest
  bool deliver = false;           // false: even the latest is expired
  std::uint64_t merged = 0;
  Instant first_merged;
  Instant last_merged;
  std::uint64_t expired = 0;
  Instant first_expired;
  Instant last_expired;
};

// `except` (null: none) are fire times that are decided for themselves.
MergeUnit merge_unit(const DueTimes& times, Instant origin, Instant missed_until, Instant worth,
                     const std::set<Instant>* except) {
  MergeUnit unit;
  unit.latest = times.due_last(origin, missed_until, except);
  if (!unit.latest) return unit;
  unit.due = times.due(*unit.latest);
  unit.deliver = unit.due >= worth;
  const Instant expired_until = std::min(worth - kSecond, missed_until);
  unit.expired = times.count(origin, expired_until, except);
  if (unit.expired > 0) {
    unit.first_expired = *times.first(origin, expired_until, except);
    unit.last_expired = *times.last(origin, expired_until, except);
  }
  if (unit.deliver) {
    std::set<Instant> apart{*unit.latest};
    if (except != nullptr) apart.insert(except->begin(), except->end());
    const Instant merged_after = std::max(origin, expired_until);
    unit.merged = times.count(merged_after, missed_until, &apart);
    if (unit.merged > 0) {
      unit.first_merged = *times.first(merged_after, missed_until, &apart);
      unit.last_merged = *times.last(merged_after, missed_until, &apart);
    }
  }
  return unit;
}

// The due instant from `from` on up to which exceptions stand for what was missed in `window`.
Instant behind_standing(const DueTimes& times, Instant from, const PlanWindow& window, const ExceptionSet::OfAction* excluded) {
  if (excluded == nullptr) return from;
  for (const Instant time : excluded->standing) {
    if (times.in(time, from, window.missed_until) && times.has(time)) from = times.due(time);
  }
  return from;
}

// The due instant up to which the missed fires of a merging action are settled, unless the unit behind it is.
Instant merge_origin(const ScheduledAction& action, const DueTimes& times, const PlanWindow& window,
                     const ExceptionSet::OfAction* excluded) {
  Instant origin = settled_until(window.from, action.id());
  for (const PlanWindow::Interruption& interruption : window.interruptions) {
    // What came on time was settled fire by fire; the missed ones together, at the position of the last of them.
    const Instant reached = settled_until(interruption.reached, action.id());
    if (reached >= interruption.missed_until) {
      origin = std::max(origin, reached);
      continue;
    }
    const auto latest = times.due_last(origin, interruption.missed_until, excluded == nullptr ? nullptr : &excluded->times);
    if (latest && times.due(*latest) <= reached) origin = interruption.missed_until;
  }
  return std::max(behind_standing(times, origin, window, excluded), action.counts_from());
}

// Whether missed fires of the action that `cursor` has passed wait for a later one: then they are due after the origin.
bool waits_for_later(const DueTimes& times, Instant origin, const PlanWindow& window, Instant settled,
                     const std::set<Instant>* except) {
  if (window.missed_until < window.from.instant || origin >= settled) return false;
  const auto latest = times.due_last(origin, window.missed_until, except);
  return latest && times.due(*latest) > settled;
}

// The due instant behind which the fire times of the action are not settled at `cursor` of `window`.
Instant unsettled_from(const ScheduledAction& action, const DueTimes& times, const PlanWindow& window, Position cursor,
                       const ExceptionSet::OfAction* excluded) {
  Instant from = settled_until(cursor, action.id());
  if (action.policy().merge) {
    const Instant origin = merge_origin(action, times, window, excluded);
    if (waits_for_later(times, origin, window, from, excluded == nullptr ? nullptr : &excluded->times)) from = origin;
  }
  return behind_standing(times, from, window, excluded);
}

NotedOutcome expired_outcome(const ScheduledAction& action, Instant first, Instant last, std::uint64_t count, Instant noted_at) {
  NotedOutcome outcome;
  outcome.action = action.id();
  outcome.outcome = Outcome::expired;
  outcome.first = first;
  outcome.last = last;
  outcome.count = count;
  outcome.reason = "older than its actuality time of " + std::to_string(action.policy().actuality->count()) + " s";
  outcome.noted_at = noted_at;
  return outcome;
}

class Planner {
 public:
  Planner(const ActionSet& actions, const PlanWindow& window, Position cursor, Position end, const ExceptionSet& exceptions,
          Plan& plan)
      : actions_(actions), window_(window), cursor_(cursor), end_(end), exceptions_(exceptions), plan_(plan) {}

  void add(TriggerId id) {
    const Trigger& trigger = actions_.trigger(id);
    memo_ = {};
    alike_ = {};
    const std::span<const ActionSet::Entry> entries = actions_.actions_of(id);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      // They lie apart in memory, and there may be a million of them.
      if (i + kPrefetched < entries.size() && concerns(entries[i + kPrefetched].id)) {
        __builtin_prefetch(entries[i + kPrefetched].action);
      }
      const ActionSet::Entry& entry = entries[i];
      if (!concerns(entry.id)) continue;
      const ScheduledAction& action = *entry.action;
      const DueTimes times(trigger, action);
      const ExceptionSet::OfAction* excluded = exceptions_.of(entry.id);
      Instant from = settled_until(cursor_, entry.id);
      if (action.policy().merge && window_.missed_until >= window_.from.instant) {
        add_merged(action, times, excluded);
        from = std::max(from, window_.missed_until);
      } else {
        from = behind_standing(times, from, window_, excluded);
      }
      add_singly(action, times, excluded == nullptr ? nullptr : &excluded->times, from);
    }
  }

  // Nearly every action of triggers that are due fires once: a burst's fires are not moved while they become more.
  void reserve(std::span<const TriggerId> triggers) {
    std::size_t actions = 0;
    for (const TriggerId id : triggers) {
      if (actions_.has_trigger(id)) actions += actions_.actions_of(id).size();
    }
    plan_.fires.reserve(actions);
  }

 private:
  static constexpr std::size_t kPrefetched = 8;  // actions ahead

  // Whether anything of the action can be settled between cursor and end.
  bool concerns(ActionId id) const { return settled_until(cursor_, id) < settled_until(end_, id); }

  void add_merged(const ScheduledAction& action, const DueTimes& times, const ExceptionSet::OfAction* excluded) {
    const Instant origin = merge_origin(action, times, window_, excluded);
    const MissedPolicy policy = action.policy();
    const bool usual = excluded == nullptr && !times.has_jitter();
    if (!usual || !memo_.valid || memo_.origin != origin || memo_.policy != policy) {
      memo_ = {usual, origin, policy,
               merge_unit(times, origin, window_.missed_until, first_worth(policy, window_.planned_at),
                          excluded == nullptr ? nullptr : &excluded->times)};
    }
    const MergeUnit& unit = memo_.unit;
    if (!unit.latest || unit.due <= settled_until(cursor_, action.id()) || unit.due > settled_until(end_, action.id())) return;

    auto& outcomes = unit.deliver ? plan_.outcomes_of_late : plan_.outcomes;
    if (unit.expired > 0) {
      outcomes.push_back(expired_outcome(action, unit.first_expired, unit.last_expired, unit.expired, window_.planned_at));
    }
    if (!unit.deliver) return;
    Fire fire = make_fire(action, *unit.latest, unit.due);
    fire.reason = FireReason::late;
    fire.stands_for_earlier = true;
    if (unit.merged > 0) {
      fire.reason = FireReason::merged;
      fire.merged_count = unit.merged;
      fire.first_missed = unit.first_merged;
      outcomes.push_back({action.id(), Outcome::merged, unit.first_merged, unit.last_merged, unit.merged,
                          "merged into " + fire_id(action.id(), *unit.latest), window_.planned_at});
    }
    plan_.fires.push_back(fire);
  }

  // Each fire for itself: those that come on time, and the missed ones of an action that does not merge.
  void add_singly(const ScheduledAction& action, const DueTimes& times, const std::set<Instant>* excluded, Instant from) {
    const Instant end = settled_until(end_, action.id());
    const Instant expired_until = std::min(end, first_worth(action.policy(), window_.planned_at) - kSecond);
    const std::uint64_t expired = times.count(from, expired_until, excluded);
    if (expired > 0) {
      plan_.outcomes.push_back(expired_outcome(action, *times.first(from, expired_until, excluded),
                                               *times.last(from, expired_until, excluded), expired, window_.planned_at));
    }
    const auto add = [&](Instant time, Instant due) {
      Fire fire = make_fire(action, time, due);
      fire.reason = due <= window_.missed_until ? FireReason::late : FireReason::on_time;
      plan_.fires.push_back(fire);
    };
    const Instant after = std::max({from, expired_until, action.counts_from()});
    if (excluded != nullptr || times.has_jitter()) {
      times.each(after, end, [&](Instant time, Instant due) {
        if (excluded == nullptr || !excluded->contains(time)) add(time, due);
      });
      return;
    }
    if (!alike_.valid || alike_.after != after || alike_.end != end) {
      alike_ = {true, after, end, {}};
      times.each(after, end, [&](Instant time, Instant) { alike_.times.push_back(time); });
    }
    for (const Instant time : alike_.times) add(time, time);
  }

  static Fire make_fire(const ScheduledAction& action, Instant time, Instant due) {
    Fire fire;
    fire.action = action.id();
    fire.time = time;
    fire.due = due;
    if (const auto actuality = action.policy().actuality) fire.expires = due + *actuality;
    return fire;
  }

  const ActionSet& actions_;
  const PlanWindow& window_;
  Position cursor_;
  Position end_;
  const ExceptionSet& exceptions_;
  Plan& plan_;

  // Most actions of a trigger missed the same fires.
  struct Memo {
    bool valid = false;
    Instant origin;
    MissedPolicy policy;
    MergeUnit unit;
  } memo_;

  // And most have the same fire times to come.
  struct Alike {
    bool valid = false;
    Instant after;
    Instant end;
    std::vector<Instant> times;
  } alike_;
};

// Actions of one trigger that fire alike. Used to see how many fires an interval holds without planning it.
struct Kind {
  bool merge = false;
  Instant from;  // nothing up to here
  Instant worth;

  friend bool operator==(const Kind&, const Kind&) = default;
};

struct KindHash {
  std::size_t operator()(const Kind& kind) const {
    return static_cast<std::size_t>(unix_seconds(kind.from) * 1000003 ^ unix_seconds(kind.worth) ^ (kind.merge ? 1 : 0));
  }
};

// Where to end a piece that follows `low` so that it holds about `fires_max` fires.
class PieceEnd {
 public:
  PieceEnd(const ActionSet& actions, std::span<const TriggerId> triggers, const PlanWindow& window, Instant low)
      : actions_(actions), window_(window), low_(low) {
    for (const TriggerId id : triggers) {
      std::unordered_map<Kind, std::uint64_t, KindHash> kinds;
      for (const ActionSet::Entry& entry : actions.actions_of(id)) {
        const MissedPolicy policy = entry.action->policy();
        ++kinds[{policy.merge, std::max(low, entry.action->counts_from()), first_worth(policy, window.planned_at)}];
      }
      for (const auto& [kind, actions_alike] : kinds) kinds_.push_back({id, kind, actions_alike});
    }
  }

  Instant find(std::size_t fires_max) const {
    Instant fits = low_ + kSecond;
    Instant too_far = window_.until + kSecond;
    if (fires_until(window_.until) <= fires_max) return window_.until;
    while (too_far - fits > kSecond) {
      const Instant middle = fits + (too_far - fits) / 2;
      (fires_until(middle) <= fires_max ? fits : too_far) = middle;
    }
    return fits;
  }

 private:
  std::uint64_t fires_until(Instant end) const {
    std::uint64_t n = 0;
    for (const auto& [id, kind, actions_alike] : kinds_) {
      const Trigger& trigger = actions_.trigger(id);
      // As many are held back by jitter at the one end as come from before the other.
      Instant from = std::max(kind.from, kind.worth - kSecond);
      if (kind.merge) {
        // Decided at the last of them, which may lie behind already.
        const auto last = trigger.previous(window_.missed_until + kSecond);
        if (last && *last + trigger.jitter() > low_ && *last <= end) n += actions_alike;
        from = std::max(from, window_.missed_until);
      }
      n += actions_alike * trigger.count(from, end);
    }
    return n;
  }

  struct Counted {
    TriggerId trigger;
    Kind kind;
    std::uint64_t actions_alike;
  };

  const ActionSet& actions_;
  const PlanWindow& window_;
  Instant low_;
  std::vector<Counted> kinds_;
};

Instant piece_end(const ActionSet& actions, std::span<const TriggerId> triggers, const PlanWindow& window, Instant low,
                  std::size_t fires_max) {
  std::uint64_t fires_at_most = 0;
  for (const TriggerId id : triggers) {
    if (!actions.has_trigger(id)) continue;
    const Trigger& trigger = actions.trigger(id);
    fires_at_most += actions.actions_of(id).size() * trigger.count(low - trigger.jitter(), window.until);
  }
  if (fires_at_most <= fires_max || window.until - low <= kSecond) return window.until;
  return PieceEnd(actions, triggers, window, low).find(fires_max);
}

}  // namespace

void ExceptionSet::insert(ActionId action, Instant fire_time, bool stands_for_earlier) {
  OfAction& exceptions = by_action_[action];
  exceptions.times.insert(fire_time);
  if (stands_for_earlier) exceptions.standing.insert(fire_time);
}

void ExceptionSet::erase(ActionId action, Instant fire_time) {
  const auto found = by_action_.find(action);
  if (found == by_action_.end()) return;
  found->second.times.erase(fire_time);
  found->second.standing.erase(fire_time);
  if (found->second.times.empty()) by_action_.erase(found);
}

void ExceptionSet::merge(const ExceptionSet& other) {
  for (const auto& [action, others] : other.by_action_) {
    OfAction& exceptions = by_action_[action];
    exceptions.times.insert(others.times.begin(), others.times.end());
    exceptions.standing.insert(others.standing.begin(), others.standing.end());
  }
}

bool ExceptionSet::contains(ActionId action, Instant fire_time) const {
  const OfAction* exceptions = of(action);
  return exceptions != nullptr && exceptions->times.contains(fire_time);
}

const ExceptionSet::OfAction* ExceptionSet::of(ActionId action) const {
  if (by_action_.empty()) return nullptr;
  const auto found = by_action_.find(action);
  return found == by_action_.end() ? nullptr : &found->second;
}

std::vector<NotedOutcome> Plan::take_outcomes() {
  std::vector<NotedOutcome> all = std::exchange(outcomes, {});
  std::ranges::move(std::exchange(outcomes_of_late, {}), std::back_inserter(all));
  return all;
}

namespace {

Plan plan_unsorted(const ActionSet& actions, std::span<const TriggerId> triggers, const PlanWindow& window, Position cursor,
                   Position end, const ExceptionSet& exceptions) {
  Plan plan;
  plan.reached = end;
  plan.last = end >= window.end();
  if (cursor >= end) return plan;
  Planner planner(actions, window, cursor, end, exceptions, plan);
  planner.reserve(triggers);
  for (const TriggerId id : triggers) {
    if (actions.has_trigger(id)) planner.add(id);
  }
  return plan;
}

}  // namespace

Plan plan_between(const ActionSet& actions, std::span<const TriggerId> triggers, const PlanWindow& window, Position cursor,
                  Position end, const ExceptionSet& exceptions) {
  Plan plan = plan_unsorted(actions, triggers, window, cursor, end, exceptions);
  sort_for_delivery(plan.fires);
  return plan;
}

void plan_rest(const ActionSet& actions, std::span<const TriggerId> triggers, const PlanWindow& window,
               const ExceptionSet& exceptions, Plan& piece) {
  Plan rest = plan_unsorted(actions, triggers, window, *piece.rest_from, piece.reached, exceptions);
  append_for_delivery(rest.fires, piece.fires);
  std::ranges::move(rest.outcomes, std::back_inserter(piece.outcomes));
  std::ranges::move(rest.outcomes_of_late, std::back_inserter(piece.outcomes_of_late));
  piece.rest_from.reset();
}

Plan plan(const ActionSet& actions, std::span<const TriggerId> triggers, const PlanWindow& window, Position cursor,
          const ExceptionSet& exceptions, std::size_t fires_max) {
  const Instant low = settled_until(cursor, Position::kWholeInstant);
  if (low >= window.until) return plan_between(actions, triggers, window, cursor, window.end(), exceptions);
  const Instant end = piece_end(actions, triggers, window, low, fires_max);
  return plan_between(actions, triggers, window, cursor, {end, Position::kWholeInstant}, exceptions);
}

std::vector<NotedOutcome> merged_so_far(const ActionSet& actions, std::span<const TriggerId> triggers, const PlanWindow& window,
                                        Position cursor, Instant until, const ExceptionSet& exceptions) {
  std::vector<NotedOutcome> outcomes;
  for (const TriggerId id : triggers) {
    if (!actions.has_trigger(id)) continue;
    for (const ActionSet::Entry& entry : actions.actions_of(id)) {
      const ScheduledAction& action = *entry.action;
      if (!action.policy().merge) continue;
      const DueTimes times(actions.trigger(id), action);
      const ExceptionSet::OfAction* excluded = exceptions.of(entry.id);
      const std::set<Instant>* except = excluded == nullptr ? nullptr : &excluded->times;
      const Instant origin = merge_origin(action, times, window, excluded);
      if (!waits_for_later(times, origin, window, settled_until(cursor, entry.id), except)) continue;
      const Instant settled = std::min(settled_until(cursor, entry.id), until);
      const Instant expired_until = std::min(first_worth(action.policy(), window.planned_at) - kSecond, settled);
      if (const std::uint64_t expired = times.count(origin, expired_until, except); expired > 0) {
        outcomes.push_back(expired_outcome(action, *times.first(origin, expired_until, except),
                                           *times.last(origin, expired_until, except), expired, window.planned_at));
      }
      const Instant merged_after = std::max(origin, expired_until);
      if (const std::uint64_t merged = times.count(merged_after, settled, except); merged > 0) {
        outcomes.push_back({entry.id, Outcome::merged, *times.first(merged_after, settled, except),
                            *times.last(merged_after, settled, except), merged, "merged into a later one", window.planned_at});
      }
    }
  }
  return outcomes;
}

std::optional<NotedOutcome> unsettled(const ActionSet& actions, const ScheduledAction& action, const PlanWindow& window,
                                      Position cursor, Instant until, const ExceptionSet& exceptions) {
  const Trigger& trigger = actions.trigger(action.trigger());
  const DueTimes times(trigger, action);
  const ExceptionSet::OfAction* excluded = exceptions.of(action.id());
  const std::set<Instant>* except = excluded == nullptr ? nullptr : &excluded->times;
  const Instant from = unsettled_from(action, times, window, cursor, excluded);
  std::uint64_t count = times.count_not_due(from, until);
  if (except != nullptr) {
    for (const Instant time : *except) count -= time <= until && times.due(time) > from && times.has(time) ? 1U : 0U;
  }
  if (count == 0) return std::nullopt;
  return NotedOutcome{action.id(),
                      Outcome::disabled,
                      *times.first(from, until + trigger.jitter(), except),
                      *trigger.previous(until + kSecond),
                      count,
                      "",
                      until};
}

std::optional<NotedOutcome> unsettled_due(const ActionSet& actions, const ScheduledAction& action, const PlanWindow& window,
                                          Position cursor, Instant until, const ExceptionSet& exceptions) {
  const DueTimes times(actions.trigger(action.trigger()), action);
  const ExceptionSet::OfAction* excluded = exceptions.of(action.id());
  const std::set<Instant>* except = excluded == nullptr ? nullptr : &excluded->times;
  const Instant from = unsettled_from(action, times, window, cursor, excluded);
  const std::uint64_t count = times.count(from, until, except);
  if (count == 0) return std::nullopt;
  return NotedOutcome{
      action.id(), Outcome::expired, *times.first(from, until, except), *times.last(from, until, except), count, "", until};
}

}  // namespace action_scheduler
