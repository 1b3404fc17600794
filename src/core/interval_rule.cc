#include "core/interval_rule.h"

#include <utility>

namespace action_scheduler {

IntervalRule::IntervalRule(TriggerFrame frame, std::string canonical, Seconds period)
    : TriggerRule(frame, std::move(canonical)), period_(period) {}

std::optional<Instant> IntervalRule::at_or_after(Instant from) const {
  const Seconds since = from - frame().first + period_ - Seconds{1};
  return frame().first + since / period_ * period_;
}

std::optional<Instant> IntervalRule::at_or_before(Instant to) const {
  return frame().first + (to - frame().first) / period_ * period_;
}

std::uint64_t IntervalRule::count_within(Instant from, Instant to) const {
  const Instant first = *at_or_after(from);
  return first > to ? 0 : static_cast<std::uint64_t>((to - first) / period_) + 1;
}

}  // namespace action_scheduler
