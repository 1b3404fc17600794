#include "core/calendar_rule.h"

#include <algorithm>
#include <utility>

#include "core/cron_apscheduler.h"
#include "core/cron_params.h"
#include "core/cron_unix.h"
#include "core/hash.h"

// The general approach. A zone's clock runs through spans of constant offset. Within a span, local time is the instant plus the
// offset, so one search in the fields finds the next local time. A schedule that fires each local time once fires it at the first
// instant at which the clock shows it or has jumped over it; what the clock has passed only grows, so here too one search is
// enough. Only schedules that fire at each showing look at spans one by one, and they skip those that cannot hold a match.

namespace action_scheduler {
namespace {

using std::chrono::local_seconds;

LocalSecond local(Instant t, const Zone::Span& span) { return (t.time_since_epoch() + span.offset).count(); }
Instant instant(LocalSecond t, const Zone::Span& span) { return Instant{Seconds{t} - span.offset}; }
LocalSecond passed(const Zone::Span& span) { return span.passed.time_since_epoch().count(); }

// Local times [first, end) that are known not to match.
struct Barren {
  LocalSecond first = 0;
  LocalSecond end = 0;

  bool holds(LocalSecond t) const { return first <= t && t < end; }
};

}  // namespace

ClockChange clock_change_of(const CalendarFields& fields, bool repeats_within_hour) {
  if (fields.every_hour()) return ClockChange::elapsed_time;
  return repeats_within_hour ? ClockChange::each_showing : ClockChange::once;
}

CalendarRule::CalendarRule(const TriggerFrame& frame, CalendarFields fields, ClockChange clock_change)
    : TriggerRule(frame), fields_(std::move(fields)), clock_change_(clock_change) {}

// As declared in trigger.h: with the two counts and the table of functions that std::make_shared() puts before it.
static_assert(sizeof(CalendarRule) + 16 <= 128);

std::string CalendarRule::canonical() const {
  // Where all hours match, the clock's changes are followed whatever the minute looks like, so a star is free.
  const bool star = clock_change_ != ClockChange::once;
  const std::string schedule = frame().format == ScheduleFormat::unix_cron
                                   ? R"({"format":"unix","params":{"value":")" + unix_text(fields_.masks(), star) + '"'
                                   : R"({"format":"apscheduler","params":{)" + apscheduler_members(fields_.masks(), star);
  return schedule + frame_members(frame()) + "}}";
}

bool CalendarRule::has_schedule_of(const TriggerRule& rule) const {
  const auto& other = static_cast<const CalendarRule&>(rule);
  return clock_change_ == other.clock_change_ && fields_.masks() == other.fields_.masks();
}

std::size_t CalendarRule::schedule_hash() const {
  return mixed_hash(fields_.masks().hash(), static_cast<std::uint64_t>(clock_change_));
}

std::optional<Instant> CalendarRule::at_or_after(Instant from) const {
  if (clock_change_ != ClockChange::once) return showing_at_or_after(from);
  const Zone::Span span = frame().zone->span_at(from);
  // What had not been passed before `from`.
  const LocalSecond floor = from == span.begin ? passed(span) : std::max(local(from, span), passed(span));
  const LocalSecond found = fields_.at_or_after(floor);
  if (found == kNoneLater) return std::nullopt;
  const Instant in_span = instant(found, span);
  if (in_span >= from && in_span < span.end) return in_span;
  return frame().zone->first_reaching(local_seconds{Seconds{found}});
}

std::optional<Instant> CalendarRule::at_or_before(Instant to) const {
  if (clock_change_ != ClockChange::once) return showing_at_or_before(to);
  const Zone::Span span = frame().zone->span_at(to);
  const LocalSecond ceiling = span.begin == Instant::min() ? local(to, span) : std::max(local(to, span), passed(span) - 1);
  const LocalSecond found = fields_.at_or_before(ceiling);
  if (found == kNoneEarlier) return std::nullopt;
  return frame().zone->first_reaching(local_seconds{Seconds{found}});
}

std::optional<Instant> CalendarRule::showing_at_or_after(Instant from) const {
  const Zone& zone = *frame().zone;
  Barren barren;
  const auto search = [&](LocalSecond start) {
    if (!barren.holds(start)) barren = {start, fields_.at_or_after(start)};
    return barren.end;
  };
  for (Instant t = from; t <= frame().last;) {
    const Zone::Span span = zone.span_at(t);
    const LocalSecond shown = local(t, span);
    if (clock_change_ == ClockChange::each_showing && t == span.begin && passed(span) < shown && search(passed(span)) < shown) {
      return t;
    }
    const LocalSecond found = search(shown);
    if (found != kNoneLater && instant(found, span) < span.end) return instant(found, span);
    if (span.end == Instant::max()) return std::nullopt;
    t = span.end;
    if ((t.time_since_epoch() + zone.least_offset()).count() >=
        barren.first) {  // no later span goes back behind the barren times
      if (found == kNoneLater) return std::nullopt;
      t = std::max(t, Instant{Seconds{found} - zone.greatest_offset()});
    }
  }
  return std::nullopt;
}

std::optional<Instant> CalendarRule::showing_at_or_before(Instant to) const {
  const Zone& zone = *frame().zone;
  Barren barren;
  for (Instant t = to; t >= frame().first;) {
    const Zone::Span span = zone.span_at(t);
    const LocalSecond shown = local(t, span);
    if (!barren.holds(shown)) {
      const LocalSecond earlier = fields_.at_or_before(shown);
      barren = {earlier == kNoneEarlier ? kNoneEarlier : earlier + 1, shown + 1};
    }
    const LocalSecond found = barren.first == kNoneEarlier ? kNoneEarlier : barren.first - 1;
    if (found != kNoneEarlier && instant(found, span) >= span.begin) return instant(found, span);
    if (span.begin == Instant::min()) return std::nullopt;
    if (clock_change_ == ClockChange::each_showing && found != kNoneEarlier && found >= passed(span)) return span.begin;
    t = span.begin - Seconds{1};
    if ((t.time_since_epoch() + zone.greatest_offset()).count() <
        barren.end) {  // no earlier span goes on beyond the barren times
      if (found == kNoneEarlier) return std::nullopt;
      t = std::min(t, Instant{Seconds{found} - zone.least_offset()});
    }
  }
  return std::nullopt;
}

std::uint64_t CalendarRule::count_within(Instant from, Instant to) const {
  std::uint64_t count = 0;
  for (Instant t = from; t <= to;) {
    const Zone::Span span = frame().zone->span_at(t);
    const Instant last = std::min(to, span.end - Seconds{1});
    LocalSecond start = local(t, span);
    const bool gap = t == span.begin && passed(span) < start;
    if (gap && clock_change_ != ClockChange::elapsed_time && fields_.count(passed(span), start - 1) != 0) {
      ++count;
      ++start;  // a match where the gap ends is the same fire
    }
    if (clock_change_ == ClockChange::once) start = std::max(start, passed(span));
    count += fields_.count(start, local(last, span));
    t = last + Seconds{1};
  }
  return count;
}

}  // namespace action_scheduler
