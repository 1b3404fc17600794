// The command `explain`: what a schedule means.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "action_scheduler/time.h"
#include "action_scheduler/zone.h"

namespace action_scheduler {

struct ExplainOptions {
  std::string cron;                  // JSON, as in the table
  std::string timezone;              // of schedules that name none; empty: UTC
  std::optional<std::string> after;  // RFC 3339; absent: now
  bool json = false;
};

// Writes to `out` the schedule in words, remarks, its next five fires in its zone and in UTC, and what it does at the next two
// changes of its zone's clock; a fault to `err`. Gives the exit code. A schedule that does not fire is no fault.
int explain_schedule(const ExplainOptions& options, Instant now, ZoneSource& zones, std::ostream& out, std::ostream& err);

}  // namespace action_scheduler
