#include "core/cron_params.h"

#include "action_scheduler/suggestion.h"
#include "core/cron_field.h"
#include "core/cron_hint.h"
#include "core/datetime_text.h"

namespace action_scheduler {
namespace {

constexpr std::int64_t kJitterMax = 86400;

std::string param(std::string_view key) { return "params." + std::string(key) + ": "; }

Error wrong_kind(std::string_view key, const Json& value, std::string_view expected) {
  return Error{param(key) + value.describe_kind() + "; expected is " + std::string(expected)};
}

Result<Seconds> parse_jitter(const Json& params) {
  const Json* value = given(params, "jitter");
  if (value == nullptr) return Seconds{0};
  constexpr std::string_view kExpected = "an integer of seconds, 0-86400";
  if (!value->is(Json::Kind::integer)) return wrong_kind("jitter", *value, kExpected);
  const std::optional<std::int64_t> seconds = value->integer();
  if (!seconds || *seconds < 0 || *seconds > kJitterMax) {
    return Error{param("jitter") + value->describe() + " is out of range; expected is " + std::string(kExpected)};
  }
  return Seconds{*seconds};
}

Result<const Zone*> find_zone(std::string_view where, std::string_view name, ZoneSource& zones) {
  Result<const Zone*> found = zones.find(name);
  if (found) return found;
  const std::string hint = zone_hint(name);
  return Error{std::string(where) + ": " + found.error().message + (hint.empty() ? "" : "; ") + hint, found.error().passing};
}

}  // namespace

const Json* given(const Json& params, std::string_view key) {
  const Json* value = params.find(key);
  return value == nullptr || value->is(Json::Kind::null) ? nullptr : value;
}

Result<void> refuse_unknown_keys(const Json& object, std::string_view where, std::span<const std::string_view> known,
                                 std::string_view format) {
  for (const Json& member : object.children()) {
    bool found = false;
    for (const std::string_view key : known) found = found || key == member.key();
    if (found) continue;
    std::string message = std::string(where) + ": unknown key " + quoted_excerpt(member.key());
    std::string near = suggestion(member.key(), known);
    if (const std::string hint = param_hint(format, member.key()); near.empty() && !hint.empty()) near = " (" + hint + ')';
    message += near + "; allowed are";
    for (const std::string_view key : known) message += ' ' + std::string(key);
    return Error{message};
  }
  return {};
}

Result<const Zone*> parse_zone(const Json& params, const CronZones& defaults, ZoneSource& zones) {
  const Zone* zone = nullptr;
  if (const Json* value = given(params, "timezone")) {
    if (!value->is(Json::Kind::string))
      return wrong_kind("timezone", *value, "the name of a time zone, such as \"Europe/Berlin\"");
    const Result<const Zone*> found = find_zone("params.timezone", value->text(), zones);
    if (!found) return found.error();
    zone = *found;
  }
  if (!defaults.column.empty()) {
    const Result<const Zone*> found = find_zone("column timezone", defaults.column, zones);
    if (!found) return found.error();
    if (zone == nullptr) zone = *found;
  }
  if (!defaults.configured.empty()) {
    const Result<const Zone*> found = find_zone("config key timezone", defaults.configured, zones);
    if (!found) return found.error();
    if (zone == nullptr) zone = *found;
  }
  return zone != nullptr ? zone : zones.find("UTC");
}

Result<std::optional<Instant>> parse_date(const Json& params, std::string_view key, const Zone& zone, bool clamp_end) {
  constexpr std::string_view kExpected = "a date (2026-12-01) or date-time (2026-12-01T10:00:00, then nothing, Z or +03:00)";
  const Json* value = given(params, key);
  if (value == nullptr) return std::optional<Instant>();
  if (!value->is(Json::Kind::string)) return wrong_kind(key, *value, kExpected);
  const std::optional<DateTimeText> date = parse_datetime(trimmed(value->text()));
  if (!date)
    return Error{param(key) + value->describe() + " is not " + std::string(kExpected) + " that exists in the years 1-9999"};
  if (date->has_fraction)
    return Error{param(key) + value->describe() + " has a fraction of a second; expected are whole seconds"};
  Instant t = date->offset ? Instant{date->local.time_since_epoch() - *date->offset} : zone.first_reaching(date->local);
  if (clamp_end && t > kLastInstant) t = kLastInstant;
  if (t < kFirstInstant || t > kLastInstant) {
    return Error{param(key) + value->describe() + " is out of range; allowed are " + format_utc(kFirstInstant) + " to " +
                 format_utc(kLastInstant)};
  }
  return std::optional<Instant>(t);
}

Result<TriggerFrame> parse_frame(const Json& params, ScheduleFormat format, const CronZones& defaults, ZoneSource& zones) {
  TriggerFrame frame;
  frame.format = format;
  const Result<const Zone*> zone = parse_zone(params, defaults, zones);
  if (!zone) return zone.error();
  frame.zone = *zone;
  const Result<std::optional<Instant>> first = parse_date(params, "start_date", **zone, false);
  if (!first) return first.error();
  const Result<std::optional<Instant>> last = parse_date(params, "end_date", **zone, true);
  if (!last) return last.error();
  const Result<Seconds> jitter = parse_jitter(params);
  if (!jitter) return jitter.error();
  frame.first = first->value_or(kFirstInstant);
  frame.last = last->value_or(kLastInstant);
  frame.jitter_s = static_cast<std::int32_t>(jitter->count());
  return frame;
}

std::string frame_members(const TriggerFrame& frame) {
  std::string members = ",\"timezone\":" + json_quoted(frame.zone->name());
  if (frame.first != kFirstInstant) members += ",\"start_date\":\"" + format_utc(frame.first) + '"';
  if (frame.last != kLastInstant) members += ",\"end_date\":\"" + format_utc(frame.last) + '"';
  if (frame.jitter_s != 0) members += ",\"jitter\":" + std::to_string(frame.jitter_s);
  return members;
}

}  // namespace action_scheduler
