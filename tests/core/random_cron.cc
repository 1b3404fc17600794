#include "tests/core/random_cron.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <set>
#include <vector>

#include "tests/core/reference_calendar.h"

namespace action_scheduler::testing {
namespace {

using Names = std::vector<std::string>;

struct Bounds {
  int least;
  int greatest;
  Names names = {};
  int first_name = 0;
};

const Names kMonths = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
const Names kFromSunday = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
const Names kFromMonday = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

int pick_int(Random& random, int least, int greatest) { return static_cast<int>(pick(random, least, greatest)); }

const std::string& one_of(Random& random, const Names& names) { return names[random() % names.size()]; }

std::string any_case(Random& random, std::string word) {
  for (char& c : word) {
    if (chance(random, 30)) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return word;
}

bool has_name(const Bounds& bounds, int value) {
  return value >= bounds.first_name && value - bounds.first_name < static_cast<int>(bounds.names.size());
}

std::string name_of(Random& random, const Bounds& bounds, int value) {
  return any_case(random, bounds.names[static_cast<std::size_t>(value - bounds.first_name)]);
}

std::string value_text(Random& random, const Bounds& bounds, int value) {
  if (has_name(bounds, value) && chance(random, 40)) return name_of(random, bounds, value);
  return (value < 10 && chance(random, 10) ? "0" : "") + std::to_string(value);
}

// One element of a list, of those that both formats have or of apscheduler's `a/c`.
std::string random_item(Random& random, const Bounds& bounds, bool apscheduler) {
  const int kind = pick_int(random, 0, apscheduler ? 5 : 4);
  const int a = pick_int(random, bounds.least, bounds.greatest);
  if (kind == 0) return "*/" + std::to_string(pick(random, 1, std::min(bounds.greatest - bounds.least, 20)));
  if (kind <= 2 || a == bounds.greatest) return value_text(random, bounds, a);
  if (kind == 5) return std::to_string(a) + '/' + std::to_string(pick(random, 1, bounds.greatest - a));
  const int b = pick_int(random, a + 1, bounds.greatest);
  const std::string step = kind == 4 ? '/' + std::to_string(pick(random, 1, b - a)) : "";
  if (!apscheduler) return value_text(random, bounds, a) + '-' + value_text(random, bounds, b) + step;
  // There names and numbers do not mix, and names take no step.
  const bool names = step.empty() && !bounds.names.empty() && chance(random, 50);
  return names ? name_of(random, bounds, a) + '-' + name_of(random, bounds, b)
               : std::to_string(a) + '-' + std::to_string(b) + step;
}

std::string random_field(Random& random, const Bounds& bounds, bool apscheduler, int star_percent) {
  if (chance(random, star_percent)) return "*";
  std::string text;
  for (std::int64_t items = chance(random, 70) ? 1 : pick(random, 2, 4); items > 0; --items) {
    if (!text.empty()) text += apscheduler && chance(random, 30) ? " , " : ",";
    text += random_item(random, bounds, apscheduler);
  }
  return text;
}

// Days of the month that only `apscheduler` has.
std::string random_day_by_position(Random& random) {
  static const Names kPositions = {"1st", "2nd", "3rd", "4th", "5th", "last"};
  if (chance(random, 25)) return any_case(random, "last");
  return any_case(random, one_of(random, kPositions)) + (chance(random, 20) ? "  " : " ") +
         any_case(random, one_of(random, kFromMonday));
}

std::string random_weekdays(Random& random) {
  // A range may end in Sunday, as 0 too.
  if (chance(random, 10)) {
    return value_text(random, {1, 6, kFromSunday, 0}, pick_int(random, 1, 6)) + '-' + (chance(random, 50) ? "0" : "sun");
  }
  return random_field(random, {0, 7, kFromSunday, 0}, false, 40);
}

std::string random_years(Random& random) {
  if (chance(random, 50)) return "2000/" + std::to_string(pick(random, 1, 3));
  std::string text;
  for (std::int64_t items = pick(random, 1, 5); items > 0; --items) {
    const auto first = pick(random, 1970, 2060);
    text += (text.empty() ? "" : ",") + std::to_string(first);
    if (chance(random, 60)) text += '-' + std::to_string(first + pick(random, 4, 60)) + '/' + std::to_string(pick(random, 1, 4));
  }
  return text;
}

std::string random_date(Random& random, std::int64_t around) {
  const std::int64_t t = pick(random, around - 400'000, around + 400'000);
  const std::int64_t day = (t - (t < 0 ? 86399 : 0)) / 86400;
  const CalendarDay& date = calendar_day(day);
  const auto time = static_cast<int>(t - day * 86400);
  const int minute = time / 60 % 60 / 15 * 15;  // where clocks change
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
  if (chance(random, 25)) return text;
  std::snprintf(text + size, sizeof text - static_cast<std::size_t>(size), "%c%02d:%02d:%02d", chance(random, 70) ? 'T' : ' ',
                time / 3600, minute, chance(random, 70) ? 0 : time % 60);
  static const Names kOffsets = {"", "", "", "Z", "+03:00", "-09:30", "+00:00"};
  return text + one_of(random, kOffsets);
}

std::string frame(Random& random, const RandomCronOptions& options, bool has_bounds) {
  std::string members = R"(,"timezone":")" + options.zone + '"';
  if (!options.bounds) return members;
  if (has_bounds && chance(random, 15)) members += R"(,"start_date":")" + random_date(random, options.around) + '"';
  if (has_bounds && chance(random, 15)) members += R"(,"end_date":")" + random_date(random, options.around) + '"';
  if (chance(random, 10)) members += R"(,"jitter":)" + std::to_string(pick(random, 0, 86400));
  if (chance(random, 5) && members.find("end_date") == std::string::npos && has_bounds) members += R"(,"end_date":null)";
  return members;
}

std::string cron(const std::string& format, const std::string& members) {
  return R"({"format":")" + format + R"(","params":{)" + members + "}}";
}

// The numbers as a list in any order, some of them twice, some as ranges.
std::string respelled(Random& random, const Bounds& bounds, const std::set<int>& values) {
  std::vector<std::string> items;
  std::vector<int> rest(values.begin(), values.end());
  for (std::size_t i = 0; i < rest.size();) {
    std::size_t end = i;
    while (end + 1 < rest.size() && rest[end + 1] == rest[end] + 1 && chance(random, 70)) ++end;
    std::string item = value_text(random, bounds, rest[i]);
    if (end > i) item += '-' + value_text(random, bounds, rest[end]);
    items.push_back(item);
    i = chance(random, 15) && end > i ? end : end + 1;
  }
  std::shuffle(items.begin(), items.end(), random);
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ",") + item;
  return text;
}

}  // namespace

std::int64_t pick(Random& random, std::int64_t least, std::int64_t greatest) {
  return least + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(greatest - least + 1));
}

bool chance(Random& random, int percent) { return pick(random, 1, 100) <= percent; }

std::string random_unix_cron(Random& random, const RandomCronOptions& options) {
  static const Names kMacros = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"};
  std::string value;
  if (chance(random, 3)) {
    value = any_case(random, one_of(random, kMacros));
  } else {
    const std::string gap = chance(random, 10) ? "  " : chance(random, 10) ? "\\t" : " ";
    value = random_field(random, {0, 59}, false, 15) + gap + random_field(random, {0, 23}, false, 25) + ' ' +
            random_field(random, {1, 31}, false, 40) + gap + random_field(random, {1, 12, kMonths, 1}, false, 60) + ' ' +
            random_weekdays(random);
  }
  return cron("unix", R"("value":")" + value + '"' + frame(random, options, true));
}

std::string random_apscheduler_cron(Random& random, const RandomCronOptions& options) {
  static const std::array<const char*, 8> kNames = {"year", "month", "day", "week", "day_of_week", "hour", "minute", "second"};
  static const std::array<Bounds, 8> kBounds = {
      Bounds{1970, 9999}, {1, 12, kMonths, 1}, {1, 31}, {1, 53}, {0, 6, kFromMonday, 0}, {0, 23}, {0, 59}, {0, 59}};
  static const std::array<int, 8> kPercent = {10, 30, 30, 8, 30, 50, 50, 50};
  std::string members;
  bool minute = false;
  while (members.empty()) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      if (!chance(random, kPercent[i]) || (i == 7 && options.whole_minutes && !minute)) continue;
      minute = minute || i == 6;
      std::string text = i == 0 ? random_years(random) : random_field(random, kBounds[i], true, 15);
      if (i == 7 && options.whole_minutes) text = "0";
      if (i == 2 && chance(random, 40)) text = (chance(random, 60) ? text + ',' : "") + random_day_by_position(random);
      const bool number = text.find_first_not_of("0123456789") == std::string::npos && (text.front() != '0' || text == "0");
      const std::string quote = number && chance(random, 50) ? "" : "\"";
      members += (members.empty() ? "\"" : ",\"") + std::string(kNames[i]) + "\":" + quote + text + quote;
    }
  }
  return cron("apscheduler", members + frame(random, options, true));
}

std::string random_interval_cron(Random& random, const RandomCronOptions& options) {
  static const std::array<std::pair<const char*, int>, 5> kUnits = {
      {{"weeks", 2}, {"days", 3}, {"hours", 30}, {"minutes", 100}, {"seconds", 4000}}};
  std::string members;
  while (members.empty()) {
    for (const auto& [unit, greatest] : kUnits) {
      if (chance(random, 25)) {
        members += (members.empty() ? "\"" : ",\"") + std::string(unit) + "\":" + std::to_string(pick(random, 1, greatest));
      }
    }
  }
  return cron("interval", members + frame(random, options, true));
}

std::string random_date_cron(Random& random, const RandomCronOptions& options) {
  return cron("date", R"("run_date":")" + random_date(random, options.around) + '"' + frame(random, options, false));
}

std::string random_cron(Random& random, const RandomCronOptions& options) {
  const std::int64_t kind = pick(random, 1, 100);
  return kind <= 45   ? random_unix_cron(random, options)
         : kind <= 90 ? random_apscheduler_cron(random, options)
         : kind <= 97 ? random_interval_cron(random, options)
                      : random_date_cron(random, options);
}

UnixSpellings random_unix_spellings(Random& random) {
  static const std::array<Bounds, 5> kBounds = {Bounds{0, 59}, {0, 23}, {1, 31}, {1, 12, kMonths, 1}, {0, 7, kFromSunday, 0}};
  UnixSpellings spellings;
  for (const Bounds& bounds : kBounds) {
    const std::string gap = spellings.one.empty() ? "" : " ";
    std::set<int> values;
    std::string star;
    if (chance(random, 40)) {
      const int step = pick_int(random, 1, std::min(bounds.greatest - bounds.least, 20));
      star = step == 1 && chance(random, 50) ? "*," : "*/" + std::to_string(step) + ',';
    }
    for (std::int64_t n = pick(random, 1, chance(random, 50) ? 3 : bounds.greatest); n > 0; --n) {
      values.insert(pick_int(random, bounds.least, bounds.greatest));
    }
    spellings.one += gap + star + respelled(random, bounds, values);
    spellings.other += gap + star + respelled(random, bounds, values);
  }
  return spellings;
}

}  // namespace action_scheduler::testing
