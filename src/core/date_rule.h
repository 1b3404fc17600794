// The format `date`.
#pragma once

#include "core/trigger_rule.h"

namespace action_scheduler {

// Fires once, at frame.first, which is frame.last too.
class DateRule final : public TriggerRule {
 public:
  using TriggerRule::TriggerRule;

  std::string canonical() const override;

 private:
  std::optional<Instant> at_or_after(Instant) const override { return frame().first; }
  std::optional<Instant> at_or_before(Instant) const override { return frame().first; }
  std::uint64_t count_within(Instant, Instant) const override { return 1; }
  bool has_schedule_of(const TriggerRule&) const override { return true; }
  std::size_t schedule_hash() const override { return 0; }
};

}  // namespace action_scheduler
