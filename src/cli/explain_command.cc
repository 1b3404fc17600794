#include "cli/explain_command.h"

#include <chrono>
#include <cstdlib>
#include <ostream>
#include <string_view>
#include <vector>

#include "action_scheduler/describe.h"
#include "cli/exit_codes.h"
#include "cli/schedule_question.h"
#include "cli/schedule_text.h"
#include "core/cron_field.h"
#include "core/datetime_text.h"
#include "core/json.h"

namespace action_scheduler {
namespace {

constexpr std::size_t kClockChanges = 2;

// What there is to say.
struct Explanation {
  std::string words;
  const Zone* zone;
  Instant after;
  std::vector<std::string> remarks;
  std::vector<Instant> fires;
  std::optional<std::string> silence;
  std::vector<ClockChangeWords> clock_changes;
};

// A date in the schedule that the zone's clock never or twice shows.
struct DateAtChange {
  std::string_view key;
  std::string text;
  Instant taken;
  Instant change;
  bool skipped;  // otherwise shown twice
};

std::vector<DateAtChange> dates_at_changes(std::string_view cron_text, const Zone& zone) {
  const auto cell = parse_json(cron_text);
  const auto cron = parse_json(cell && cell->root().is(Json::Kind::string) ? cell->root().text() : cron_text);
  const Json* params = cron ? cron->root().find("params") : nullptr;
  std::vector<DateAtChange> dates;
  for (const std::string_view key : {"run_date", "start_date", "end_date"}) {
    const Json* value = params == nullptr ? nullptr : params->find(key);
    if (value == nullptr || !value->is(Json::Kind::string)) continue;
    const auto date = parse_datetime(trimmed(value->text()));
    if (!date || date->offset) continue;
    const Instant taken = zone.first_reaching(date->local);
    const Zone::Span span = zone.span_at(taken);
    if (taken.time_since_epoch() + span.offset != date->local.time_since_epoch()) {
      dates.push_back({key, std::string(value->text()), taken, taken, true});
    } else if (span.end < Instant::max()) {
      const Zone::Span later = zone.span_at(span.end);
      const Instant again{date->local.time_since_epoch() - later.offset};
      if (again >= later.begin && again < later.end) {
        dates.push_back({key, std::string(value->text()), taken, span.end, false});
      }
    }
  }
  return dates;
}

std::string date_remark(const DateAtChange& date, const Zone& zone) {
  const std::string subject = "The " + std::string(date.key) + ' ' + date.text;
  const std::string taken = format_in_zone(date.taken, zone);
  return subject + (date.skipped ? " is skipped by the clock: it is taken for " + taken + ", where the gap ends."
                                 : " is shown twice by the clock: the first time counts, " + taken + '.');
}

// The trigger of a date holds the instant alone, so what became of the local time is told here.
void tell_run_date(const DateAtChange& date, std::vector<ClockChangeWords>& changes) {
  for (ClockChangeWords& change : changes) {
    if (date.key != "run_date" || change.at != date.change) continue;
    change.effect = date.skipped ? ClockChangeWords::Effect::gap_end : ClockChangeWords::Effect::first_showing;
    change.words = date.skipped ? "its run_date is skipped; fires once, where the gap ends"
                                : "its run_date is shown twice; fires the first time only";
  }
}

Explanation explain(const Trigger& trigger, std::string_view cron, Instant after) {
  Explanation all{describe(trigger), &trigger.zone(), after, remarks(trigger), {}, why_silent(trigger, after), {}};
  all.fires = next_fires(trigger, after);
  if (!all.silence) all.clock_changes = next_clock_changes(trigger, after, kClockChanges);
  for (const DateAtChange& date : dates_at_changes(cron, trigger.zone())) {
    all.remarks.push_back(date_remark(date, trigger.zone()));
    tell_run_date(date, all.clock_changes);
  }
  return all;
}

std::string minutes_or_more(Seconds length) {
  const std::int64_t seconds = length.count();
  if (seconds % 3600 == 0) return std::to_string(seconds / 3600) + (seconds == 3600 ? " hour" : " hours");
  if (seconds % 60 == 0) return std::to_string(seconds / 60) + (seconds == 60 ? " minute" : " minutes");
  return std::to_string(seconds) + " seconds";
}

// What the clock shows where it changes: "02:00:00" or, if the change leaves the day, with the date.
struct Shown {
  std::string before;
  std::string after;
};

Shown shown_at(const ClockChangeWords& change) {
  const auto local = [&](Seconds offset) {
    return format_local(std::chrono::local_seconds{change.at.time_since_epoch() + offset});
  };
  const auto readable = [](std::string text, bool dated) {
    constexpr std::size_t kDate = 10;
    text[kDate] = ' ';
    if (text.ends_with(":00")) text.resize(text.size() - 3);
    return dated ? text : text.substr(kDate + 1);
  };
  const std::string before = local(change.offset_before);
  const std::string after = local(change.offset_after);
  return {readable(before, true), readable(after, before.substr(0, 10) != after.substr(0, 10))};
}

void print_clock_changes(const Explanation& all, std::ostream& out) {
  const std::string& zone = all.zone->name();
  if (all.clock_changes.empty()) {
    const bool never = all.zone->least_offset() == all.zone->greatest_offset();
    out << "\nClock changes\n  " << (never ? "none: " + zone + " never changes its clock" : "none ahead that is known of " + zone)
        << '\n';
    return;
  }
  out << "\nClock changes of " << zone << '\n';
  for (const ClockChangeWords& change : all.clock_changes) {
    const Shown shown = shown_at(change);
    const bool gap = change.offset_after > change.offset_before;
    out << "  " << shown.before << " becomes " << shown.after << ", " << format_offset(change.offset_before) << " to "
        << format_offset(change.offset_after) << ": " << (gap ? "a gap of " : "an overlap of ")
        << minutes_or_more(std::chrono::abs(change.offset_after - change.offset_before)) << "\n    " << wrapped(change.words, 4)
        << '\n';
  }
}

void print_for_people(const Explanation& all, std::ostream& out) {
  out << wrapped(all.words, 0) << '\n';
  if (!all.remarks.empty()) out << '\n';
  for (const std::string& sentence : all.remarks) out << "- " << wrapped(sentence, 2) << '\n';
  if (all.silence) {
    out << '\n' << wrapped("Does not fire after " + format_utc(all.after) + ": " + *all.silence + '.', 0) << '\n';
  } else {
    out << '\n';
    print_fires(all.fires, *all.zone, out);
  }
  if (!all.silence) print_clock_changes(all, out);
}

template <class Items, class Text>
std::string json_array(const Items& items, const Text& text) {
  std::string list;
  for (const auto& item : items) list += (list.empty() ? "" : ",") + text(item);
  return '[' + list + ']';
}

void print_for_machines(const Explanation& all, std::ostream& out) {
  out << R"({"schedule":)" << json_quoted(all.words) << R"(,"timezone":)" << json_quoted(all.zone->name()) << R"(,"remarks":)"
      << json_array(all.remarks, json_quoted) << R"(,"fires":)" << fires_json(all.fires, *all.zone) << R"(,"silence":)"
      << (all.silence ? json_quoted(*all.silence) : "null") << R"(,"clock_changes":)"
      << json_array(all.clock_changes,
                    [](const ClockChangeWords& change) {
                      return R"({"at":")" + format_utc(change.at) + R"(","offset_before":")" +
                             format_offset(change.offset_before) + R"(","offset_after":")" + format_offset(change.offset_after) +
                             R"(","kind":")" + (change.offset_after > change.offset_before ? "gap" : "overlap") +
                             R"(","effect":")" + effect_name(change.effect) + R"(","words":)" + json_quoted(change.words) + '}';
                    })
      << "}\n";
}

}  // namespace

int explain_schedule(const ExplainOptions& options, Instant now, ZoneSource& zones, std::ostream& out, std::ostream& err) {
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
  const auto trigger = read_schedule(options.cron, options.timezone, zones);
  if (!trigger) return fault(trigger.error());
  const Explanation all = explain(*trigger, options.cron, after);
  options.json ? print_for_machines(all, out) : print_for_people(all, out);
  return out.flush() ? kExitDone : kExitFailed;
}

}  // namespace action_scheduler
