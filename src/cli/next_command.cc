#include "cli/next_command.h"

#include <algorithm>
#include <array>
#include <istream>
#include <ostream>
#include <utility>
#include <vector>

#include "action_scheduler/describe.h"
#include "action_scheduler/suggestion.h"
#include "action_scheduler/trigger.h"
#include "cli/exit_codes.h"
#include "cli/time_option.h"
#include "core/json.h"
#include "operations/schedule_question.h"

namespace action_scheduler {
namespace {

constexpr std::array<std::string_view, 4> kQuestionKeys = {"cron", "timezone", "after", "count"};

struct Answer {
  Trigger trigger;
  std::vector<Instant> fires;
};

Result<Answer> answer_of(std::string_view cron, std::string_view timezone, Instant after, std::int64_t count, ZoneSource& zones) {
  if (count < 0 || count > kFiresMax) {
    return Error{"count: expected an integer from 0 to " + std::to_string(kFiresMax) + ", got " + std::to_string(count)};
  }
  auto trigger = read_schedule(cron, timezone, zones);
  if (!trigger) return trigger.error();
  Answer found{*std::move(trigger), {}};
  while (static_cast<std::int64_t>(found.fires.size()) < count) {
    const auto next = found.trigger.next(after);
    if (!next) break;
    found.fires.push_back(*next);
    after = *next;
  }
  return found;
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
  const auto document = parse_json(line);
  if (!document) return document.error();
  const Json* question = &document->root();
  if (!question->is(Json::Kind::object)) return Error{"expected an object with the key cron, got " + question->describe()};
  for (const Json& member : question->children()) {
    const std::string_view name = member.key();
    if (std::ranges::find(kQuestionKeys, name) == kQuestionKeys.end()) {
      return Error{"unknown key " + quoted_excerpt(name) + suggestion(name, kQuestionKeys)};
    }
  }
  const Json* cron = question->find("cron");
  if (cron == nullptr || cron->is(Json::Kind::null)) return Error{"cron: missing"};
  const auto timezone = optional_member(*question, "timezone", Json::Kind::string);
  if (!timezone) return timezone.error();
  if (*timezone != nullptr && (*timezone)->text().empty()) {  // no name; read_schedule() would take it for none given
    if (const auto zone = zones.find(""); !zone) return Error{"timezone: " + zone.error().message};
  }
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
  const auto found = answer_of(json_text(*cron), *timezone == nullptr ? "" : (*timezone)->text(), after, count, zones);
  if (!found) return found.error();
  return "{\"fires\":" + json_list(found->fires, format_utc) + '}';
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
    const auto read = read_time("--after", *options.after, now);
    if (!read) return fault(read.error());
    after = *read;
  }
  const auto found = answer_of(options.cron, options.timezone, after, options.count, zones);
  if (!found) return fault(found.error());
  const std::vector<Instant>& fires = found->fires;
  const auto local = [&](Instant t) { return format_in_zone(t, found->trigger.zone()); };
  if (options.json) {
    out << "{\"fires\":" << json_list(fires, format_utc);
    if (options.local) out << ",\"local\":" << json_list(fires, local);
    out << "}\n";
  } else {
    for (const Instant fire : fires) {
      out << format_utc(fire);
      if (options.local) out << ' ' << local(fire);
      out << '\n';
    }
  }
  if (static_cast<std::int64_t>(fires.size()) < options.count) {
    err << (fires.empty() ? "the schedule has no fire time" : "the schedule has no further fire time") << " after "
        << format_utc(fires.empty() ? after : fires.back());
    if (const auto reason = why_silent(found->trigger, fires.empty() ? after : fires.back())) err << ": " << *reason;
    err << '\n';
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
