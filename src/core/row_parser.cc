#include <functional>
#include <limits>

#include "action_scheduler/action.h"
#include "action_scheduler/cron.h"
#include "action_scheduler/utf8.h"
#include "core/hash.h"
#include "core/json.h"

namespace action_scheduler {

namespace {

// Enough for any number of distinct schedules that people write; a table that has more is parsed a little slower.
constexpr std::size_t kCachedTriggersMax = 100'000;
constexpr std::size_t kHeadersMax = 100;

// The columns in which it was found, or what is wrong.
struct Fault {
  Column column;
  std::string message;
};

Result<bool> parse_boolean(std::string_view text) {
  if (text == "t") return true;  // as Postgres prints them
  if (text == "f") return false;
  std::string lower;
  for (const char c : text) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  if (lower == "t" || lower == "true" || lower == "1") return true;
  if (lower == "f" || lower == "false" || lower == "0") return false;
  return Error{quoted_excerpt(text) + " is not a boolean: allowed are true and false"};
}

Result<std::int64_t> parse_integer(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const std::string_view digits = negative ? text.substr(1) : text;
  std::uint64_t value = 0;
  constexpr std::uint64_t limit = std::numeric_limits<std::int64_t>::max();
  bool good = !digits.empty();
  for (const char c : digits) {
    if (c < '0' || c > '9' || value > (limit - static_cast<std::uint64_t>(c - '0')) / 10) {
      good = false;
      break;
    }
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (!good) return Error{quoted_excerpt(text) + " is not a whole number of seconds"};
  return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

std::optional<Fault> text_fault(const RowView& row) {
  for (const Column column : {Column::name, Column::command, Column::cron, Column::timezone, Column::topic, Column::key}) {
    if (!row[column]) continue;
    if (const auto at = invalid_utf8_at(*row[column])) {
      return Fault{column, "not valid UTF-8 at byte " + std::to_string(*at + 1)};
    }
  }
  for (const Column column : {Column::name, Column::command, Column::cron}) {
    if (!row[column]) return Fault{column, "is null, but a value is needed"};
  }
  return std::nullopt;
}

// Kafka's rule (org.apache.kafka.common.internals.Topic): 1 to 249 of [a-zA-Z0-9._-], neither "." nor "..".
std::optional<Fault> topic_fault(std::string_view topic) {
  bool good = !topic.empty() && topic.size() <= 249 && topic != "." && topic != "..";
  for (const char c : topic) {
    good =
        good && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-');
  }
  if (good) return std::nullopt;
  return Fault{Column::topic,
               quoted_excerpt(topic) + " is not a topic name: 1 to 249 letters, digits, '.', '_' and '-' are allowed"};
}

// A second `ce_id` would take from consumers what they know a repeated fire by.
bool has_own_prefix(std::string_view name) {
  return name.size() >= 3 && (name[0] == 'c' || name[0] == 'C') && (name[1] == 'e' || name[1] == 'E') && name[2] == '_';
}

using Headers = std::vector<std::pair<std::string, std::string>>;

Result<Headers> parse_headers(std::string_view text) {
  const Result<JsonDocument> document = parse_json(text);
  if (!document) return document.error();
  const Json& json = document->root();
  if (json.is(Json::Kind::null)) return Headers{};
  if (!json.is(Json::Kind::object)) return Error{json.describe() + " is not an object of strings"};
  Headers headers;
  for (const Json& value : json.children()) {
    const std::string_view name = value.key();
    if (headers.size() == kHeadersMax) return Error{"more than " + std::to_string(kHeadersMax) + " headers"};
    if (name.empty()) return Error{"a header has an empty name"};
    if (name.find('\0') != std::string::npos) return Error{"header " + quoted_excerpt(name) + ": a name holds no NUL"};
    if (has_own_prefix(name)) {
      return Error{"header " + quoted_excerpt(name) + ": names that begin with ce_ are the scheduler's own"};
    }
    if (!value.is(Json::Kind::string)) {
      return Error{"header " + quoted_excerpt(name) + ": " + value.describe() + " is not a string"};
    }
    headers.emplace_back(name, value.text());
  }
  return headers;
}

}  // namespace

std::string RowFault::describe() const {
  std::string text = "row " + std::to_string(id);
  if (!name.empty()) text += " (" + quoted_excerpt(name) + ")";
  text += ", column ";
  text += column_name(column);
  return text + ": " + message;
}

RowParser::RowParser(Defaults defaults, ZoneSource& zones) : defaults_(std::move(defaults)), zones_(zones) {}

std::size_t RowParser::ScheduleHash::operator()(const ScheduleText& text) const {
  const std::hash<std::string_view> hash;
  return text.timezone.empty() ? hash(text.cron) : mixed_hash(hash(text.cron), hash(text.timezone));
}

Result<Trigger> RowParser::trigger_of(std::string_view cron, std::string_view timezone) {
  if (const auto known = triggers_by_text_.find(ScheduleText{cron, timezone}); known != triggers_by_text_.end()) {
    return known->second;
  }
  Result<Trigger> trigger = parse_cron(cron, {timezone, defaults_.timezone}, zones_);
  if (!trigger && trigger.error().passing) return trigger;
  if (triggers_by_text_.size() >= kCachedTriggersMax) {
    triggers_by_text_.clear();
    schedule_texts_.clear();
  }
  const auto keep = [this](std::string_view text) -> std::string_view { return schedule_texts_.emplace_back(text); };
  const ScheduleText kept{keep(cron), timezone.empty() ? std::string_view() : keep(timezone)};
  return triggers_by_text_.emplace(kept, std::move(trigger)).first->second;
}

ParsedRow RowParser::parse(const RowView& row) {
  const auto fault = [&](Column column, std::string message) {
    return RowFault{row.id, std::string(row[Column::name].value_or("")), column, std::move(message), false};
  };
  if (const auto enabled = row[Column::enabled]) {
    const Result<bool> value = parse_boolean(*enabled);
    if (!value) return fault(Column::enabled, value.error().message);
    if (!*value) return Disabled{};
  }
  if (const auto bad = text_fault(row)) return fault(bad->column, bad->message);

  MissedPolicy policy = defaults_.policy;
  if (const auto cell = row[Column::merge_missed]) {
    const Result<bool> value = parse_boolean(*cell);
    if (!value) return fault(Column::merge_missed, value.error().message);
    policy.merge = *value;
  }
  if (const auto cell = row[Column::actuality_time]) {
    const Result<std::int64_t> value = parse_integer(*cell);
    if (!value) return fault(Column::actuality_time, value.error().message);
    policy.actuality = *value < 0 ? std::nullopt : std::optional<Seconds>(*value);
  }
  if (const auto topic = row[Column::topic]) {
    if (const auto bad = topic_fault(*topic)) return fault(bad->column, bad->message);
  }
  Headers headers;
  if (const auto cell = row[Column::headers]) {
    Result<Headers> parsed = parse_headers(*cell);
    if (!parsed) return fault(Column::headers, parsed.error().message);
    headers = *std::move(parsed);
  }
  const std::string_view timezone = row[Column::timezone].value_or("");
  if (row[Column::timezone] && timezone.empty()) {  // not a name; only NULL is none given
    if (const auto zone = zones_.find(""); !zone) return fault(Column::timezone, zone.error().message);
  }
  const Result<Trigger> trigger = trigger_of(*row[Column::cron], timezone);
  if (!trigger) {
    // The column to mend is not always the schedule's.
    const Result<const Zone*> zone = timezone.empty() ? Result<const Zone*>(nullptr) : zones_.find(timezone);
    RowFault found = !zone ? fault(Column::timezone, zone.error().message) : fault(Column::cron, trigger.error().message);
    found.passing = trigger.error().passing;
    return found;
  }
  return Action{row.id, ActionText({*row[Column::name], *row[Column::command], row[Column::topic], row[Column::key], headers}),
                policy, *trigger};
}

}  // namespace action_scheduler
