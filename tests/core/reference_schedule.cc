#include "tests/core/reference_schedule.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>

namespace action_scheduler::testing {
namespace {

// The calendar from 1 January 1900, a Monday, by counting.
class Calendar {
 public:
  static constexpr std::int64_t kFirstDay = -25567;  // 1900-01-01, counted from 1970-01-01

  Calendar() {
    int weekday = 0;
    for (int year = 1900; year < 2500; ++year) {
      const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
      for (int month = 1; month <= 12; ++month) {
        const bool short_month = month == 4 || month == 6 || month == 9 || month == 11;
        const int length = month == 2 ? (leap ? 29 : 28) : short_month ? 30 : 31;
        for (int day = 1; day <= length; ++day) {
          days_.push_back({year, month, day, weekday, 0, length});
          weekday = (weekday + 1) % 7;
        }
      }
    }
    // Week 1 is the first with a Thursday in the year.
    int year = 0;
    int week = 0;
    for (std::size_t monday = 0; monday + 7 <= days_.size(); monday += 7) {
      if (days_[monday + 3].year != year) week = 0;
      year = days_[monday + 3].year;
      ++week;
      for (std::size_t i = 0; i < 7; ++i) days_[monday + i].iso_week = week;
    }
  }

  const CalendarDay& day(std::int64_t since_1970) const { return days_.at(static_cast<std::size_t>(since_1970 - kFirstDay)); }

 private:
  std::vector<CalendarDay> days_;
};

const Calendar& calendar() {
  static const Calendar kCalendar;
  return kCalendar;
}

}  // namespace

std::vector<std::int64_t> ReferenceSchedule::fires(const ZoneData& zone, std::int64_t first, std::int64_t last,
                                                   int step_s) const {
  constexpr std::int64_t kMargin = 60 * 3600;
  // When the clock shows what: every reading, with the instants at which it is seen, in order.
  std::map<std::int64_t, std::vector<std::int64_t>> seen;
  std::map<std::int64_t, std::int64_t> jumped;  // a skipped reading, and the instant at which the gap ends
  std::int64_t shown = 0;
  const std::int64_t begin = first - kMargin;
  Seconds offset = zone.offset_at(instant_from_unix(begin));
  auto transition = std::find_if(zone.transitions.begin(), zone.transitions.end(),
                                 [&](const ZoneTransition& change) { return unix_seconds(change.at) > begin; });
  for (std::int64_t t = begin; t <= last + kMargin; t += step_s) {
    if (transition != zone.transitions.end() && unix_seconds(transition->at) == t) {
      offset = transition->offset;
      ++transition;
    }
    const std::int64_t reading = t + offset.count();
    if (t > begin) {
      for (std::int64_t skipped = shown + step_s; skipped < reading; skipped += step_s) jumped.emplace(skipped, t);
    }
    seen[reading].push_back(t);
    shown = reading;
  }

  const auto matches = [&](std::int64_t reading) {
    const std::int64_t day = (reading + 100'000 * 86400LL) / 86400 - 100'000;
    const auto time = static_cast<int>(reading - day * 86400);
    return hours.count(time / 3600) != 0 && minutes.count(time / 60 % 60) != 0 && seconds.count(time % 60) != 0 &&
           matches_day(calendar().day(day));
  };
  const bool every_hour = hours.size() == 24;
  std::set<std::int64_t> found;
  for (const auto& [reading, instants] : seen) {
    if (!matches(reading)) continue;
    if (every_hour || repeats_within_hour) {
      found.insert(instants.begin(), instants.end());
    } else {
      found.insert(instants.front());
    }
  }
  if (!every_hour) {
    for (const auto& [reading, gap_end] : jumped) {
      if (seen.count(reading) == 0 && matches(reading)) found.insert(gap_end);
    }
  }
  return {found.lower_bound(first), found.upper_bound(last)};
}

namespace {

// Text of a field and what it matches.
struct FieldText {
  std::string text;
  std::set<int> values;
};

int pick(Random& random, int least, int greatest) { return std::uniform_int_distribution<int>(least, greatest)(random); }
bool chance(Random& random, int percent) { return pick(random, 1, 100) <= percent; }

std::string any_case(Random& random, std::string word) {
  for (char& c : word) {
    if (chance(random, 30)) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return word;
}

void add(FieldText& field, int first, int last, int step) {
  for (int value = first; value <= last; value += step) field.values.insert(value);
}

struct Bounds {
  int least;
  int greatest;
  std::vector<std::string> names = {};
  int first_name = 0;
};

std::string value_text(Random& random, const Bounds& bounds, int value, bool allow_names) {
  const int index = value - bounds.first_name;
  if (allow_names && index >= 0 && index < static_cast<int>(bounds.names.size()) && chance(random, 40)) {
    return any_case(random, bounds.names[static_cast<std::size_t>(index)]);
  }
  return (value < 10 && chance(random, 10) ? "0" : "") + std::to_string(value);
}

// An item that both formats have, or one of apscheduler's `a/c`.
void add_item(Random& random, const Bounds& bounds, bool apscheduler, FieldText& field) {
  const int span = bounds.greatest - bounds.least;
  const int kind = pick(random, 0, apscheduler ? 5 : 4);
  const int a = pick(random, bounds.least, bounds.greatest);
  if (kind == 0) {
    const int step = pick(random, 1, std::min(span, 20));
    field.text += "*/" + std::to_string(step);
    add(field, bounds.least, bounds.greatest, step);
  } else if (kind <= 2 || a == bounds.greatest) {
    field.text += value_text(random, bounds, a, true);
    field.values.insert(a);
  } else if (kind == 5) {
    const int step = pick(random, 1, bounds.greatest - a);
    field.text += std::to_string(a) + '/' + std::to_string(step);
    add(field, a, bounds.greatest, step);
  } else {
    const int b = pick(random, a + 1, bounds.greatest);
    const int step = kind == 4 ? pick(random, 1, b - a) : 1;
    if (apscheduler) {  // there names and numbers do not mix, and names take no step
      const bool names = kind == 3 && !bounds.names.empty() && chance(random, 50);
      const auto name = [&](int value) {
        return any_case(random, bounds.names[static_cast<std::size_t>(value - bounds.first_name)]);
      };
      field.text += names ? name(a) + '-' + name(b) : std::to_string(a) + '-' + std::to_string(b);
    } else {
      field.text += value_text(random, bounds, a, true) + '-' + value_text(random, bounds, b, true);
    }
    if (kind == 4) field.text += '/' + std::to_string(step);
    add(field, a, b, step);
  }
}

FieldText random_field(Random& random, const Bounds& bounds, bool apscheduler, int star_percent) {
  FieldText field;
  if (chance(random, star_percent)) {
    field.text = "*";
    add(field, bounds.least, bounds.greatest, 1);
    return field;
  }
  for (int items = chance(random, 70) ? 1 : pick(random, 2, 4); items > 0; --items) {
    if (!field.text.empty()) field.text += apscheduler && chance(random, 30) ? " , " : ",";
    add_item(random, bounds, apscheduler, field);
  }
  return field;
}

const std::vector<std::string> kMonths = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};

}  // namespace

ReferenceSchedule random_unix_schedule(Random& random, const std::string& zone) {
  const FieldText minute = random_field(random, {0, 59}, false, 15);
  const FieldText hour = random_field(random, {0, 23}, false, 25);
  const FieldText day = random_field(random, {1, 31}, false, 40);
  const FieldText month = random_field(random, {1, 12, kMonths, 1}, false, 60);
  const FieldText weekday = random_field(random, {0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, 0}, false, 40);
  ReferenceSchedule schedule;
  schedule.minutes = minute.values;
  schedule.hours = hour.values;
  schedule.seconds = {0};
  schedule.repeats_within_hour = minute.text.front() == '*';
  schedule.matches_day = [=](const CalendarDay& today) {
    const int from_sunday = (today.weekday + 1) % 7;
    const bool by_day = day.values.count(today.day) != 0;
    const bool by_weekday = weekday.values.count(from_sunday) != 0 || (from_sunday == 0 && weekday.values.count(7) != 0);
    const bool star = day.text.front() == '*' || weekday.text.front() == '*';
    return month.values.count(today.month) != 0 && (star ? by_day && by_weekday : by_day || by_weekday);
  };
  const std::string gap = chance(random, 20) ? "  " : " ";
  schedule.cron = R"({"format":"unix","params":{"value":")" + minute.text + gap + hour.text + ' ' + day.text + gap + month.text +
                  ' ' + weekday.text + R"(","timezone":")" + zone + "\"}}";
  return schedule;
}

ReferenceSchedule random_apscheduler_schedule(Random& random, const std::string& zone, bool whole_minutes) {
  static const std::array<const char*, 8> kNames = {"year", "month", "day", "week", "day_of_week", "hour", "minute", "second"};
  static const std::vector<std::string> kWeekdays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  static const std::array<std::string, 6> kPositions = {"1st", "2nd", "3rd", "4th", "5th", "last"};
  static const std::array<Bounds, 8> kBounds = {
      Bounds{1970, 9999}, {1, 12, kMonths, 1}, {1, 31}, {1, 53}, {0, 6, kWeekdays, 0}, {0, 23}, {0, 59}, {0, 59}};
  std::array<std::optional<FieldText>, 8> given;
  std::set<std::pair<int, int>> nth;  // position, weekday
  bool last_day = false;
  while (std::none_of(given.begin(), given.end(), [](const auto& field) { return field.has_value(); })) {
    for (std::size_t i = 0; i < given.size(); ++i) {
      const int percent = i == 0 ? 10 : i == 3 ? 8 : i >= 5 ? 50 : 30;
      if (!chance(random, percent)) continue;
      given[i] = random_field(random, kBounds[i], true, 15);
      if (i == 0 && chance(random, 70)) given[i] = FieldText{"2000/1", {}};
      if (i == 0 && given[i]->values.empty()) add(*given[i], 2000, 9999, 1);
      if (i == 7 && whole_minutes) given[i] = FieldText{"0", {0}};
      if (i == 2 && chance(random, 40)) {
        if (chance(random, 40)) *given[i] = {};
        if (!given[i]->text.empty()) given[i]->text += ',';
        const int position = pick(random, 0, 6);
        if (position == 6) {
          given[i]->text += any_case(random, "last");
          last_day = true;
        } else {
          const int weekday = pick(random, 0, 6);
          given[i]->text += any_case(random, kPositions[static_cast<std::size_t>(position)]) + (chance(random, 20) ? "  " : " ") +
                            any_case(random, kWeekdays[static_cast<std::size_t>(weekday)]);
          nth.insert({position, weekday});
        }
      }
    }
    if (whole_minutes && given[7] && !given[6]) given[7].reset();  // else `minute` would be a star
  }
  std::size_t least_significant = 7;
  while (!given[least_significant]) --least_significant;
  const auto values = [&](std::size_t i) {
    if (given[i]) return given[i]->values;
    FieldText all;
    const bool any = i < least_significant || i == 3 || i == 4;
    add(all, kBounds[i].least, any ? kBounds[i].greatest : kBounds[i].least, 1);
    return all.values;
  };
  const auto star = [&](std::size_t i) { return given[i] ? given[i]->text.front() == '*' : i < least_significant; };

  ReferenceSchedule schedule;
  schedule.hours = values(5);
  schedule.minutes = values(6);
  schedule.seconds = values(7);
  schedule.repeats_within_hour = star(6) || star(7);
  schedule.matches_day = [=, years = values(0), months = values(1), days = values(2), weeks = values(3),
                          weekdays = values(4)](const CalendarDay& today) {
    bool by_day = days.count(today.day) != 0 || (last_day && today.day == today.days_in_month);
    by_day = by_day || nth.count({(today.day - 1) / 7, today.weekday}) != 0;
    by_day = by_day || (today.day + 7 > today.days_in_month && nth.count({5, today.weekday}) != 0);
    return by_day && years.count(today.year) != 0 && months.count(today.month) != 0 && weeks.count(today.iso_week) != 0 &&
           weekdays.count(today.weekday) != 0;
  };
  schedule.cron = R"({"format":"apscheduler","params":{)";
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i]) schedule.cron += '"' + std::string(kNames[i]) + "\":\"" + given[i]->text + "\",";
  }
  schedule.cron += R"("timezone":")" + zone + "\"}}";
  return schedule;
}

}  // namespace action_scheduler::testing
