// Is the service alive, is it ready?
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "action_scheduler/clock.h"
#include "engine/status.h"

namespace action_scheduler {

struct ProbeLimits {
  // For how long the loop may be busy with one turn of it: a hand-over waits for the receiver, a disk may be slow.
  std::chrono::milliseconds turn_max{60'000};
};

// Whether the loop turns: why not, in a line; empty if it does. What Kafka or Postgres do has no say in it: a restart would not
// mend them.
std::string why_not_alive(const ServiceStatus& status, ClockReading now, const ProbeLimits& limits);

// Whether all is in place to fire by the table as it is: why not, a line for each reason; empty if it is. A single failed look at
// the table does not count.
std::vector<std::string> why_not_ready(const ServiceStatus& status, ClockReading now, const ProbeLimits& limits);

// By how much the schedule is behind: the age of the earliest fire that is due and not settled.
Seconds lag(const ServiceStatus& status, Instant now);

}  // namespace action_scheduler
