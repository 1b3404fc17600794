#include "action_scheduler/cron.h"

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "action_scheduler/suggestion.h"
#include "core/calendar_rule.h"
#include "core/cron_apscheduler.h"
#include "core/cron_params.h"
#include "core/cron_unix.h"
#include "core/date_rule.h"
#include "core/interval_rule.h"
#include "core/json.h"

namespace action_scheduler {
namespace {

using std::string_view;

struct Context {
  const Json& params;
  const CronZones& defaults;
  ZoneSource& zones;
};

Trigger calendar_trigger(const TriggerFrame& frame, CalendarSchedule schedule) {
  CalendarFields fields(std::move(schedule.masks));
  const ClockChange clock_change = clock_change_of(fields, schedule.repeats_within_hour);
  return Trigger(std::make_shared<CalendarRule>(frame, std::move(fields), clock_change));
}

Result<Trigger> parse_unix_cron(const Context& context) {
  const Result<TriggerFrame> frame = parse_frame(context.params, ScheduleFormat::unix_cron, context.defaults, context.zones);
  if (!frame) return frame.error();
  const Json* value = given(context.params, "value");
  if (value == nullptr) return Error{"params.value is missing; expected is a text such as \"0 9 * * 1-5\""};
  if (!value->is(Json::Kind::string)) {
    return Error{"params.value: " + value->describe_kind() + "; expected is a text such as \"0 9 * * 1-5\""};
  }
  Result<CalendarSchedule> schedule = parse_unix(value->text());
  if (!schedule) return Error{"params.value: " + schedule.error().message};
  return calendar_trigger(*frame, *std::move(schedule));
}

Result<Trigger> parse_apscheduler_cron(const Context& context) {
  const Result<TriggerFrame> frame = parse_frame(context.params, ScheduleFormat::apscheduler, context.defaults, context.zones);
  if (!frame) return frame.error();
  Result<CalendarSchedule> schedule = parse_apscheduler(context.params);
  if (!schedule) return schedule.error();
  return calendar_trigger(*frame, *std::move(schedule));
}

constexpr std::array<std::pair<string_view, std::int64_t>, 5> kUnits = {
    {{"weeks", 604800}, {"days", 86400}, {"hours", 3600}, {"minutes", 60}, {"seconds", 1}}};

Result<Seconds> parse_period(const Json& params) {
  constexpr std::int64_t kPeriodMax = (kLastInstant - kFirstInstant).count();
  std::int64_t total = 0;
  bool any = false;
  for (const auto& [unit, seconds] : kUnits) {
    const Json* value = given(params, unit);
    if (value == nullptr) continue;
    any = true;
    const auto where = [name = unit] { return "params." + std::string(name) + ": "; };
    if (!value->is(Json::Kind::integer)) {
      return Error{where() + value->describe_kind() + "; expected is an integer of " + std::string(unit)};
    }
    const std::optional<std::int64_t> number = value->integer();
    if (value->text().starts_with('-')) return Error{where() + value->describe() + " is negative; the least is 0"};
    if (!number || *number > (kPeriodMax - total) / seconds) {
      return Error{where() + value->describe() + " makes the interval longer than " + std::to_string(kPeriodMax) +
                   " seconds, all the years that there are"};
    }
    total += *number * seconds;
  }
  if (!any) return Error{"params: at least one is expected of weeks days hours minutes seconds"};
  if (total == 0) return Error{"params: weeks, days, hours, minutes and seconds make 0 seconds in all; the least is 1"};
  return Seconds{total};
}

Result<Trigger> parse_interval_cron(const Context& context) {
  Result<TriggerFrame> frame = parse_frame(context.params, ScheduleFormat::interval, context.defaults, context.zones);
  if (!frame) return frame.error();
  const Result<Seconds> period = parse_period(context.params);
  if (!period) return period.error();
  // The Unix epoch, unless given: a restart never shifts it.
  if (given(context.params, "start_date") == nullptr) frame->first = instant_from_unix(0);
  return Trigger(std::make_shared<IntervalRule>(*frame, *period));
}

Result<Trigger> parse_date_cron(const Context& context) {
  Result<TriggerFrame> frame = parse_frame(context.params, ScheduleFormat::date, context.defaults, context.zones);
  if (!frame) return frame.error();
  const Result<std::optional<Instant>> run_date = parse_date(context.params, "run_date", *frame->zone, false);
  if (!run_date) return run_date.error();
  if (!run_date->has_value()) return Error{"params.run_date is missing; expected is a date-time such as \"2026-12-31T23:59:00\""};
  frame->first = frame->last = **run_date;
  return Trigger(std::make_shared<DateRule>(*frame));
}

struct Format {
  string_view name;
  Result<Trigger> (*parse)(const Context&);
  std::vector<string_view> params;
};

const std::array<Format, 4>& formats() {
  static const std::array<Format, 4> kFormats = {
      {{"unix", parse_unix_cron, {"value", "timezone", "start_date", "end_date", "jitter"}},
       {"apscheduler",
        parse_apscheduler_cron,
        {"year", "month", "day", "week", "day_of_week", "hour", "minute", "second", "timezone", "start_date", "end_date",
         "jitter"}},
       {"interval",
        parse_interval_cron,
        {"weeks", "days", "hours", "minutes", "seconds", "timezone", "start_date", "end_date", "jitter"}},
       {"date", parse_date_cron, {"run_date", "timezone", "jitter"}}}};
  return kFormats;
}

Error unknown_format(const Json* name) {
  std::string allowed = "allowed are";
  std::vector<string_view> names;
  for (const Format& format : formats()) {
    names.push_back(format.name);
    allowed += ' ' + std::string(format.name);
  }
  if (name == nullptr) return Error{"the key \"format\" is missing; " + allowed};
  if (!name->is(Json::Kind::string)) return Error{"format: " + name->describe_kind() + ", not a string; " + allowed};
  return Error{"format: " + name->describe() + " is unknown" + suggestion(name->text(), names) + "; " + allowed};
}

Result<const Format*> find_format(const Json& cron) {
  const Json* name = given(cron, "format");
  if (name != nullptr && name->is(Json::Kind::string)) {
    for (const Format& format : formats()) {
      if (name->text() == format.name) return &format;
    }
  }
  return unknown_format(name);
}

Result<Trigger> parse_object(const Json& cron, const CronZones& defaults, ZoneSource& zones) {
  constexpr std::array<string_view, 2> kKeys = {"format", "params"};
  if (!cron.is(Json::Kind::object)) {
    return Error{"cron: " + cron.describe_kind() +
                 R"(; expected is an object such as {"format": "unix", "params": {"value": "0 9 * * 1-5"}})"};
  }
  if (const Result<void> known = refuse_unknown_keys(cron, "cron", kKeys); !known) return known.error();
  const Result<const Format*> format = find_format(cron);
  if (!format) return format.error();
  const Json* params = given(cron, "params");
  if (params == nullptr) return Error{"the key \"params\" is missing; expected is an object"};
  if (!params->is(Json::Kind::object)) {
    return Error{"params: " + params->describe_kind() + "; expected is an object"};
  }
  if (const Result<void> known = refuse_unknown_keys(*params, "params", (*format)->params, (*format)->name); !known)
    return known.error();
  return (*format)->parse({*params, defaults, zones});
}

}  // namespace

Result<Trigger> parse_cron(string_view cron_json, const CronZones& defaults, ZoneSource& zones) {
  const Result<JsonDocument> cell = parse_json(cron_json);
  if (!cell) return cell.error();
  if (!cell->root().is(Json::Kind::string)) return parse_object(cell->root(), defaults, zones);
  const Result<JsonDocument> inner = parse_json(cell->root().text());
  return inner ? parse_object(inner->root(), defaults, zones) : inner.error();
}

}  // namespace action_scheduler
