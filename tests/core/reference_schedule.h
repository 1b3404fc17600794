// A reference for the calendar formats: it walks the clock of the zone and asks at every step. Slow, obviously right, and free of
// the core's code.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/core/fake_zones.h"

namespace action_scheduler::testing {

// A day as a wall calendar shows it.
struct CalendarDay {
  int year;
  int month;
  int day;
  int weekday;  // 0 is Monday
  int iso_week;
  int days_in_month;
};

// A schedule as the sets of what it matches, and the text that says so.
struct ReferenceSchedule {
  std::string cron;  // JSON
  std::set<int> hours, minutes, seconds;
  std::function<bool(const CalendarDay&)> matches_day;
  bool repeats_within_hour = false;

  // `step_s` must divide every transition, offset and fire time.
  std::vector<std::int64_t> fires(const ZoneData& zone, std::int64_t first, std::int64_t last, int step_s) const;
};

using Random = std::mt19937_64;

// Random schedules of the two formats in the zone of this name.
ReferenceSchedule random_unix_schedule(Random& random, const std::string& zone);
// With `whole_minutes` the field `second` matches 0 alone.
ReferenceSchedule random_apscheduler_schedule(Random& random, const std::string& zone, bool whole_minutes);

}  // namespace action_scheduler::testing
