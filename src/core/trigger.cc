#include "action_scheduler/trigger.h"

#include <algorithm>
#include <utility>

#include "core/search_steps.h"
#include "core/trigger_rule.h"

namespace action_scheduler {

std::optional<Instant> TriggerRule::next(Instant after) const {
  search_step();
  if (after >= frame_.last) return std::nullopt;
  const Instant from = std::max(after + Seconds{1}, frame_.first);
  if (from > frame_.last) return std::nullopt;
  const std::optional<Instant> found = at_or_after(from);
  return found && *found <= frame_.last ? found : std::nullopt;
}

std::optional<Instant> TriggerRule::previous(Instant before) const {
  search_step();
  if (before <= frame_.first) return std::nullopt;
  const Instant to = std::min(before - Seconds{1}, frame_.last);
  if (to < frame_.first) return std::nullopt;
  const std::optional<Instant> found = at_or_before(to);
  return found && *found >= frame_.first ? found : std::nullopt;
}

std::uint64_t TriggerRule::count(Instant after, Instant until) const {
  search_step();
  if (until <= after) return 0;
  const Instant from = std::max(after + Seconds{1}, frame_.first);
  const Instant to = std::min(until, frame_.last);
  return from <= to ? count_within(from, to) : 0;
}

Trigger::Trigger(std::shared_ptr<const TriggerRule> rule) : rule_(std::move(rule)) {}

std::optional<Instant> Trigger::next(Instant after) const { return rule_->next(after); }
std::optional<Instant> Trigger::previous(Instant before) const { return rule_->previous(before); }
std::uint64_t Trigger::count(Instant after, Instant until) const { return rule_->count(after, until); }
Seconds Trigger::jitter() const { return rule_->frame().jitter; }
const Zone& Trigger::zone() const { return *rule_->frame().zone; }
const std::string& Trigger::canonical() const { return rule_->canonical(); }

}  // namespace action_scheduler
