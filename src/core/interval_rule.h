// The format `interval`.
#pragma once

#include <string>

#include "core/trigger_rule.h"

namespace action_scheduler {

// Fires at frame.first and every `period` (at least a second) from there, whatever the zone's clock does.
class IntervalRule final : public TriggerRule {
 public:
  IntervalRule(const TriggerFrame& frame, Seconds period);

  std::string canonical() const override;

 private:
  std::optional<Instant> at_or_after(Instant from) const override;
  std::optional<Instant> at_or_before(Instant to) const override;
  std::uint64_t count_within(Instant from, Instant to) const override;
  bool has_schedule_of(const TriggerRule& other) const override;
  std::size_t schedule_hash() const override;

  Seconds period_;
};

}  // namespace action_scheduler
