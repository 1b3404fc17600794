// What `next` and `explain` have in common: a schedule and an instant out of the command line.
#pragma once

#include <string_view>

#include "action_scheduler/result.h"
#include "action_scheduler/time.h"
#include "action_scheduler/trigger.h"
#include "action_scheduler/zone.h"

namespace action_scheduler {

// The schedule in `cron`, JSON as in the table. `timezone` is the zone of schedules that name none; empty: UTC.
Result<Trigger> read_schedule(std::string_view cron, std::string_view timezone, ZoneSource& zones);

// An RFC 3339 time.
Result<Instant> read_after(std::string_view text);

}  // namespace action_scheduler
