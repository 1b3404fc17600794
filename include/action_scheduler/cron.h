// The `cron` column: {"format": ..., "params": {...}} becomes a trigger, or an Error.
#pragma once

#include <string_view>

#include "action_scheduler/result.h"
#include "action_scheduler/trigger.h"
#include "action_scheduler/zone.h"

namespace action_scheduler {

// The zones that stand in when `params.timezone` is absent: the row's column, else the configured one, else UTC. Empty is absent.
// A bad name is an error even where another overrides it.
struct CronZones {
  std::string_view column;
  std::string_view configured;
};

// Parses the JSON text of a `cron` cell (an object, or a JSON string that holds the object's text). Formats `unix`,
// `apscheduler`, `interval` and `date`: docs/schedules.md has the grammar. The Error names the field, the offending text and what
// is allowed. Pure but for `zones`; thread safe as far as `zones` is.
Result<Trigger> parse_cron(std::string_view cron_json, const CronZones& defaults, ZoneSource& zones);

}  // namespace action_scheduler
