#include "cli/time_option.h"

#include "core/datetime_text.h"
#include "core/json.h"

namespace action_scheduler {

Result<Instant> read_time(const std::string& option, const std::string& text, Instant now) {
  if (text == "now") return now;
  if (const auto instant = parse_utc(text)) return *instant;
  if (const auto read = parse_datetime(text); read && !read->has_fraction) {
    const Instant instant = Instant{read->local.time_since_epoch()} - read->offset.value_or(Seconds{0});
    if (instant >= kFirstInstant && instant <= kLastInstant) return instant;
  }
  return Error{
      option +
      ": expected a date or time such as 2026-12-01 or 2026-12-01T10:00:00Z (without an offset it is UTC), or now, got " +
      quoted_excerpt(text)};
}

}  // namespace action_scheduler
