// Dates and times as text: the forms that ISO 8601 and RFC 3339 share.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "action_scheduler/time.h"

namespace action_scheduler {

// What a text such as "2026-12-01T10:00:00+03:00" says.
struct DateTimeText {
  std::chrono::local_seconds local;
  bool has_time = false;
  bool has_fraction = false;      // a fraction of a second was there and is dropped
  std::optional<Seconds> offset;  // of "Z" or "+03:00"; absent where the text has none
};

// Reads "2026-12-01", or with "T" or a blank "10:00:00", then perhaps a fraction of a second, then perhaps "Z" or an offset.
// Years 0001 to 9999, existing days, hours 0-23, minutes and seconds 0-59, offsets to 23:59. Absent if the text is anything else.
std::optional<DateTimeText> parse_datetime(std::string_view text);

// "2026-12-01T10:00:00". Years 0000 to 9999.
std::string format_local(std::chrono::local_seconds local);

}  // namespace action_scheduler
