// A reference for all formats of a schedule: brute force, slow, meant to be obviously right, and free of the core's code. It
// reads the fields itself, and a calendar schedule walks the clock of the zone and asks at every step.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/core/reference_calendar.h"

namespace action_scheduler::testing {

// From `changes[i].first` on, local time is UTC plus `changes[i].second`; all in seconds.
struct ReferenceZone {
  std::int64_t first_offset = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> changes = {};

  std::int64_t offset_at(std::int64_t t) const;
  // The first instant at which the clock shows `local`, or jumps over it.
  std::int64_t instant_of(std::int64_t local) const;
};

// What a schedule matches.
struct ReferenceSchedule {
  enum class Kind { calendar, interval, date };

  Kind kind = Kind::calendar;
  std::string timezone;

  std::array<bool, 24> hours{};
  std::array<bool, 60> minutes{};
  std::array<bool, 60> seconds{};
  std::function<bool(const CalendarDay&)> matches_day;
  bool repeats_within_hour = false;

  std::int64_t period_s = 0;
  std::string run_date, start_date, end_date;  // as given; empty if not

  bool matches_every_hour() const;
  // Seconds of the day, in order.
  std::vector<int> times_of_day() const;

  // The fire times in [first, last], Unix seconds. For a calendar it takes a step for each second in between, or for each minute
  // where seconds do not matter.
  std::vector<std::int64_t> fires(const ReferenceZone& zone, std::int64_t first, std::int64_t last) const;

  // The days since 1970 in [first, last] that a calendar matches.
  std::vector<std::int64_t> days(std::int64_t first, std::int64_t last) const;

  // A text of start_date, end_date or run_date as Unix seconds.
  static std::int64_t instant_of(const std::string& date, const ReferenceZone& zone);
};

// Reads a `cron` object that is valid; throws std::invalid_argument where even this reader sees that it is not.
ReferenceSchedule reference_schedule_of(const std::string& cron);

}  // namespace action_scheduler::testing
