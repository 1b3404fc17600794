// What a trigger is made of, read back from its canonical text, so that words about schedules do not depend on how triggers store
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "action_scheduler/time.h"
#include "action_scheduler/trigger.h"

namespace action_scheduler {

// first, first + step, ... up to last, which is one of them.
struct NumberRange {
  int first;
  int last;
  int step;
};

// The fields of a calendar schedule. Bit v of a set stands for the value v.
struct CalendarParts {
  std::uint64_t seconds = 0;
  std::uint64_t minutes = 0;
  std::uint64_t hours = 0;
  std::uint64_t days = 0;          // 1-31
  std::uint64_t nth_weekdays = 0;  // bit 7 * n + w: the (n + 1)th weekday w of the month, n = 5 for the last; w = 0 is Monday
  bool last_day = false;
  std::uint64_t months = 0;        // 1-12
  std::uint64_t weeks = 0;         // ISO weeks 1-53
  std::uint64_t weekdays = 0;      // bit 0 is Monday
  std::vector<NumberRange> years;  // empty: all
  bool either_day = false;         // a day matches when the days or the weekdays match
  bool repeats_within_hour = false;

  bool restricts_days() const;
  bool restricts_weekdays() const;
  bool restricts_months() const;
  bool restricts_weeks() const;
  bool every_hour() const;
};

struct ScheduleParts {
  enum class Format { unix, apscheduler, interval, date };

  Format format;
  CalendarParts calendar;        // of the calendar formats
  Seconds period{0};             // of an interval
  std::optional<Instant> first;  // start_date, what an interval counts from, the date
  std::optional<Instant> last;   // end_date

  bool is_calendar() const { return format == Format::unix || format == Format::apscheduler; }
};

ScheduleParts parts_of(const Trigger& trigger);

// The set bits of least..greatest as few arithmetic progressions.
std::vector<NumberRange> progressions_of(std::uint64_t bits);

// The set bits, ascending.
std::vector<int> members_of(std::uint64_t bits);

// The fields that say on which days a schedule fires.
enum class DayField : unsigned { year, month, day, week, day_of_week };
inline constexpr unsigned kDayFields = 5;

// A schedule of the same local times in UTC, without bounds and jitter: its fire times are the local times of the calendar
// schedule, read as if they were UTC.
Trigger local_times(const Trigger& trigger);

// One that fires at 00:00 in UTC of the days that match those fields of `parts` alone whose bit is set in `fields`.
Trigger days_matching(const CalendarParts& parts, unsigned fields);

}  // namespace action_scheduler
