// The `unix` format: five fields, or a name such as @daily.
#pragma once

#include <string>
#include <string_view>

#include "action_scheduler/result.h"
#include "core/cron_field.h"

namespace action_scheduler {

// Reads "m h dom mon dow". The grammar is that of cronie's crontab(5) and Db2's UNIX cron format; see docs/schedules.md for the
// differences. The Error names field, text, position and what is allowed.
Result<CalendarSchedule> parse_unix(std::string_view value);

// The text that parse_unix() reads back to the same schedule; the same for schedules that fire alike. `star`: the minute begins
// with `*` where it can.
std::string unix_text(const CalendarMasks& masks, bool star);

}  // namespace action_scheduler
