#include "cli/explain_command.h"

#include <chrono>
#include <cstdlib>
#include <ostream>
#include <string_view>
#include <vector>

#include "action_scheduler/describe.h"
#include "cli/exit_codes.h"
#include "cli/time_option.h"
#include "core/datetime_text.h"
#include "core/json.h"
#include "operations/explanation.h"
#include "operations/schedule_question.h"
#include "operations/schedule_text.h"

namespace action_scheduler {
namespace {

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

}  // namespace

int explain_schedule(const ExplainOptions& options, Instant now, ZoneSource& zones, std::ostream& out, std::ostream& err) {
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
  const auto trigger = read_schedule(options.cron, options.timezone, zones);
  if (!trigger) return fault(trigger.error());
  const Explanation all = explain(*trigger, options.cron, after);
  if (options.json) {
    out << explanation_json(all) << '\n';
  } else {
    print_for_people(all, out);
  }
  return out.flush() ? kExitDone : kExitFailed;
}

}  // namespace action_scheduler
