#include "core/interval_rule.h"

#include "core/cron_params.h"

namespace action_scheduler {

IntervalRule::IntervalRule(const TriggerFrame& frame, Seconds period) : TriggerRule(frame), period_(period) {}

std::string IntervalRule::canonical() const {
  std::string text = R"({"format":"interval","params":{"seconds":)" + std::to_string(period_.count());
  // For the other formats the first instant is as good as none; here it is not what stands in for none.
  if (frame().first == kFirstInstant) text += ",\"start_date\":\"" + format_utc(kFirstInstant) + '"';
  return text + frame_members(frame()) + "}}";
}

bool IntervalRule::has_schedule_of(const TriggerRule& other) const {
  return period_ == static_cast<const IntervalRule&>(other).period_;
}

std::size_t IntervalRule::schedule_hash() const { return static_cast<std::size_t>(period_.count()); }

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
