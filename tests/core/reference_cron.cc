// The reference's own reading of the formats. It takes what is valid and does not look for much that is not.
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>

#include "tests/core/reference_schedule.h"

namespace action_scheduler::testing {
namespace {

using Json = nlohmann::json;
using Names = std::map<std::string, int>;

const Names kMonths = {{"jan", 1}, {"feb", 2}, {"mar", 3}, {"apr", 4},  {"may", 5},  {"jun", 6},
                       {"jul", 7}, {"aug", 8}, {"sep", 9}, {"oct", 10}, {"nov", 11}, {"dec", 12}};
const Names kFromSunday = {{"sun", 0}, {"mon", 1}, {"tue", 2}, {"wed", 3}, {"thu", 4}, {"fri", 5}, {"sat", 6}};
const Names kFromMonday = {{"mon", 0}, {"tue", 1}, {"wed", 2}, {"thu", 3}, {"fri", 4}, {"sat", 5}, {"sun", 6}};
const Names kPositions = {{"1st", 1}, {"2nd", 2}, {"3rd", 3}, {"4th", 4}, {"5th", 5}, {"last", 6}};

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string trim(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(trim(part));
  return parts;
}

int number(const std::string& text, const Names& names) {
  const auto name = names.find(lower(text));
  return name != names.end() ? name->second : std::stoi(text);
}

// What one field matches.
struct Field {
  std::set<int> values;
  std::set<std::pair<int, int>> nth;  // position 1-6 (6 is the last), weekday
  bool last_day = false;
  bool star = false;  // its text begins with one

  bool has(int value) const { return values.count(value) != 0; }
};

// `*`, `a`, `a-b`, each with or without `/c`. A single value with a step goes on to `greatest`.
void add_range(const std::string& item, int least, int greatest, const Names& names, bool to_sunday, Field& field) {
  const std::size_t slash = item.find('/');
  const int step = slash == std::string::npos ? 1 : std::stoi(item.substr(slash + 1));
  const std::string range = item.substr(0, slash);
  const std::size_t dash = range.find('-');
  int first = least;
  int last = greatest;
  if (range != "*") {
    first = number(range.substr(0, dash), names);
    if (dash != std::string::npos) {
      last = number(range.substr(dash + 1), names);
      if (to_sunday && last == 0 && first > 0) last = 7;
    } else if (slash == std::string::npos) {
      last = first;
    }
  }
  if (first < least || last > greatest || first > last || step < 1) throw std::invalid_argument(item);
  for (int value = first; value <= last; value += step) field.values.insert(value);
}

Field field_of(const std::string& text, int least, int greatest, const Names& names = {}, bool to_sunday = false) {
  Field field;
  field.star = trim(text).front() == '*';
  for (const std::string& item : split(text, ',')) {
    const std::size_t blank = item.find(' ');
    if (lower(item) == "last") {
      field.last_day = true;
    } else if (blank != std::string::npos) {
      field.nth.insert({kPositions.at(lower(item.substr(0, blank))), kFromMonday.at(lower(trim(item.substr(blank))))});
    } else {
      add_range(item, least, greatest, names, to_sunday, field);
    }
  }
  return field;
}

template <std::size_t kSize>
void set(std::array<bool, kSize>& matched, const Field& field) {
  for (std::size_t i = 0; i < kSize; ++i) matched[i] = field.has(static_cast<int>(i));
}

std::string unix_fields(const std::string& value) {
  static const std::map<std::string, std::string> kMacros = {
      {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
      {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@hourly", "0 * * * *"}};
  const auto macro = kMacros.find(lower(trim(value)));
  return macro != kMacros.end() ? macro->second : value;
}

void read_unix(const Json& params, ReferenceSchedule& schedule) {
  std::istringstream text(unix_fields(params.at("value").get<std::string>()));
  std::string minute, hour, day, month, weekday;
  if (!(text >> minute >> hour >> day >> month >> weekday)) throw std::invalid_argument(text.str());
  set(schedule.minutes, field_of(minute, 0, 59));
  set(schedule.hours, field_of(hour, 0, 23));
  schedule.seconds[0] = true;
  schedule.repeats_within_hour = minute.front() == '*';
  schedule.matches_day = [days = field_of(day, 1, 31), months = field_of(month, 1, 12, kMonths),
                          weekdays = field_of(weekday, 0, 7, kFromSunday, true)](const CalendarDay& today) {
    const int from_sunday = (today.weekday + 1) % 7;
    const bool by_day = days.has(today.day);
    const bool by_weekday = weekdays.has(from_sunday) || (from_sunday == 0 && weekdays.has(7));
    const bool day_matches = days.star || weekdays.star ? by_day && by_weekday : by_day || by_weekday;
    return months.has(today.month) && day_matches;
  };
}

bool matches_day_of_month(const Field& field, const CalendarDay& today) {
  if (field.has(today.day) || (field.last_day && today.day == today.days_in_month)) return true;
  for (const auto& [position, weekday] : field.nth) {
    if (today.weekday != weekday) continue;
    if (position == 6 ? today.day + 7 > today.days_in_month : (today.day + 6) / 7 == position) return true;
  }
  return false;
}

void read_apscheduler(const Json& params, ReferenceSchedule& schedule) {
  struct Spec {
    const char* name;
    int least;
    int greatest;
    Names names;
    bool stays_star;
  };
  static const std::array<Spec, 8> kSpecs = {Spec{"year", 1970, 9999, {}, false},
                                             Spec{"month", 1, 12, kMonths, false},
                                             Spec{"day", 1, 31, {}, false},
                                             Spec{"week", 1, 53, {}, true},
                                             Spec{"day_of_week", 0, 6, kFromMonday, true},
                                             Spec{"hour", 0, 23, {}, false},
                                             Spec{"minute", 0, 59, {}, false},
                                             Spec{"second", 0, 59, {}, false}};
  std::array<Field, 8> fields;
  bool below = false;  // whether one less significant is given
  for (std::size_t i = kSpecs.size(); i-- > 0;) {
    const Spec& spec = kSpecs[i];
    if (params.contains(spec.name) && !params[spec.name].is_null()) {
      const Json& value = params[spec.name];
      fields[i] = field_of(value.is_string() ? value.get<std::string>() : value.dump(), spec.least, spec.greatest, spec.names);
      below = true;
    } else if (below || spec.stays_star) {
      fields[i] = field_of("*", spec.least, spec.greatest);
    } else {
      fields[i] = field_of(std::to_string(spec.least), spec.least, spec.greatest);
    }
  }
  set(schedule.hours, fields[5]);
  set(schedule.minutes, fields[6]);
  set(schedule.seconds, fields[7]);
  schedule.repeats_within_hour = fields[6].star || fields[7].star;
  schedule.matches_day = [fields](const CalendarDay& today) {
    return fields[0].has(today.year) && fields[1].has(today.month) && matches_day_of_month(fields[2], today) &&
           fields[3].has(today.iso_week) && fields[4].has(today.weekday);
  };
}

void read_interval(const Json& params, ReferenceSchedule& schedule) {
  schedule.kind = ReferenceSchedule::Kind::interval;
  for (const auto& [unit, seconds] : std::map<std::string, std::int64_t>{
           {"weeks", 604800}, {"days", 86400}, {"hours", 3600}, {"minutes", 60}, {"seconds", 1}}) {
    if (params.contains(unit) && !params[unit].is_null()) schedule.period_s += params[unit].get<std::int64_t>() * seconds;
  }
  if (schedule.period_s < 1) throw std::invalid_argument("interval");
}

}  // namespace

ReferenceSchedule reference_schedule_of(const std::string& cron) {
  const Json json = Json::parse(cron);
  const Json& params = json.at("params");
  const auto format = json.at("format").get<std::string>();
  ReferenceSchedule schedule;
  const auto text = [&params](const char* key) {
    return params.contains(key) && !params[key].is_null() ? params[key].get<std::string>() : std::string();
  };
  schedule.timezone = text("timezone");
  schedule.start_date = text("start_date");
  schedule.end_date = text("end_date");
  schedule.run_date = text("run_date");
  if (format == "unix") {
    read_unix(params, schedule);
  } else if (format == "apscheduler") {
    read_apscheduler(params, schedule);
  } else if (format == "interval") {
    read_interval(params, schedule);
  } else if (format == "date") {
    schedule.kind = ReferenceSchedule::Kind::date;
  } else {
    throw std::invalid_argument(format);
  }
  return schedule;
}

}  // namespace action_scheduler::testing
