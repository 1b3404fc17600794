// The fields of a calendar schedule as bit masks, and the search for matching local times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace action_scheduler {

// Local time without a zone: seconds since 1970-01-01T00:00:00 on the clock on the wall.
using LocalSecond = std::int64_t;
inline constexpr LocalSecond kNoneLater = std::numeric_limits<LocalSecond>::max();
inline constexpr LocalSecond kNoneEarlier = std::numeric_limits<LocalSecond>::min();

// first, first + step, ... to last, which is one of them.
struct YearRange {
  int first;
  int last;
  int step;

  friend bool operator==(const YearRange&, const YearRange&) = default;
};

// Bit v of a mask is set when the field matches the value v.
struct CalendarMasks {
  std::uint64_t seconds = 0;
  std::uint64_t minutes = 0;
  std::uint64_t nth_weekdays = 0;  // bit 7 * n + w: the (n + 1)th weekday w of the month, n = 5 for the last; w = 0 is Monday
  std::uint64_t weeks = 0;         // ISO weeks 1-53
  // Only these years match, ascending, none begins before another has ended; null: all of them. Behind a pointer because few
  // schedules name years.
  std::unique_ptr<const std::vector<YearRange>> years;
  std::uint32_t hours = 0;
  std::uint32_t days = 0;       // 1-31
  std::uint16_t months = 0;     // 1-12
  std::int16_t first_year = 0;  // years outside of first_year..last_year do not match
  std::int16_t last_year = 10000;
  std::uint8_t weekdays = 0;  // bit 0 is Monday
  bool last_day = false;      // the month's last day, whatever its number
  bool either_day = false;    // a day matches when the days or the weekdays match, not only when both do

  friend bool operator==(const CalendarMasks& a, const CalendarMasks& b);
  std::size_t hash() const;
};

inline constexpr std::uint64_t kAll60 = (1ULL << 60) - 1;
inline constexpr std::uint32_t kAllHours = (1U << 24) - 1;
inline constexpr std::uint32_t kAllDays = 0xFFFFFFFEU;
inline constexpr std::uint16_t kAllMonths = 0x1FFE;
inline constexpr std::uint64_t kAllWeeks = ((1ULL << 54) - 1) & ~1ULL;
inline constexpr std::uint8_t kAllWeekdays = 0x7F;

// Which local times match. Immutable. Arguments lie within the years 0 to 10000. Months are searched, never days or seconds; a
// year without a matching day is skipped by what it shares with other years: the weekday on which it begins and its length.
class CalendarFields {
 public:
  // The masks of seconds, minutes and hours are not empty.
  explicit CalendarFields(CalendarMasks masks);

  // The least matching local time at or after `from`, else kNoneLater.
  LocalSecond at_or_after(LocalSecond from) const;

  // The greatest matching local time at or before `to`, else kNoneEarlier.
  LocalSecond at_or_before(LocalSecond to) const;

  // How many matching local times lie in [from, to]; 0 if to < from.
  std::uint64_t count(LocalSecond from, LocalSecond to) const;

  bool every_hour() const { return masks_.hours == kAllHours; }
  const CalendarMasks& masks() const { return masks_; }

 private:
  struct Month;

  std::uint32_t matching_days(const Month& month) const;
  std::uint32_t days_of_weeks(const Month& month) const;
  std::uint32_t nth_days(const Month& month) const;
  bool has_year(int year) const;
  int year_at_or_after(int year) const;
  int year_at_or_before(int year) const;
  std::int64_t first_day_after(int year, unsigned month) const;
  std::int64_t last_day_before(int year, unsigned month) const;
  std::uint64_t count_days(std::int64_t first, std::int64_t last) const;
  int time_at_or_after(int second_of_day) const;
  int time_at_or_before(int second_of_day) const;
  std::uint64_t times_before(int second_of_day) const;
  int first_time() const;
  int last_time() const;

  [[no_unique_address]] CalendarMasks masks_;  // what follows may use its padding
  std::uint16_t year_types_ = 0;               // the types of year that have a matching day
};

}  // namespace action_scheduler
