// A wall clock that is set by hours, and right again.
#pragma once

#include "tests/servers/kafka_server.h"
#include "tests/servers/postgres_server.h"
#include "tests/torture/report.h"

namespace action_scheduler::torture {

struct HoursOptions {
  std::uint64_t seed = 0;
  std::int64_t seconds_max = 0;  // no clock is set any more after this time
};

// One scheduler after the other lives through a clock that is set far ahead or far back and right again, each with a table and a
// topic of its own: what it fires ahead of time would stand in for what the others have to fire. The servers keep the time of
// the machine. Ahead: what was fired is not due again, and it waits for the time to come. Four hours back: it goes on from there
// with a warning, and those hours come again, without a gap.
Part torture_by_hours(Promise promise, const testing::PostgresServer& postgres, const testing::KafkaServer& kafka,
                      const HoursOptions& options);

}  // namespace action_scheduler::torture
