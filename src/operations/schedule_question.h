// A schedule and an instant that somebody asks about.
#pragma once

#include <string>
#include <string_view>

#include "action_scheduler/result.h"
#include "action_scheduler/time.h"
#include "action_scheduler/trigger.h"
#include "action_scheduler/zone.h"
#include "core/json.h"

namespace action_scheduler {

// The value as text again, without blanks.
std::string json_text(const Json& json);

// The schedule in `cron`, JSON as in the table. `timezone` is the zone of schedules that name none; empty: UTC.
Result<Trigger> read_schedule(std::string_view cron, std::string_view timezone, ZoneSource& zones);

// An RFC 3339 time.
Result<Instant> read_after(std::string_view text);

}  // namespace action_scheduler
