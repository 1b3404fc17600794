// Times as people write them behind an option.
#pragma once

#include <string>

#include "action_scheduler/result.h"
#include "action_scheduler/time.h"

namespace action_scheduler {

// "2026-12-01", its 00:00; "2026-12-01T10:00:00", perhaps with "Z" or an offset; "now". Without an offset it is UTC, like
// everything that the commands print. The Error names the option.
Result<Instant> read_time(const std::string& option, const std::string& text, Instant now);

}  // namespace action_scheduler
