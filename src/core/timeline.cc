#include "action_scheduler/timeline.h"

namespace action_scheduler {

void Timeline::set(TriggerId id, std::optional<Instant> due) {
  if (id >= due_by_trigger_.size()) due_by_trigger_.resize(id + 1);
  std::optional<Instant>& known = due_by_trigger_[id];
  if (known == due) return;
  if (known) order_.erase({*known, id});
  if (due) order_.emplace(*due, id);
  known = due;
}

std::optional<Instant> Timeline::next_due() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

std::vector<TriggerId> Timeline::due(Instant now) const {
  std::vector<TriggerId> ids;
  for (const auto& [instant, id] : order_) {
    if (instant > now) break;
    ids.push_back(id);
  }
  return ids;
}

std::optional<Instant> next_due(const ActionSet& actions, TriggerId id, Instant after) {
  if (!actions.has_trigger(id)) return std::nullopt;
  const Trigger& trigger = actions.trigger(id);
  const Seconds jitter = trigger.jitter();
  if (jitter == Seconds{0}) return trigger.next(after);

  std::optional<Instant> earliest;
  for (const ActionSet::Entry& entry : actions.actions_of(id)) {
    // A fire time further back than the jitter is due by `after`; one at or behind the best found cannot be earlier.
    auto time = trigger.next(std::max(after - jitter, entry.action->counts_from()));
    for (; time && (!earliest || *time < *earliest); time = trigger.next(*time)) {
      const Instant due = due_instant(entry.id, *time, jitter);
      if (due <= after) continue;
      if (!earliest || due < *earliest) earliest = due;
    }
  }
  return earliest;
}

}  // namespace action_scheduler
