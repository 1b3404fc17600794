// Small worlds for tests of planning: actions, a window, and a model that walks every second.
#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "action_scheduler/plan.h"
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {

// 2026-11-21T10:00:00Z plus `s`.
inline Instant second(std::int64_t s) { return instant_from_unix(1795255200 + s); }
inline std::int64_t seconds_of(Instant t) { return unix_seconds(t) - 1795255200; }
inline constexpr ActionId kWhole = Position::kWholeInstant;

// Fires at second(0) and every `period` seconds before and after.
inline Trigger every(std::int64_t period_s, std::int64_t jitter_s = 0) {
  return trigger_of(cron_of("interval", "\"seconds\":" + std::to_string(period_s) +
                                            ",\"start_date\":\"2026-11-01T10:00:00Z\",\"jitter\":" + std::to_string(jitter_s)));
}

inline Action planned_action(ActionId id, Trigger trigger, MissedPolicy policy = {}) {
  return {id, ActionText({"name", "command", {}, {}, {}}), policy, std::move(trigger)};
}

inline std::vector<TriggerId> all_triggers(const ActionSet& actions) {
  std::vector<TriggerId> ids;
  for (TriggerId id = 0; id < actions.trigger_limit(); ++id) ids.push_back(id);
  return ids;
}

// "1@60", "1@60 late", "1@60 merged 3 from 10": seconds after second(0).
std::string text_of(const Fire& fire);
// "1 expired 10-60 x3".
std::string text_of(const NotedOutcome& outcome);
std::vector<std::string> texts(const Plan& plan);

// How many fire times of each action ended in which way.
using Tally = std::map<std::pair<ActionId, Outcome>, std::uint64_t>;
void add(Tally& tally, const Plan& plan);

// A set of actions with exceptions that `seed` decides; all that fires lies between second(-100) and second(200).
struct RandomActions {
  explicit RandomActions(std::mt19937& random);

  ActionSet actions;
  ExceptionSet exceptions;
};

Position random_position(std::mt19937& random, Instant from, Instant until);

// What plan_between(window.from, window.end()) should give for a window without interruptions, by walking every fire time.
std::vector<std::string> modelled(const ActionSet& actions, const PlanWindow& window, const ExceptionSet& exceptions);

}  // namespace action_scheduler::testing
