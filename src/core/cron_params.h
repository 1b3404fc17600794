// The parameters that the formats have in common: zone, bounds, jitter, dates.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "action_scheduler/cron.h"
#include "action_scheduler/result.h"
#include "action_scheduler/zone.h"
#include "core/json.h"
#include "core/trigger_rule.h"

namespace action_scheduler {

// The member, if it is there and not null: a null is not given.
const Json* given(const Json& params, std::string_view key);

// Fails on the first member whose key is not one of `known`. `where` names the object in the message; `format` is the format
// whose parameters these are, if they are, so that the message can name the one to which the key belongs.
Result<void> refuse_unknown_keys(const Json& object, std::string_view where, std::span<const std::string_view> known,
                                 std::string_view format = {});

// `params.timezone`, else the column's, else the configured one, else UTC. A bad name is an error wherever it stands.
Result<const Zone*> parse_zone(const Json& params, const CronZones& defaults, ZoneSource& zones);

// An instant out of a date or date-time, in `zone` unless the text has an offset: in a gap the instant at which it ends, in an
// overlap the first occurrence. Absent if it is not given. One after kLastInstant is taken for kLastInstant only where
// `clamp_end` says so.
Result<std::optional<Instant>> parse_date(const Json& params, std::string_view key, const Zone& zone, bool clamp_end);

// Zone and jitter, and the bounds `start_date` and `end_date`.
Result<TriggerFrame> parse_frame(const Json& params, ScheduleFormat format, const CronZones& defaults, ZoneSource& zones);

// The other way: `,"timezone":"UTC","start_date":...`; what is not restricted is left out.
std::string frame_members(const TriggerFrame& frame);

}  // namespace action_scheduler
