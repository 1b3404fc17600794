#include "tests/core/plan_testing.h"

#include <algorithm>

namespace action_scheduler::testing {

namespace {

struct TimeDue {
  Instant time;
  Instant due;
};

void model_expired(std::vector<std::string>& out, ActionId id, const std::vector<TimeDue>& expired) {
  if (expired.empty()) return;
  NotedOutcome outcome;
  outcome.action = id;
  outcome.outcome = Outcome::expired;
  outcome.first = expired.front().time;
  outcome.last = expired.back().time;
  outcome.count = expired.size();
  out.push_back(text_of(outcome));
}

}  // namespace

std::string text_of(const Fire& fire) {
  std::string text = std::to_string(fire.action) + "@" + std::to_string(seconds_of(fire.time));
  if (fire.due != fire.time) text += " due " + std::to_string(seconds_of(fire.due));
  if (fire.reason != FireReason::on_time) text += " " + std::string(to_string(fire.reason));
  if (fire.merged_count > 0) {
    text += " " + std::to_string(fire.merged_count) + " from " + std::to_string(seconds_of(fire.first_missed));
  }
  return text;
}

std::string text_of(const NotedOutcome& outcome) {
  return std::to_string(outcome.action) + " " + std::string(to_string(outcome.outcome)) + " " +
         std::to_string(seconds_of(outcome.first)) + "-" + std::to_string(seconds_of(outcome.last)) + " x" +
         std::to_string(outcome.count);
}

std::vector<std::string> texts(const Plan& plan) {
  std::vector<std::string> list;
  for (const Fire& fire : plan.fires) list.push_back(text_of(fire));
  for (const NotedOutcome& outcome : Plan(plan).take_outcomes()) list.push_back(text_of(outcome));
  return list;
}

void add(Tally& tally, const Plan& plan) {
  for (const Fire& fire : plan.fires) ++tally[{fire.action, Outcome::delivered}];
  for (const NotedOutcome& outcome : Plan(plan).take_outcomes()) tally[{outcome.action, outcome.outcome}] += outcome.count;
}

RandomActions::RandomActions(std::mt19937& random) {
  const auto below = [&random](std::uint32_t n) { return static_cast<std::int64_t>(random() % n); };
  for (ActionId id = 1; id <= 6; ++id) {
    MissedPolicy policy;
    policy.merge = below(2) == 0;
    if (below(2) == 0) policy.actuality = Seconds{below(60)};
    const Trigger trigger = every(std::vector<std::int64_t>{1, 3, 7, 20}[static_cast<std::size_t>(below(4))],
                                  std::vector<std::int64_t>{0, 0, 5, 15}[static_cast<std::size_t>(below(4))]);
    const Instant counts_from = second(below(60) - 40);
    actions.put(planned_action(id, trigger, policy), counts_from);
    for (std::int64_t n = below(3); n > 0; --n) {
      if (const auto time = trigger.next(std::max(second(below(50)), counts_from))) exceptions.insert(id, *time, below(2) == 0);
    }
  }
}

Position random_position(std::mt19937& random, Instant from, Instant until) {
  const Instant instant =
      from + Seconds{static_cast<std::int64_t>(random() % static_cast<std::uint64_t>((until - from).count() + 1))};
  const auto action = static_cast<ActionId>(random() % 8);
  return {instant, action == 7 ? kWhole : action};
}

std::vector<std::string> modelled(const ActionSet& actions, const PlanWindow& window, const ExceptionSet& exceptions) {
  std::vector<Fire> fires;
  std::vector<std::string> outcomes;
  for (const TriggerId trigger_id : all_triggers(actions)) {
    const Trigger& trigger = actions.trigger(trigger_id);
    for (const ActionSet::Entry& entry : actions.actions_of(trigger_id)) {
      const MissedPolicy policy = entry.action->policy();
      const Instant settled = entry.id <= window.from.last_action ? window.from.instant : window.from.instant - Seconds{1};
      const auto is_expired = [&](const TimeDue& fire) {
        return policy.actuality && fire.due + *policy.actuality < window.planned_at;
      };
      std::vector<TimeDue> missed;
      std::vector<TimeDue> single;
      Instant parked_due = settled;  // of the latest of those that stand for what was missed before them
      for (auto time = trigger.next(entry.action->counts_from()); time && *time <= window.until; time = trigger.next(*time)) {
        const Instant due = due_instant(entry.id, *time, trigger.jitter());
        if (due <= settled || due > window.until) continue;
        const bool was_missed = due <= window.missed_until;
        if (exceptions.contains(entry.id, *time)) {
          if (was_missed && exceptions.of(entry.id)->standing.contains(*time)) parked_due = std::max(parked_due, due);
        } else {
          (policy.merge && was_missed ? missed : single).push_back({*time, due});
        }
      }
      const auto make = [&](const TimeDue& timed, FireReason reason) {
        Fire fire;
        fire.action = entry.id;
        fire.time = timed.time;
        fire.due = timed.due;
        fire.reason = reason;
        return fire;
      };
      for (auto* fires_of : {&missed, &single}) {
        std::erase_if(*fires_of, [&](const TimeDue& fire) { return fire.due <= parked_due; });
      }
      if (!missed.empty()) {
        const auto latest = std::max_element(missed.begin(), missed.end(), [](const TimeDue& a, const TimeDue& b) {
          return std::tie(a.due, a.time) < std::tie(b.due, b.time);
        });
        const TimeDue last = *latest;
        std::vector<TimeDue> expired;
        std::copy_if(missed.begin(), missed.end(), std::back_inserter(expired), is_expired);
        model_expired(outcomes, entry.id, expired);
        std::erase_if(missed, is_expired);
        if (!is_expired(last)) {
          std::erase_if(missed, [&](const TimeDue& fire) { return fire.time == last.time; });
          Fire fire = make(last, missed.empty() ? FireReason::late : FireReason::merged);
          if (!missed.empty()) {
            fire.merged_count = missed.size();
            fire.first_missed = missed.front().time;
            NotedOutcome outcome;
            outcome.action = entry.id;
            outcome.outcome = Outcome::merged;
            outcome.first = missed.front().time;
            outcome.last = missed.back().time;
            outcome.count = missed.size();
            outcomes.push_back(text_of(outcome));
          }
          fires.push_back(fire);
        }
      }
      std::vector<TimeDue> expired;
      for (const TimeDue& timed : single) {
        if (is_expired(timed)) {
          expired.push_back(timed);
        } else {
          fires.push_back(make(timed, timed.due <= window.missed_until ? FireReason::late : FireReason::on_time));
        }
      }
      model_expired(outcomes, entry.id, expired);
    }
  }
  std::sort(fires.begin(), fires.end(),
            [](const Fire& a, const Fire& b) { return std::tie(a.due, a.action, a.time) < std::tie(b.due, b.action, b.time); });
  std::vector<std::string> list;
  for (const Fire& fire : fires) list.push_back(text_of(fire));
  list.insert(list.end(), outcomes.begin(), outcomes.end());
  return list;
}

}  // namespace action_scheduler::testing
