#include "action_scheduler/time.h"

#include "core/datetime_text.h"

namespace action_scheduler {

std::string format_utc(Instant t) { return format_local(std::chrono::local_seconds{t.time_since_epoch()}) + 'Z'; }

std::optional<Instant> parse_utc(std::string_view text) {
  const std::optional<DateTimeText> read = parse_datetime(text);
  if (!read || !read->offset) return std::nullopt;
  const Instant t{read->local.time_since_epoch() - *read->offset};
  if (t < kFirstInstant || t > kLastInstant) return std::nullopt;
  return t;
}

}  // namespace action_scheduler
