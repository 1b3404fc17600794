// The calendar formats (`unix`, `apscheduler`): fields matched against a zone's clock, and what happens when its offset changes.
#pragma once

#include <string>

#include "core/calendar_fields.h"
#include "core/trigger_rule.h"

namespace action_scheduler {

// What a schedule does with the local times that an offset change skips or repeats.
enum class ClockChange : std::uint8_t {
  once,          // each local time fires once: at its first occurrence, or where the gap ends that skips it
  each_showing,  // like `once`, and again at each further occurrence
  elapsed_time,  // at each occurrence; a skipped time does not fire
};

// All 24 hours: elapsed_time. Else, repeating within the hour (its minute or second begins with `*`): each_showing. Else once.
ClockChange clock_change_of(const CalendarFields& fields, bool repeats_within_hour);

class CalendarRule final : public TriggerRule {
 public:
  // The frame's format is one of the two.
  CalendarRule(const TriggerFrame& frame, CalendarFields fields, ClockChange clock_change);

  std::string canonical() const override;

 private:
  std::optional<Instant> at_or_after(Instant from) const override;
  std::optional<Instant> at_or_before(Instant to) const override;
  std::uint64_t count_within(Instant from, Instant to) const override;
  bool has_schedule_of(const TriggerRule& other) const override;
  std::size_t schedule_hash() const override;

  std::optional<Instant> showing_at_or_after(Instant from) const;
  std::optional<Instant> showing_at_or_before(Instant to) const;

  [[no_unique_address]] CalendarFields fields_;  // what follows may use its padding
  ClockChange clock_change_;
};

}  // namespace action_scheduler
