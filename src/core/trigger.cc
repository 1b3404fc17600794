#include "action_scheduler/trigger.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "core/hash.h"
#include "core/search_steps.h"
#include "core/trigger_rule.h"

namespace action_scheduler {

bool operator==(const TriggerFrame& a, const TriggerFrame& b) {
  const bool same_zone = a.zone == b.zone || a.zone->name() == b.zone->name();
  return same_zone && a.first == b.first && a.last == b.last && a.jitter_s == b.jitter_s && a.format == b.format;
}

std::size_t TriggerRule::hash() const {
  std::size_t hash = mixed_hash(schedule_hash(), std::hash<std::string>()(frame_.zone->name()));
  hash = mixed_hash(hash, static_cast<std::uint64_t>(unix_seconds(frame_.first)));
  hash = mixed_hash(hash, static_cast<std::uint64_t>(unix_seconds(frame_.last)));
  return mixed_hash(hash, static_cast<std::uint64_t>(frame_.jitter_s) << 8 | static_cast<std::uint64_t>(frame_.format));
}

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
Seconds Trigger::jitter() const { return Seconds{rule_->frame().jitter_s}; }
const Zone& Trigger::zone() const { return *rule_->frame().zone; }
std::string Trigger::canonical() const { return rule_->canonical(); }
std::size_t Trigger::hash() const { return rule_->hash(); }
bool operator==(const Trigger& a, const Trigger& b) { return a.rule_ == b.rule_ || *a.rule_ == *b.rule_; }

}  // namespace action_scheduler
