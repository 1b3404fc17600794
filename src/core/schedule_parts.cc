#include "core/schedule_parts.h"

#include <array>
#include <stdexcept>
#include <string_view>

#include "action_scheduler/cron.h"
#include "core/cron_apscheduler.h"
#include "core/cron_unix.h"
#include "core/json.h"

namespace action_scheduler {
namespace {

constexpr std::uint64_t bits_between(int least, int greatest) { return (~0ULL >> (63 - greatest)) & (~0ULL << least); }

class OnlyUtc final : public ZoneSource {
 public:
  Result<const Zone*> find(std::string_view) override { return &utc_; }

 private:
  const Zone utc_{"UTC", Seconds{0}, {}, Instant::max()};
};

// Parses what is known to be right.
Trigger trigger_in_utc(const std::string& cron) {
  static OnlyUtc utc;
  Result<Trigger> trigger = parse_cron(cron, {}, utc);
  if (!trigger) throw std::logic_error(cron + ": " + trigger.error().message);
  return *std::move(trigger);
}

CalendarParts calendar_of(const CalendarSchedule& schedule) {
  const CalendarMasks& masks = schedule.masks;
  CalendarParts parts;
  parts.seconds = masks.seconds;
  parts.minutes = masks.minutes;
  parts.hours = masks.hours;
  parts.days = masks.days;
  parts.nth_weekdays = masks.nth_weekdays;
  parts.last_day = masks.last_day;
  parts.months = masks.months;
  parts.weeks = masks.weeks;
  parts.weekdays = masks.weekdays;
  if (masks.years) {
    for (const YearRange& range : *masks.years) parts.years.push_back({range.first, range.last, range.step});
  }
  parts.either_day = masks.either_day;
  parts.repeats_within_hour = schedule.repeats_within_hour;
  return parts;
}

std::optional<Instant> instant_in(const Json& params, std::string_view key) {
  const Json* value = params.find(key);
  return value == nullptr ? std::nullopt : parse_utc(value->text());
}

std::string listed(std::uint64_t bits) {
  std::string text;
  for (const int value : members_of(bits)) text += (text.empty() ? "" : ",") + std::to_string(value);
  return text;
}

std::string day_list(const CalendarParts& parts) {
  constexpr std::array<std::string_view, 6> kPositions = {"1st", "2nd", "3rd", "4th", "5th", "last"};
  constexpr std::array<std::string_view, 7> kWeekdays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  std::string text = listed(parts.days);
  const auto add = [&text](const std::string& item) { text += (text.empty() ? "" : ",") + item; };
  for (const int bit : members_of(parts.nth_weekdays)) {
    add(std::string(kPositions[static_cast<unsigned>(bit) / 7]) + ' ' + std::string(kWeekdays[static_cast<unsigned>(bit) % 7]));
  }
  if (parts.last_day) add("last");
  return text;
}

}  // namespace

bool CalendarParts::restricts_days() const { return days != bits_between(1, 31); }
bool CalendarParts::restricts_weekdays() const { return weekdays != bits_between(0, 6); }
bool CalendarParts::restricts_months() const { return months != bits_between(1, 12); }
bool CalendarParts::restricts_weeks() const { return weeks != bits_between(1, 53); }
bool CalendarParts::every_hour() const { return hours == bits_between(0, 23); }

ScheduleParts parts_of(const Trigger& trigger) {
  const std::string canonical = trigger.canonical();
  const Result<JsonDocument> cron = parse_json(canonical);
  if (!cron) throw std::logic_error(canonical + ": " + cron.error().message);
  const std::string_view format = cron->root().find("format")->text();
  const Json& params = *cron->root().find("params");
  ScheduleParts parts{};
  parts.first = instant_in(params, "start_date");
  parts.last = instant_in(params, "end_date");
  if (format == "interval") {
    parts.format = ScheduleParts::Format::interval;
    parts.period = Seconds{params.find("seconds")->integer().value()};
  } else if (format == "date") {
    parts.format = ScheduleParts::Format::date;
    parts.first = instant_in(params, "run_date");
  } else {
    const bool unix = format == "unix";
    const Result<CalendarSchedule> schedule = unix ? parse_unix(params.find("value")->text()) : parse_apscheduler(params);
    if (!schedule) throw std::logic_error(canonical + ": " + schedule.error().message);
    parts.format = unix ? ScheduleParts::Format::unix : ScheduleParts::Format::apscheduler;
    parts.calendar = calendar_of(*schedule);
  }
  return parts;
}

std::vector<int> members_of(std::uint64_t bits) {
  std::vector<int> members;
  for (int value = 0; value < 64; ++value) {
    if (bits >> value & 1) members.push_back(value);
  }
  return members;
}

std::vector<NumberRange> progressions_of(std::uint64_t bits) {
  constexpr std::size_t kShortest = 3;
  const std::vector<int> members = members_of(bits);
  std::vector<NumberRange> found;
  for (std::size_t i = 0; i < members.size();) {
    std::size_t end = i + 1;
    const int step = end < members.size() ? members[end] - members[i] : 1;
    while (end < members.size() && members[end] - members[end - 1] == step) ++end;
    if (end - i < kShortest) end = i + 1;
    found.push_back({members[i], members[end - 1], end - i == 1 ? 1 : step});
    i = end;
  }
  return found;
}

Trigger local_times(const Trigger& trigger) {
  const std::string canonical = trigger.canonical();
  const Result<JsonDocument> cron = parse_json(canonical);
  std::string members;
  for (const Json& value : cron->root().find("params")->children()) {
    const std::string_view key = value.key();
    if (key == "timezone" || key == "start_date" || key == "end_date" || key == "jitter") continue;
    members += (members.empty() ? "" : ",") + json_quoted(key) + ':' + json_quoted(value.text());
  }
  return trigger_in_utc(R"({"format":)" + json_quoted(cron->root().find("format")->text()) + R"(,"params":{)" + members + "}}");
}

Trigger days_matching(const CalendarParts& parts, unsigned fields) {
  const auto wanted = [fields](DayField field) { return (fields >> static_cast<unsigned>(field) & 1) != 0; };
  std::string members = R"("hour":0)";
  if (wanted(DayField::year) && !parts.years.empty()) {
    std::string years;
    for (const NumberRange& range : parts.years) {
      years += (years.empty() ? "" : ",") + std::to_string(range.first);
      if (range.last != range.first) years += '-' + std::to_string(range.last) + '/' + std::to_string(range.step);
    }
    members += R"(,"year":")" + years + '"';
  }
  if (wanted(DayField::month)) members += R"(,"month":")" + listed(parts.months) + '"';
  if (wanted(DayField::day)) members += R"(,"day":")" + day_list(parts) + '"';
  if (wanted(DayField::week)) members += R"(,"week":")" + listed(parts.weeks) + '"';
  if (wanted(DayField::day_of_week)) members += R"(,"day_of_week":")" + listed(parts.weekdays) + '"';
  return trigger_in_utc(R"({"format":"apscheduler","params":{)" + members + "}}");
}

}  // namespace action_scheduler
