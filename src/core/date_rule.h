// The format `date`.
#pragma once

#include "core/trigger_rule.h"

namespace action_scheduler {

// Fires once, at frame.first, which is frame.last too.
class DateRule final : public TriggerRule {
 public:
  using TriggerRule::TriggerRule;

 private:
  std::optional<Instant> at_or_after(Instant) const override { return frame().first; }
  std::optional<Instant> at_or_before(Instant) const override { return frame().first; }
  std::uint64_t count_within(Instant, Instant) const override { return 1; }
};

}  // namespace action_scheduler
