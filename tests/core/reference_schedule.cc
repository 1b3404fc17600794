#include "tests/core/reference_schedule.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace action_scheduler::testing {
namespace {

constexpr std::int64_t kDay = 86400;

std::int64_t floor_to(std::int64_t t, std::int64_t unit) { return (t >= 0 ? t / unit : -((-t + unit - 1) / unit)) * unit; }

}  // namespace

std::int64_t ReferenceZone::offset_at(std::int64_t t) const {
  std::int64_t offset = first_offset;
  for (const auto& [at, after] : changes) {
    if (at > t) break;
    offset = after;
  }
  return offset;
}

std::int64_t ReferenceZone::instant_of(std::int64_t local) const {
  std::int64_t offset = first_offset;
  for (const auto& [at, after] : changes) {
    if (local - offset < at) return local - offset;
    offset = after;
    if (at + offset > local) return at;
  }
  return local - offset;
}

bool ReferenceSchedule::matches_every_hour() const { return std::count(hours.begin(), hours.end(), true) == 24; }

std::vector<int> ReferenceSchedule::times_of_day() const {
  std::vector<int> times;
  for (int t = 0; t < kDay; ++t) {
    if (hours[static_cast<std::size_t>(t / 3600)] && minutes[static_cast<std::size_t>(t / 60 % 60)] &&
        seconds[static_cast<std::size_t>(t % 60)]) {
      times.push_back(t);
    }
  }
  return times;
}

std::vector<std::int64_t> ReferenceSchedule::days(std::int64_t first, std::int64_t last) const {
  std::vector<std::int64_t> found;
  for (std::int64_t day = first; day <= last; ++day) {
    if (matches_day(calendar_day(day))) found.push_back(day);
  }
  return found;
}

std::vector<std::int64_t> ReferenceSchedule::fires(const ReferenceZone& zone, std::int64_t first, std::int64_t last) const {
  std::vector<std::int64_t> found;
  if (kind == Kind::date) {
    const std::int64_t t = instant_of(run_date, zone);
    if (first <= t && t <= last) found.push_back(t);
    return found;
  }
  if (!start_date.empty()) first = std::max(first, instant_of(start_date, zone));
  if (!end_date.empty()) last = std::min(last, instant_of(end_date, zone));
  if (kind == Kind::interval) {
    const std::int64_t origin = start_date.empty() ? 0 : instant_of(start_date, zone);
    for (std::int64_t t = std::max(first, origin); t <= last; ++t) {
      if ((t - origin) % period_s == 0) found.push_back(t);
    }
    return found;
  }

  // Start early enough to have seen everything that a change of the clock shows again.
  std::int64_t margin = 60;
  bool whole_minutes = std::count(seconds.begin(), seconds.end(), true) == 1 && seconds[0];
  std::int64_t offset = zone.first_offset;
  for (const auto& [at, after] : zone.changes) {
    if (at > first - 5 * kDay && at <= last) {
      margin += 2 * std::abs(after - offset);
      whole_minutes = whole_minutes && at % 60 == 0 && offset % 60 == 0 && after % 60 == 0;
    }
    offset = after;
  }
  whole_minutes = whole_minutes && zone.offset_at(first) % 60 == 0;
  const std::int64_t step = whole_minutes ? 60 : 1;
  const std::int64_t begin = floor_to(first - margin, 60);

  constexpr std::int64_t kReach = 3 * kDay;  // of the clock beyond UTC, with room
  std::vector<bool> passed(static_cast<std::size_t>((std::max(last - begin, std::int64_t{0}) + 2 * kReach) / step + 1));
  const auto has_passed = [&](std::int64_t reading) {
    return passed.at(static_cast<std::size_t>((reading - begin + kReach) / step));
  };
  std::int64_t day_known = 0;
  bool day_matches = matches_day(calendar_day(day_known));
  const auto matches = [&](std::int64_t reading) {
    const std::int64_t midnight = floor_to(reading, kDay);
    const auto time = static_cast<std::size_t>(reading - midnight);
    if (!minutes[time / 60 % 60] || !seconds[time % 60] || !hours[time / 3600]) return false;
    if (midnight / kDay != day_known) {
      day_known = midnight / kDay;
      day_matches = matches_day(calendar_day(day_known));
    }
    return day_matches;
  };

  const bool elapsed_time = matches_every_hour();                 // rule 3
  const bool each_showing = elapsed_time || repeats_within_hour;  // rule 4
  std::size_t change = 0;
  while (change < zone.changes.size() && zone.changes[change].first <= begin) ++change;
  offset = zone.offset_at(begin);
  std::int64_t shown = begin + offset - step;
  for (std::int64_t t = begin; t <= last; t += step) {
    if (change < zone.changes.size() && zone.changes[change].first == t) offset = zone.changes[change++].second;
    const std::int64_t reading = t + offset;
    bool fires_now = false;
    for (std::int64_t skipped = shown + step; skipped < reading; skipped += step) {
      auto been = has_passed(skipped);
      if (!been && !elapsed_time && matches(skipped)) fires_now = true;  // rule 1
      been = true;
    }
    auto been = has_passed(reading);
    if ((!been || each_showing) && matches(reading)) fires_now = true;  // else rule 2
    been = true;
    shown = reading;
    if (fires_now && t >= first) found.push_back(t);
  }
  return found;
}

std::int64_t ReferenceSchedule::instant_of(const std::string& date, const ReferenceZone& zone) {
  const std::size_t begin = date.find_first_not_of(" \t");
  const std::string text = date.substr(begin, date.find_last_not_of(" \t") + 1 - begin);
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d", &year, &month, &day) != 3) throw std::invalid_argument(date);
  if (text.size() > 10 && std::sscanf(text.c_str() + 11, "%2d:%2d:%2d", &hour, &minute, &second) != 3) {
    throw std::invalid_argument(date);
  }
  const std::int64_t local = days_since_1970(year, month, day) * kDay + hour * 3600 + minute * 60 + second;
  const std::string offset = text.size() > 19 ? text.substr(19) : "";
  if (offset.empty()) return zone.instant_of(local);
  if (offset == "Z") return local;
  int hours = 0;
  int minutes = 0;
  if (std::sscanf(offset.c_str() + 1, "%2d:%2d", &hours, &minutes) != 2) throw std::invalid_argument(date);
  return local - (offset[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

}  // namespace action_scheduler::testing
