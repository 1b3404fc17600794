// The command `next`: the fire times of a schedule.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "action_scheduler/time.h"
#include "action_scheduler/zone.h"

namespace action_scheduler {

inline constexpr std::int64_t kFiresMax = 1'000'000;  // that one question may ask for

struct NextOptions {
  std::string cron;                  // JSON, as in the table
  std::string timezone;              // of schedules that name none; empty: UTC
  std::optional<std::string> after;  // RFC 3339; absent: now
  std::int64_t count = 1;            // 0 to kFiresMax
  bool local = false;                // adds the time in the schedule's zone
  bool json = false;
};

// Writes the fire times strictly after `after`, one a line, to `out`, fewer when the schedule ends; a fault to `err`. Gives the
// exit code.
int print_next_fires(const NextOptions& options, Instant now, ZoneSource& zones, std::ostream& out, std::ostream& err);

// Answers one question of answer_questions(): `{"fires":["2026-01-01T05:00:00Z"]}` or `{"error":"..."}`, without newline.
// Never throws.
std::string answer_question(std::string_view line, Instant now, ZoneSource& zones);

// Reads a JSON object a line, `{"cron": ..., "timezone": ..., "after": ..., "count": ...}` (all but cron optional), and answers
// each in order with a line that is flushed at once, whatever the line holds. Lines are cut at 1 MiB. Gives the exit code:
// kExitFailed if `out` breaks.
int answer_questions(std::istream& in, std::ostream& out, const std::function<Instant()>& now, ZoneSource& zones);

}  // namespace action_scheduler
