// The `apscheduler` format: the fields of APScheduler 3.11's CronTrigger.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "action_scheduler/result.h"
#include "core/cron_field.h"
#include "core/json.h"

namespace action_scheduler {

// From the most to the least significant.
inline constexpr std::array<std::string_view, 8> kApschedulerFields = {"year",        "month", "day",    "week",
                                                                       "day_of_week", "hour",  "minute", "second"};

// Reads the fields out of `params`; members of other names are not looked at. The Error names field, text, position and what is
// allowed.
Result<CalendarSchedule> parse_apscheduler(const Json& params);

// The fields as members of a JSON object, `"year":"*",...`, that parse_apscheduler() reads back to the same schedule; the same
// for schedules that fire alike. `star`: minute and second begin with `*` where they can.
std::string apscheduler_members(const CalendarMasks& masks, bool star);

}  // namespace action_scheduler
