// Logs to standard error.
#pragma once

#include <iosfwd>
#include <memory>

#include "action_scheduler/log.h"
#include "config/settings.h"

namespace action_scheduler {

// Lines such as
//   time=2026-11-21T10:00:00.123Z level=warning event="action cannot be scheduled" action=42 reason="..."
//   {"time":"2026-11-21T10:00:00.123Z","level":"warning","event":"action cannot be scheduled","action":42,"reason":"..."}
// Values are quoted, control characters and what is not UTF-8 escaped: a value can neither end its line nor reach a terminal.
std::unique_ptr<Log> make_log(const Settings::Log& settings);

// The same into a stream, which outlives the log.
std::unique_ptr<Log> make_stream_log(const Settings::Log& settings, std::ostream& stream);

}  // namespace action_scheduler
