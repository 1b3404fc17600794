// Triggers against the reference.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "action_scheduler/trigger.h"
#include "action_scheduler/zone.h"
#include "tests/core/fake_zones.h"
#include "tests/core/random_cron.h"
#include "tests/core/reference_schedule.h"

namespace action_scheduler::testing {

// How long a random test runs and with which numbers: SCHEDULES_SEED repeats a run, SCHEDULES_ROUNDS sets the number of rounds,
// SCHEDULES_SECONDS goes on for so long instead, for each test.
class RandomRounds {
 public:
  // Prints the seed.
  explicit RandomRounds(std::int64_t usual_rounds);

  Random& random() { return random_; }
  // Whether there is another round; false after a failure.
  bool next();

 private:
  Random random_;
  std::int64_t left_;
  std::chrono::steady_clock::time_point end_;  // reached: no more rounds; the epoch: `left_` decides
};

ReferenceZone reference_zone(const ZoneData& data);

// Compares next, previous and count with the reference over [first, last], Unix seconds, from ends and from anywhere within,
// the trigger's canonical text parsed again included. Failures are gtest's, fatal.
void compare_with_reference(Random& random, const std::string& cron, const ReferenceZone& zone, ZoneSource& zones,
                            std::int64_t first, std::int64_t last);

// Compares next, previous and count in [first, last] with the fire times that lie there. Failures are gtest's, fatal.
void expect_fires(const Trigger& trigger, const std::vector<std::int64_t>& expected, std::int64_t first, std::int64_t last);

}  // namespace action_scheduler::testing
