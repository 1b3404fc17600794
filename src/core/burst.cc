// Where the head of a burst ends.
#include <algorithm>

#include "action_scheduler/plan.h"

namespace action_scheduler {

std::optional<Position> head_of_burst(const ActionSet& actions, std::span<const TriggerId> triggers, const PlanWindow& window,
                                      Position cursor, std::size_t fires) {
  const bool nothing_missed = window.missed_until < window.from.instant && window.interruptions.empty();
  if (fires == 0 || !nothing_missed || window.planned_at > window.until || cursor.instant >= window.until) return std::nullopt;
  std::size_t all = 0;
  for (const TriggerId id : triggers) all += actions.has_trigger(id) ? actions.actions_of(id).size() : 0;
  if (all / 2 < fires) return std::nullopt;
  // Each one of so many tells well enough how the ids lie.
  constexpr std::size_t kSample = 1024;
  const std::size_t step = std::max<std::size_t>(1, fires / kSample);
  std::vector<ActionId> sample;
  sample.reserve(all / step + 1);
  std::size_t passed = 0;
  for (const TriggerId id : triggers) {
    if (!actions.has_trigger(id)) continue;
    const std::span<const ActionSet::Entry> entries = actions.actions_of(id);
    for (; passed < entries.size(); passed += step) sample.push_back(entries[passed].id);
    passed -= entries.size();
  }
  const auto last = sample.begin() + static_cast<std::ptrdiff_t>((fires - 1) / step);
  std::ranges::nth_element(sample, last);
  return Position{window.until, *last};
}

}  // namespace action_scheduler
