// Random valid schedules as the texts of a `cron` column.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace action_scheduler::testing {

using Random = std::mt19937_64;

// A number in [least, greatest].
std::int64_t pick(Random& random, std::int64_t least, std::int64_t greatest);
bool chance(Random& random, int percent);

struct RandomCronOptions {
  std::string zone = "UTC";
  std::int64_t around = 1'772'000'000;  // Unix seconds: bounds and run dates lie within days of it
  bool bounds = true;                   // sometimes a start_date, an end_date, a jitter
  bool whole_minutes = false;           // `apscheduler` matches second 0 alone, and does not repeat by it
};

std::string random_unix_cron(Random& random, const RandomCronOptions& options);
std::string random_apscheduler_cron(Random& random, const RandomCronOptions& options);
std::string random_interval_cron(Random& random, const RandomCronOptions& options);
std::string random_date_cron(Random& random, const RandomCronOptions& options);
// Any of them, the calendar formats most often.
std::string random_cron(Random& random, const RandomCronOptions& options);

// The `value` of a `unix` schedule written otherwise: the same sets, and a star where one stood first.
struct UnixSpellings {
  std::string one;
  std::string other;
};
UnixSpellings random_unix_spellings(Random& random);

}  // namespace action_scheduler::testing
