#include "operations/schedule_question.h"

#include "action_scheduler/cron.h"
#include "core/json.h"

namespace action_scheduler {

Result<Trigger> read_schedule(std::string_view cron, std::string_view timezone, ZoneSource& zones) {
  if (!timezone.empty()) {
    const auto zone = zones.find(timezone);
    if (!zone) return Error{"timezone: " + zone.error().message};
  }
  return parse_cron(cron, {.column = timezone, .configured = {}}, zones);
}

Result<Instant> read_after(std::string_view text) {
  const auto instant = parse_utc(text);
  if (!instant) return Error{"after: expected a time such as 2026-01-01T00:00:00Z (RFC 3339), got " + quoted_excerpt(text)};
  return *instant;
}

std::string json_text(const Json& json) {
  std::string text;
  switch (json.kind()) {
    case Json::Kind::string:
      return json_quoted(json.text());
    case Json::Kind::array:
      for (const Json& item : json.children()) text += (text.empty() ? "" : ",") + json_text(item);
      return '[' + text + ']';
    case Json::Kind::object:
      for (const Json& member : json.children()) {
        text += (text.empty() ? "" : ",") + json_quoted(member.key()) + ':' + json_text(member);
      }
      return '{' + text + '}';
    default:
      return std::string(json.text());
  }
}

}  // namespace action_scheduler
