#include "core/calendar_fields.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <tuple>
#include <utility>

#include "core/calendar_years.h"
#include "core/hash.h"
#include "core/search_steps.h"

namespace action_scheduler {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr int kDay = 86400;
constexpr std::int64_t kNoDay = std::numeric_limits<std::int64_t>::max();

struct DayAndTime {
  std::int64_t day;  // since 1970-01-01
  int time;          // second of the day
};

DayAndTime split(LocalSecond t) {
  const std::int64_t day = (t >= 0 ? t : t - (kDay - 1)) / kDay;
  return {day, static_cast<int>(t - day * kDay)};
}

year_month_day date_of(std::int64_t day) { return year_month_day{sys_days{days{day}}}; }

unsigned number(std::chrono::month month) { return static_cast<unsigned>(month); }
unsigned number(std::chrono::day day) { return static_cast<unsigned>(day); }

// 0 is Monday.
unsigned weekday_of(std::int64_t day) { return static_cast<unsigned>((day + 700'000 * 7 + 3) % 7); }

// Bits below and above `bit` (0-63), itself included.
constexpr std::uint64_t up_to(int bit) { return ~0ULL >> (63 - bit); }
constexpr std::uint64_t from(int bit) { return ~0ULL << bit; }

int lowest(std::uint64_t mask) { return std::countr_zero(mask); }
int highest(std::uint64_t mask) { return 63 - std::countl_zero(mask); }

using YearRanges = std::vector<YearRange>;

YearRanges::const_iterator range_ending_at_or_after(const YearRanges& ranges, int year) {
  return std::partition_point(ranges.begin(), ranges.end(), [year](const YearRange& range) {
    search_step();
    return range.last < year;
  });
}

YearRanges::const_iterator range_starting_after(const YearRanges& ranges, int year) {
  return std::partition_point(ranges.begin(), ranges.end(), [year](const YearRange& range) {
    search_step();
    return range.first <= year;
  });
}

}  // namespace

bool operator==(const CalendarMasks& a, const CalendarMasks& b) {
  const auto fields = [](const CalendarMasks& masks) {
    return std::tie(masks.seconds, masks.minutes, masks.nth_weekdays, masks.weeks, masks.hours, masks.days, masks.months,
                    masks.first_year, masks.last_year, masks.weekdays, masks.last_day, masks.either_day);
  };
  const bool same_years = a.years && b.years ? *a.years == *b.years : a.years == b.years;
  return same_years && fields(a) == fields(b);
}

std::size_t CalendarMasks::hash() const {
  std::size_t hash = 0;
  for (const std::uint64_t field : {seconds, minutes, nth_weekdays, weeks, std::uint64_t{hours}, std::uint64_t{days},
                                    std::uint64_t{months}, std::uint64_t{weekdays}, std::uint64_t{last_day}}) {
    hash = mixed_hash(hash, field);
  }
  if (years) {
    for (const YearRange& range : *years) {
      for (const int number : {range.first, range.last, range.step}) hash = mixed_hash(hash, static_cast<std::uint64_t>(number));
    }
  }
  return hash;
}

struct CalendarFields::Month {
  Month(int year_number, unsigned month_number)
      : Month(year_number, month_number,
              sys_days{std::chrono::year{year_number} / std::chrono::month{month_number} / 1}.time_since_epoch().count()) {}
  Month(int year_number, unsigned month_number, std::int64_t first_day)
      : year(year_number),
        month(month_number),
        start(first_day),
        length(month_number == 2 ? (is_leap_year(year_number) ? 29U : 28U) : 30U + ((month_number + (month_number >> 3)) & 1)) {}

  int year;
  unsigned month;
  std::int64_t start;  // its first day
  unsigned length;     // in days
};

CalendarFields::CalendarFields(CalendarMasks masks) : masks_(std::move(masks)) {
  for (unsigned type = 0; type < kYearTypes; ++type) {
    for (std::uint32_t months = masks_.months; months != 0; months &= months - 1) {
      if (matching_days(Month(kYearTypeTable.example[type], static_cast<unsigned>(lowest(months)))) != 0) {
        year_types_ = static_cast<std::uint16_t>(year_types_ | 1U << type);
        break;
      }
    }
  }
}

int CalendarFields::first_time() const {
  return (lowest(masks_.hours) * 60 + lowest(masks_.minutes)) * 60 + lowest(masks_.seconds);
}

int CalendarFields::last_time() const {
  return (highest(masks_.hours) * 60 + highest(masks_.minutes)) * 60 + highest(masks_.seconds);
}

// Bit d - 1 for each day d of the month that matches; whether its year and month match is not asked.
std::uint32_t CalendarFields::matching_days(const Month& month) const {
  search_step();
  // The weekdays five times over, moved so that bit 0 is the weekday of the first.
  constexpr std::uint64_t kFiveWeeks = 1 | 1ULL << 7 | 1ULL << 14 | 1ULL << 21 | 1ULL << 28 | 1ULL << 35;
  const std::uint32_t all = static_cast<std::uint32_t>(up_to(static_cast<int>(month.length) - 1));
  const auto by_weekday = static_cast<std::uint32_t>(masks_.weekdays * kFiveWeeks >> weekday_of(month.start));
  std::uint32_t by_day = masks_.days >> 1;
  if (masks_.last_day) by_day |= 1U << (month.length - 1);
  if (masks_.nth_weekdays != 0) by_day |= nth_days(month);
  const std::uint32_t days = (masks_.either_day ? by_day | by_weekday : by_day & by_weekday) & all;
  return masks_.weeks == kAllWeeks || days == 0 ? days : days & days_of_weeks(month);
}

std::uint32_t CalendarFields::nth_days(const Month& month) const {
  const unsigned first_weekday = weekday_of(month.start);
  std::uint32_t days = 0;
  for (std::uint64_t rest = masks_.nth_weekdays; rest != 0; rest &= rest - 1) {
    const auto bit = static_cast<unsigned>(lowest(rest));
    const unsigned first = (bit % 7 + 7 - first_weekday) % 7;  // index of the first such weekday
    const unsigned nth = bit / 7 == 5 ? (month.length - 1 - first) / 7 : bit / 7;
    const unsigned day = first + 7 * nth;
    if (day < month.length) days |= 1U << day;
  }
  return days;
}

// An ISO week belongs to the year that holds its Thursday, and is counted by Thursdays.
std::uint32_t CalendarFields::days_of_weeks(const Month& month) const {
  std::uint32_t days = 0;
  const auto length = static_cast<std::int64_t>(month.length);
  for (std::int64_t monday = -static_cast<std::int64_t>(weekday_of(month.start)); monday < length; monday += 7) {
    const std::int64_t thursday = month.start + monday + 3;
    const std::int64_t new_year = sys_days{date_of(thursday).year() / 1 / 1}.time_since_epoch().count();
    const auto week = static_cast<int>((thursday - new_year) / 7 + 1);
    if ((masks_.weeks >> week & 1) == 0) continue;
    const std::int64_t first = std::max<std::int64_t>(monday, 0);
    const std::int64_t last = std::min<std::int64_t>(monday + 6, length - 1);
    days |= static_cast<std::uint32_t>(up_to(static_cast<int>(last)) & from(static_cast<int>(first)));
  }
  return days;
}

bool CalendarFields::has_year(int year) const {
  if (year < masks_.first_year || year > masks_.last_year) return false;
  if (!masks_.years) return true;
  const auto range = range_ending_at_or_after(*masks_.years, year);
  return range != masks_.years->end() && year >= range->first && (year - range->first) % range->step == 0;
}

// The first year at or after `year` that matches and has a matching day; beyond last_year if there is none.
int CalendarFields::year_at_or_after(int year) const {
  const int none = masks_.last_year + 1;
  if (year_types_ == 0) return none;
  year = std::max<int>(year, masks_.first_year);
  if (!masks_.years) return year <= masks_.last_year ? near_year_of_type_at_or_after(year, year_types_) : none;
  while (year <= masks_.last_year) {
    search_step();
    const auto range = range_ending_at_or_after(*masks_.years, year);
    if (range == masks_.years->end()) return none;
    if (year <= range->first) {
      year = range->first;
    } else {
      year = range->first + (year - range->first + range->step - 1) / range->step * range->step;
    }
    const int found = year_of_type_at_or_after(year, year_types_);
    if (found == year) return found;
    year = found;
  }
  return none;
}

// The last year at or before `year` that matches and has a matching day; before first_year if there is none.
int CalendarFields::year_at_or_before(int year) const {
  const int none = masks_.first_year - 1;
  if (year_types_ == 0) return none;
  year = std::min<int>(year, masks_.last_year);
  while (year >= masks_.first_year) {
    search_step();
    if (masks_.years) {
      const auto beyond = range_starting_after(*masks_.years, year);
      if (beyond == masks_.years->begin()) return none;
      const YearRange& range = *(beyond - 1);
      year = std::min(year, range.last);
      year -= (year - range.first) % range.step;
    }
    const int found = year_of_type_at_or_before(year, year_types_);
    if (found == year || !masks_.years) return found;
    year = found;
  }
  return none;
}

// The first matching day after the end of a month, else kNoDay.
std::int64_t CalendarFields::first_day_after(int year, unsigned month) const {
  std::uint32_t months = has_year(year) ? masks_.months & static_cast<std::uint32_t>(from(static_cast<int>(month) + 1)) : 0;
  while (true) {
    for (; months != 0; months &= months - 1) {
      const Month candidate(year, static_cast<unsigned>(lowest(months)));
      if (const std::uint32_t days = matching_days(candidate); days != 0) return candidate.start + lowest(days);
    }
    year = year_at_or_after(year + 1);
    if (year > masks_.last_year) return kNoDay;
    months = masks_.months;
  }
}

// The last matching day before the start of a month, else kNoDay.
std::int64_t CalendarFields::last_day_before(int year, unsigned month) const {
  std::uint32_t months = has_year(year) ? masks_.months & static_cast<std::uint32_t>(up_to(static_cast<int>(month) - 1)) : 0;
  while (true) {
    while (months != 0) {
      const Month candidate(year, static_cast<unsigned>(highest(months)));
      if (const std::uint32_t days = matching_days(candidate); days != 0) return candidate.start + highest(days);
      months ^= 1U << candidate.month;
    }
    year = year_at_or_before(year - 1);
    if (year < masks_.first_year) return kNoDay;
    months = masks_.months;
  }
}

// The least matching second of the day at or after this one, else -1.
int CalendarFields::time_at_or_after(int second_of_day) const {
  const int hour = second_of_day / 3600;
  const int minute = second_of_day / 60 % 60;
  if (masks_.hours >> hour & 1) {
    if (masks_.minutes >> minute & 1) {
      const std::uint64_t seconds = masks_.seconds & from(second_of_day % 60);
      if (seconds != 0) return second_of_day - second_of_day % 60 + lowest(seconds);
    }
    const std::uint64_t minutes = masks_.minutes & from(minute + 1);
    if (minutes != 0) return (hour * 60 + lowest(minutes)) * 60 + lowest(masks_.seconds);
  }
  const std::uint64_t hours = masks_.hours & from(hour + 1);
  return hours != 0 ? (lowest(hours) * 60 + lowest(masks_.minutes)) * 60 + lowest(masks_.seconds) : -1;
}

// The greatest matching second of the day at or before this one, else -1.
int CalendarFields::time_at_or_before(int second_of_day) const {
  const int hour = second_of_day / 3600;
  const int minute = second_of_day / 60 % 60;
  if (masks_.hours >> hour & 1) {
    if (masks_.minutes >> minute & 1) {
      const std::uint64_t seconds = masks_.seconds & up_to(second_of_day % 60);
      if (seconds != 0) return second_of_day - second_of_day % 60 + highest(seconds);
    }
    const std::uint64_t minutes = masks_.minutes & ~from(minute);
    if (minutes != 0) return (hour * 60 + highest(minutes)) * 60 + highest(masks_.seconds);
  }
  const std::uint64_t hours = masks_.hours & ~from(hour);
  return hours != 0 ? (highest(hours) * 60 + highest(masks_.minutes)) * 60 + highest(masks_.seconds) : -1;
}

LocalSecond CalendarFields::at_or_after(LocalSecond start) const {
  if (year_types_ == 0) return kNoneLater;
  auto [day, second_of_day] = split(start);
  int time = time_at_or_after(second_of_day);
  if (time < 0) {  // too late for this day, whether it matches or not
    ++day;
    time = first_time();
  }
  const year_month_day date = date_of(day);
  const int year = static_cast<int>(date.year());
  if ((masks_.months >> number(date.month()) & 1) && has_year(year)) {
    const unsigned index = number(date.day()) - 1;
    const std::uint32_t days = matching_days(Month(year, number(date.month()), day - index)) >> index;
    if (days & 1) return day * kDay + time;
    if (days != 0) return (day + lowest(days)) * kDay + first_time();
  }
  const std::int64_t found = first_day_after(year, number(date.month()));
  return found == kNoDay ? kNoneLater : found * kDay + first_time();
}

LocalSecond CalendarFields::at_or_before(LocalSecond end) const {
  if (year_types_ == 0) return kNoneEarlier;
  const auto [day, time] = split(end);
  const year_month_day date = date_of(day);
  const int year = static_cast<int>(date.year());
  if ((masks_.months >> number(date.month()) & 1) && has_year(year)) {
    const unsigned index = number(date.day()) - 1;
    const Month month(year, number(date.month()), day - index);
    const std::uint32_t days = matching_days(month);
    if (days >> index & 1) {
      const int found = time_at_or_before(time);
      if (found >= 0) return day * kDay + found;
    }
    const std::uint32_t earlier = days & ((1U << index) - 1);
    if (earlier != 0) return (month.start + highest(earlier)) * kDay + last_time();
  }
  const std::int64_t found = last_day_before(year, number(date.month()));
  return found == kNoDay ? kNoneEarlier : found * kDay + last_time();
}

// How many matching times of a day lie before this one (0 to 86400).
std::uint64_t CalendarFields::times_before(int second_of_day) const {
  const int hour = second_of_day / 3600;
  const int minute = second_of_day / 60 % 60;
  const auto seconds = std::popcount(masks_.seconds);
  auto count = std::popcount(masks_.hours & ~from(hour)) * std::popcount(masks_.minutes) * seconds;
  if (masks_.hours >> hour & 1) {
    count += std::popcount(masks_.minutes & ~from(minute)) * seconds;
    if (masks_.minutes >> minute & 1) count += std::popcount(masks_.seconds & ~from(second_of_day % 60));
  }
  return static_cast<std::uint64_t>(count);
}

std::uint64_t CalendarFields::count_days(std::int64_t first, std::int64_t last) const {
  std::uint64_t count = 0;
  const year_month_day date = date_of(first);
  int year = static_cast<int>(date.year());
  std::uint32_t months =
      has_year(year) ? masks_.months & static_cast<std::uint32_t>(from(static_cast<int>(number(date.month())))) : 0;
  while (true) {
    for (; months != 0; months &= months - 1) {
      const Month month(year, static_cast<unsigned>(lowest(months)));
      if (month.start > last) return count;
      std::uint64_t days = matching_days(month);
      if (first > month.start) days &= from(static_cast<int>(first - month.start));
      if (last < month.start + static_cast<std::int64_t>(month.length)) days &= up_to(static_cast<int>(last - month.start));
      count += static_cast<std::uint64_t>(std::popcount(days));
    }
    year = year_at_or_after(year + 1);
    if (year > masks_.last_year) return count;
    months = masks_.months;
  }
}

std::uint64_t CalendarFields::count(LocalSecond start, LocalSecond end) const {
  if (end < start) return 0;
  const auto [first_day, first_time] = split(start);
  const auto [last_day, last_time] = split(end);
  const std::uint64_t times_per_day = times_before(kDay);
  std::uint64_t count = count_days(first_day, last_day) * times_per_day;
  if (count_days(first_day, first_day) != 0) count -= times_before(first_time);
  if (count_days(last_day, last_day) != 0) count -= times_per_day - times_before(last_time + 1);
  return count;
}

}  // namespace action_scheduler
