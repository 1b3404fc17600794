#include "cli/next_command.h"

#include <algorithm>
#include <array>
#include <istream>
#include <ostream>
#include <utility>
#include <vector>

#include "action_scheduler/cron.h"
#include "action_scheduler/suggestion.h"
#include "action_scheduler/trigger.h"
#include "cli/exit_codes.h"
#include "core/json.h"

namespace action_scheduler {
namespace {

constexpr std::array<std::string_view, 4> kQuestionKeys = {"cron", "timezone", "after", "count"};

std::string json_text(const Json& json) {
  std::string text;
  switch (json.kind()) {
    case Json::Kind::string:
      return json_quoted(json.text());
    case Json::Kind::array:
      for (const Json& item : json.items()) text += (text.empty() ? "" : ",") + json_text(item);
      return '[' + text + ']';
    case Json::Kind::object:
      for (const auto& [name, value] : json.members()) {
        text += (text.empty() ? "" : ",") + json_quoted(name) + ':' + json_text(value);
      }
      return '{' + text + '}';
    default:
      return json.text();
  }
}

Result<Instant> read_after(std::string_view text) {
  const auto instant = parse_utc(text);
  if (!instant) return Error{"after: expected a time such as 2026-01-01T00:00:00Z (RFC 3339), got " + quoted_excerpt(text)};
  return *instant;
}

Result<std::vector<Instant>> fires_of(std::string_view cron, std::string_view timezone, Instant after, std::int64_t count,
                                      ZoneSource& zones) {
  if (count < 0 || count > kFiresMax) {
    return Error{"count: expected an integer from 0 to " + std::to_string(kFiresMax) + ", got " + std::to_string(count)};
  }
  if (!timezone.empty()) {
    const auto zone = zones.find(timezone);
    if (!zone) return Error{"timezone: " + zone.error().message};
  }
  const auto trigger = parse_cron(cron, {.column = timezone, .configured = {}}, zones);
  if (!trigger) return trigger.error();
  std::vector<Instant> fires;
  while (static_cast<std::int64_t>(fires.size()) < count) {
    const auto next = trigger->next(after);
    if (!next) break;
    fires.push_back(*next);
    after = *next;
  }
  return fires;
}

// The zone that a good schedule runs in.
const Zone* zone_of(const NextOptions& options, ZoneSource& zones) {
  std::string name = options.timezone.empty() ? "UTC" : options.timezone;
  auto cron = parse_json(options.cron);
  if (cron && cron->is(Json::Kind::string)) cron = parse_json(std::string(cron->text()));
  const Json* params = cron ? cron->find("params") : nullptr;
  const Json* timezone = params == nullptr ? nullptr : params->find("timezone");
  if (timezone != nullptr && timezone->is(Json::Kind::string)) name = timezone->text();
  const auto zone = zones.find(name);
  return zone ? *zone : nullptr;
}

// "2026-01-01T08:00:00+03:00"; seconds of an offset are written too, as zones of the 19th century have them.
std::string format_local(Instant t, const Zone& zone) {
  const Seconds offset = zone.span_at(t).offset;
  const Instant local = t + offset;
  if (local < kFirstInstant || local > kLastInstant) return format_utc(t);
  std::string text = format_utc(local);
  text.pop_back();
  const auto two = [](std::int64_t number) { return std::string(number < 10 ? "0" : "") + std::to_string(number); };
  const std::int64_t seconds = std::abs(offset.count());
  text += (offset.count() < 0 ? '-' : '+') + two(seconds / 3600) + ':' + two(seconds / 60 % 60);
  return seconds % 60 == 0 ? text : text + ':' + two(seconds % 60);
}

template <class Format>
std::string json_list(const std::vector<Instant>& fires, const Format& format) {
  std::string list = "[";
  for (const Instant fire : fires) list += (list.size() > 1 ? ",\"" : "\"") + format(fire) + '"';
  return list + ']';
}

std::string error_answer(const std::string& message) { return "{\"error\":" + json_quoted(message) + '}'; }

// A member that may be absent or null, of the given kind.
Result<const Json*> optional_member(const Json& question, std::string_view name, Json::Kind kind) {
  const Json* member = question.find(name);
  if (member == nullptr || member->is(Json::Kind::null)) return nullptr;
  if (!member->is(kind)) {
    return Error{std::string(name) + ": expected " + std::string(kind_name(kind)) + ", got " + member->describe()};
  }
  return member;
}

Result<std::string> answer(std::string_view line, Instant now, ZoneSource& zones) {
  const auto question = parse_json(line);
  if (!question) return question.error();
  if (!question->is(Json::Kind::object)) return Error{"expected an object with the key cron, got " + question->describe()};
  for (const auto& [name, value] : question->members()) {
    if (std::ranges::find(kQuestionKeys, name) == kQuestionKeys.end()) {
      return Error{"unknown key " + quoted_excerpt(name) + suggestion(name, kQuestionKeys)};
    }
  }
  const Json* cron = question->find("cron");
  if (cron == nullptr || cron->is(Json::Kind::null)) return Error{"cron: missing"};
  const auto timezone = optional_member(*question, "timezone", Json::Kind::string);
  if (!timezone) return timezone.error();
  const auto after_text = optional_member(*question, "after", Json::Kind::string);
  if (!after_text) return after_text.error();
  const auto count_text = optional_member(*question, "count", Json::Kind::integer);
  if (!count_text) return count_text.error();

  Instant after = now;
  if (*after_text != nullptr) {
    const auto read = read_after((*after_text)->text());
    if (!read) return read.error();
    after = *read;
  }
  // An integer that does not fit is beyond the limit anyway.
  const std::int64_t count = *count_text == nullptr ? 1 : (*count_text)->integer().value_or(kFiresMax + 1);
  const auto fires = fires_of(json_text(*cron), *timezone == nullptr ? "" : (*timezone)->text(), after, count, zones);
  if (!fires) return fires.error();
  return "{\"fires\":" + json_list(*fires, format_utc) + '}';
}

// Reads up to a newline or the end; false if there was nothing left. Of a line over the limit the rest is skipped and `too_long`
// set.
bool read_line(std::istream& in, std::string& line, bool& too_long) {
  using Traits = std::istream::traits_type;
  line.clear();
  too_long = false;
  std::streambuf& buffer = *in.rdbuf();
  bool any = false;
  for (auto c = buffer.sbumpc(); !Traits::eq_int_type(c, Traits::eof()); c = buffer.sbumpc()) {
    if (Traits::to_char_type(c) == '\n') return true;
    any = true;
    if (line.size() < kJsonBytesMax) {
      line += Traits::to_char_type(c);
    } else {
      too_long = true;
    }
  }
  return any;
}

}  // namespace

int print_next_fires(const NextOptions& options, Instant now, ZoneSource& zones, std::ostream& out, std::ostream& err) {
  const auto fault = [&](const Error& error) {
    err << "action-scheduler: " << error.message << '\n';
    return kExitUsage;
  };
  Instant after = now;
  if (options.after) {
    const auto read = read_after(*options.after);
    if (!read) return fault(read.error());
    after = *read;
  }
  const auto fires = fires_of(options.cron, options.timezone, after, options.count, zones);
  if (!fires) return fault(fires.error());
  const Zone* zone = options.local ? zone_of(options, zones) : nullptr;
  const auto local = [&](Instant t) { return format_local(t, *zone); };
  if (options.json) {
    out << "{\"fires\":" << json_list(*fires, format_utc);
    if (zone != nullptr) out << ",\"local\":" << json_list(*fires, local);
    out << "}\n";
  } else {
    for (const Instant fire : *fires) {
      out << format_utc(fire);
      if (zone != nullptr) out << ' ' << local(fire);
      out << '\n';
    }
  }
  if (static_cast<std::int64_t>(fires->size()) < options.count) {
    err << (fires->empty() ? "the schedule has no fire time" : "the schedule has no further fire time") << " after "
        << format_utc(fires->empty() ? after : fires->back()) << '\n';
  }
  return out.flush() ? kExitDone : kExitFailed;
}

std::string answer_question(std::string_view line, Instant now, ZoneSource& zones) {
  try {
    auto answered = answer(line, now, zones);
    return answered ? std::move(*answered) : error_answer(answered.error().message);
  } catch (const std::exception& exception) {
    return error_answer(std::string("cannot answer: ") + exception.what());
  }
}

int answer_questions(std::istream& in, std::ostream& out, const std::function<Instant()>& now, ZoneSource& zones) {
  std::string line;
  bool too_long = false;
  while (read_line(in, line, too_long)) {
    const std::string reply = too_long ? error_answer("expected a line of at most " + std::to_string(kJsonBytesMax) + " bytes")
                                       : answer_question(line, now(), zones);
    out << reply << '\n';
    if (!out.flush()) return kExitFailed;
  }
  return kExitDone;
}

}  // namespace action_scheduler
