// Why a schedule does not fire.
#include <algorithm>
#include <array>
#include <bit>

#include "action_scheduler/describe.h"
#include "core/day_words.h"
#include "core/schedule_parts.h"
#include "core/words.h"

namespace action_scheduler {
namespace {

constexpr unsigned bit_of(DayField field) { return 1U << static_cast<unsigned>(field); }

// The fewest fields that no day matches all of; 0 if there are none.
unsigned conflicting_fields(const CalendarParts& parts) {
  std::vector<unsigned> sets;
  for (unsigned set = 1; set < 1U << kDayFields; ++set) sets.push_back(set);
  std::ranges::stable_sort(sets, {}, [](unsigned set) { return std::popcount(set); });
  const auto found = std::ranges::find_if(
      sets, [&](unsigned set) { return !days_matching(parts, set).next(kFirstInstant - Seconds{1}).has_value(); });
  return found == sets.end() ? 0 : *found;
}

// "February has no 30th or 31st", with "in 2027" for 29 February.
std::string lacking_days(const CalendarParts& parts, bool in_years) {
  std::vector<std::string> days;
  for (const int day : members_of(parts.days)) days.push_back(ordinal(day));
  const bool one = std::popcount(parts.months) == 1;
  std::string text = months_words(parts.months) + (one ? " has" : " have") + " no " + joined(days, " or ");
  if (in_years) {
    const bool one_year = parts.years.size() == 1 && parts.years.front().first == parts.years.front().last;
    text += one_year ? ' ' + years_words(parts.years) : " in any of its years";
  }
  return text;
}

std::string conflict_words(const CalendarParts& parts, unsigned fields) {
  const bool numbers_only = parts.nth_weekdays == 0 && !parts.last_day;
  const unsigned month_and_day = bit_of(DayField::month) | bit_of(DayField::day);
  if (numbers_only && (fields & ~bit_of(DayField::year)) == month_and_day) return lacking_days(parts, fields != month_and_day);
  std::vector<std::string> words;
  const auto add = [&](DayField field, const std::string& text) {
    if (fields & bit_of(field)) words.push_back(text);
  };
  add(DayField::day, "on " + days_of_month_words(parts) + " of a month");
  const bool one_weekday = std::popcount(parts.weekdays) == 1;
  add(DayField::day_of_week,
      one_weekday ? "on a " + weekday_name(std::countr_zero(parts.weekdays)) : "on " + weekday_noun(parts.weekdays));
  add(DayField::week, "in " + weeks_words(parts.weeks));
  add(DayField::month, "in " + months_words(parts.months));
  add(DayField::year, years_words(parts.years));
  return "no day is at once " + joined(words);
}

// Of a schedule that fires at some time or other, but not after some instant.
std::string ended(const ScheduleParts& parts, const Trigger& trigger, Instant last_fire, Instant after) {
  const std::string last = "; its last fire time was " + moment_words(last_fire, trigger.zone());
  if (parts.format == ScheduleParts::Format::date) return "its date has passed";
  if (parts.last && *parts.last <= after) return "its end_date has passed" + last;
  if (parts.last) return "none of its times lies between now and its end_date" + last;
  if (!parts.calendar.years.empty()) return "its years have passed" + last;
  return "its next time lies behind the year 9999" + last;
}

}  // namespace

std::optional<std::string> why_silent(const Trigger& trigger, Instant after) {
  if (trigger.next(after)) return std::nullopt;
  const ScheduleParts parts = parts_of(trigger);
  if (const auto last_fire = trigger.previous(kLastInstant + Seconds{1})) return ended(parts, trigger, *last_fire, after);
  if (parts.first && parts.last && *parts.first > *parts.last) return "its end_date lies before its start_date";
  if (parts.is_calendar()) {
    if (const unsigned fields = conflicting_fields(parts.calendar); fields != 0) return conflict_words(parts.calendar, fields);
  }
  if (parts.first && parts.last) return "none of its times lies between its start_date and its end_date";
  if (parts.last) return "none of its times lies before its end_date";
  if (parts.first) return "none of its times lies after its start_date";
  return "none of its times lies within the years 1 to 9999";
}

}  // namespace action_scheduler
