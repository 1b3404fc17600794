#include "core/day_words.h"

#include <array>
#include <bit>
#include <vector>

#include "core/words.h"

namespace action_scheduler {
namespace {

constexpr std::uint64_t kMondayToFriday = 0x1F;
constexpr int kWeek = 7;
constexpr int kLastYear = 9999;

// The first day and the length of the run that the weekdays are, Sunday and Monday being neighbours; length 0 if they are not
// one.
struct Run {
  int first = 0;
  int length = 0;
};

Run run_of(std::uint64_t weekdays) {
  const int length = std::popcount(weekdays);
  for (int first = 0; first < kWeek; ++first) {
    std::uint64_t run = 0;
    for (int i = 0; i < length; ++i) run |= 1ULL << (first + i) % kWeek;
    if (run == weekdays) return {first, length};
  }
  return {};
}

std::string from_to(const Run& run) {
  return "from " + weekday_name(run.first) + " to " + weekday_name((run.first + run.length - 1) % kWeek);
}

// "on weekdays", "from Monday to Thursday", "every day except Sunday".
std::string on_weekdays(std::uint64_t weekdays) {
  const Run run = run_of(weekdays);
  if (weekdays == kMondayToFriday || run.length < 3) return "on " + weekday_noun(weekdays);
  if (run.length == kWeek - 1) return "every day except " + weekday_name((run.first + run.length) % kWeek);
  return from_to(run);
}

}  // namespace

std::string weekday_noun(std::uint64_t weekdays) {
  if (weekdays == kMondayToFriday) return "weekdays";
  const Run run = run_of(weekdays);
  if (run.length == kWeek - 1) return "days other than " + weekday_name((run.first + run.length) % kWeek) + 's';
  if (run.length >= 3) return "days " + from_to(run);
  std::vector<std::string> names;
  for (const int day : members_of(weekdays)) names.push_back(weekday_name(day) + 's');
  return joined(names);
}

std::string days_of_month_words(const CalendarParts& parts) {
  constexpr std::array<const char*, 6> kPositions = {"1st ", "2nd ", "3rd ", "4th ", "5th ", "last "};
  SetWords numbers = set_words(progressions_of(parts.days), "day", ordinal);
  std::vector<std::string> others;
  for (const int bit : members_of(parts.nth_weekdays)) {
    const auto index = static_cast<std::size_t>(bit);
    others.push_back(std::string("the ") + kPositions.at(index / 7) + weekday_name(bit % kWeek));
  }
  if (parts.last_day) others.emplace_back("the last day");
  std::vector<std::string> all;
  // "the 1st day", so that "the 1st, the 3rd Friday" is not taken for two Fridays.
  if (!numbers.plain.empty()) all.push_back("the " + joined(numbers.plain) + (others.empty() ? "" : " day"));
  all.insert(all.end(), others.begin(), others.end());
  for (std::string& stepped : numbers.stepped) {
    // "every 2nd day from 1st to 31st" wants its articles.
    const std::size_t from = stepped.find(" from ") + 6;
    stepped.insert(stepped.find(" to ") + 4, "the ");
    stepped.insert(from, "the ");
    all.push_back(stepped);
  }
  return joined(all);
}

std::string months_words(std::uint64_t months) {
  SetWords words = set_words(progressions_of(months), "month", month_name);
  words.plain.insert(words.plain.end(), words.stepped.begin(), words.stepped.end());
  return joined(words.plain);
}

std::string weeks_words(std::uint64_t weeks) {
  const std::string words = numbered(progressions_of(weeks), "week");
  // "week 53", "weeks 1 to 3", "every 2nd week from 1 to 53": the first is the ISO week, and with it the others.
  const std::size_t week = words.find("week");
  return words.substr(0, week) + "ISO " + words.substr(week);
}

std::string years_words(const std::vector<NumberRange>& years) {
  if (years.size() == 1 && years.front().step == 1 && years.front().last == kLastYear && years.front().first < kLastYear) {
    return "from " + std::to_string(years.front().first) + " on";
  }
  SetWords words = set_words(years, "year", [](int year) { return std::to_string(year); });
  words.plain.insert(words.plain.end(), words.stepped.begin(), words.stepped.end());
  return "in " + joined(words.plain);
}

std::string day_words(const CalendarParts& parts) {
  const std::string of_months = parts.restricts_months() ? months_words(parts.months) : "every month";
  const std::string in_months = parts.restricts_months() ? " in " + of_months : "";
  std::string text;
  if (parts.restricts_days() && parts.restricts_weekdays()) {
    const std::string days = days_of_month_words(parts) + " of " + of_months;
    const std::string weekdays = weekday_noun(parts.weekdays);
    if (parts.either_day) {
      const bool one_month = std::popcount(parts.months) == 1;
      text = "on " + days + " and on " + weekdays;
      if (parts.restricts_months()) text += one_month ? in_months : " in the same months";
    } else {
      text = "on " + weekdays + " that fall on " + days;
    }
  } else if (parts.restricts_days()) {
    text = "on " + days_of_month_words(parts) + " of " + of_months;
  } else if (parts.restricts_weekdays()) {
    text = on_weekdays(parts.weekdays) + in_months;
  } else if (parts.restricts_months()) {
    text = "every day" + in_months;
  }
  if (parts.restricts_weeks()) text += (text.empty() ? "every day in " : ", only in ") + weeks_words(parts.weeks);
  return text;
}

}  // namespace action_scheduler
