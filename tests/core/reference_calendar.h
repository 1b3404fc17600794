// A wall calendar made by counting days, for reference implementations. It shares no code with the core.
#pragma once

#include <cstdint>

namespace action_scheduler::testing {

struct CalendarDay {
  std::int16_t year;
  std::int8_t month;
  std::int8_t day;
  std::int8_t weekday;  // 0 is Monday
  std::int8_t iso_week;
  std::int8_t days_in_month;
};

// The years that it has, whole.
inline constexpr int kFirstCalendarYear = 0;
inline constexpr int kLastCalendarYear = 10000;

// The day that is `since_1970` days after 1970-01-01; throws outside of the years above.
const CalendarDay& calendar_day(std::int64_t since_1970);

// Days since 1970-01-01 of a date that exists.
std::int64_t days_since_1970(int year, int month, int day);

}  // namespace action_scheduler::testing
