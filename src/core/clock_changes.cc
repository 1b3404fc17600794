// What a schedule does where its zone's clock changes. The rules themselves are calendar_rule.cc's; here they are only told, and
// counted on the trigger where a bound cuts a change in two.
#include <cstdlib>

#include "action_scheduler/describe.h"
#include "core/schedule_parts.h"
#include "core/words.h"

namespace action_scheduler {
namespace {

using Effect = ClockChangeWords::Effect;
using std::chrono::local_seconds;

constexpr std::uint64_t kListedMax = 4;
constexpr Seconds kSecond{1};
constexpr Seconds kDay{86400};

struct Change {
  Instant at;
  Zone::Span before;
  Zone::Span after;

  bool gap() const { return after.offset > before.offset; }
  Seconds length() const { return std::chrono::abs(after.offset - before.offset); }
  // Local times as instants of UTC, which is how local_times() has them.
  Instant shown_before() const { return at + before.offset; }
  Instant shown_after() const { return at + after.offset; }
  Instant passed() const { return Instant{after.passed.time_since_epoch()}; }
};

// The clock of a calendar schedule at one change.
class CalendarChange {
 public:
  CalendarChange(const Trigger& trigger, const ScheduleParts& parts, const Change& change)
      : trigger_(trigger), parts_(parts), change_(change), local_times_(local_times(trigger)) {}

  void tell(ClockChangeWords& told) const { change_.gap() ? tell_gap(told) : tell_overlap(told); }

 private:
  bool elapsed_time() const { return parts_.calendar.every_hour(); }

  // "02:00", "02:00 and 02:30", "12 times from 02:00 to 02:55": the local times in [first, end), of which there are `count`.
  std::string listed(Instant first, Instant end, std::uint64_t count) const {
    const bool dated = std::chrono::floor<std::chrono::days>(first) != std::chrono::floor<std::chrono::days>(end - kSecond);
    const auto text = [&](Instant t) { return dated ? moment_words(t, local_times_.zone()) : time(t); };
    std::vector<std::string> times;
    if (count > kListedMax) {
      return std::to_string(count) + " times from " + text(*local_times_.next(first - kSecond)) + " to " +
             text(*local_times_.previous(end));
    }
    for (auto t = local_times_.next(first - kSecond); t && *t < end; t = local_times_.next(*t)) times.push_back(text(*t));
    return joined(times);
  }

  static std::string time(Instant local) {
    return time_of_day(static_cast<int>((local - std::chrono::floor<std::chrono::days>(local)).count()));
  }

  // "03:00", with the date where the gap leads into another day.
  std::string gap_end() const {
    const Instant end = change_.shown_after();
    const bool same_day =
        std::chrono::floor<std::chrono::days>(end) == std::chrono::floor<std::chrono::days>(change_.shown_before());
    return same_day ? time(end) : moment_words(change_.at, trigger_.zone());
  }

  void tell_gap(ClockChangeWords& told) const {
    const Instant first = change_.passed();
    const Instant end = change_.shown_after();
    const std::uint64_t count = local_times_.count(first - kSecond, end - kSecond);
    if (count == 0) return;
    const std::string times = listed(first, end, count);
    const bool one = count == 1;
    if (elapsed_time()) {
      told.effect = Effect::skipped;
      told.words = times + (one ? " is skipped and does" : " are skipped and do") +
                   " not fire: a schedule of all 24 hours follows elapsed time";
      return;
    }
    if (trigger_.count(change_.at - kSecond, change_.at) == 0) {
      told.effect = Effect::inactive;
      told.words = times + (one ? " is" : " are") + " skipped; the fire where the gap ends lies outside of its bounds";
      return;
    }
    told.effect = Effect::gap_end;
    const bool with_other = local_times_.count(end - kSecond, end) != 0;
    told.words = times + (one ? " is skipped" : " are skipped") + "; fires once at " + gap_end() +
                 (with_other ? ", together with the fire that is due then" : ", where the gap ends");
  }

  void tell_overlap(ClockChangeWords& told) const {
    const Instant first = change_.shown_after();
    const bool cut_short = change_.after.end - change_.at < change_.length();  // by yet another change
    const Instant end = cut_short ? change_.after.end + change_.after.offset : change_.passed();
    const std::uint64_t count = local_times_.count(first - kSecond, end - kSecond);
    if (count == 0) return;
    const std::string times = listed(first, end, count);
    const std::string shown = times + (count == 1 ? " is shown twice" : " are shown twice");
    const Instant second_end = change_.at + (end - first);
    const Instant first_start = change_.at - (change_.shown_before() - first);
    const std::uint64_t first_fires = trigger_.count(first_start - kSecond, change_.at - kSecond);
    const std::uint64_t second_fires = trigger_.count(change_.at - kSecond, second_end - kSecond);
    const bool both = elapsed_time() || parts_.calendar.repeats_within_hour;
    told.effect = both ? Effect::both_showings : Effect::first_showing;
    if (first_fires != count || second_fires != (both ? count : 0)) {  // a bound lies within
      told.words = shown + "; within its bounds " + counted(static_cast<std::int64_t>(first_fires), "fire") +
                   " the first time and " + std::to_string(second_fires) + " the second";
    } else if (both) {
      told.words = shown + (count == 1 ? " and fires both times" : " and fire both times");
    } else {
      told.words = shown + (count == 1 ? "; fires the first time only" : "; fire the first time only");
    }
  }

  const Trigger& trigger_;
  const ScheduleParts& parts_;
  const Change& change_;
  Trigger local_times_;
};

void tell_interval(Seconds period, const Change& change, ClockChangeWords& told) {
  const bool daily = period % kDay == Seconds{0} || kDay % period == Seconds{0};
  if (daily && change.length() % period != Seconds{0}) {
    told.words = "counts elapsed time: from then on it fires " + length_words(change.length()) +
                 (change.gap() ? " later" : " earlier") + " by the clock";
  } else {
    told.words = "not affected: it counts elapsed time";
  }
}

}  // namespace

std::vector<ClockChangeWords> next_clock_changes(const Trigger& trigger, Instant after, std::size_t count) {
  const ScheduleParts parts = parts_of(trigger);
  std::vector<ClockChangeWords> changes;
  Zone::Span span = trigger.zone().span_at(after);
  while (changes.size() < count && span.end <= kLastInstant) {
    const Change change{span.end, span, trigger.zone().span_at(span.end)};
    span = change.after;
    ClockChangeWords told{change.at, change.before.offset, change.after.offset, Effect::none, "not affected"};
    if (!trigger.next(change.at - change.length() - kSecond)) {
      told.effect = Effect::inactive;
      told.words = "does not fire any more by then";
    } else if (!trigger.previous(change.at + change.length())) {
      told.effect = Effect::inactive;
      told.words = "does not fire yet by then";
    } else if (parts.is_calendar()) {
      CalendarChange(trigger, parts, change).tell(told);
    } else if (parts.format == ScheduleParts::Format::interval) {
      tell_interval(parts.period, change, told);
    }
    changes.push_back(std::move(told));
  }
  return changes;
}

const char* effect_name(ClockChangeWords::Effect effect) {
  switch (effect) {
    case Effect::none:
      return "none";
    case Effect::gap_end:
      return "gap_end";
    case Effect::skipped:
      return "skipped";
    case Effect::first_showing:
      return "first_showing";
    case Effect::both_showings:
      return "both_showings";
    case Effect::inactive:
      return "inactive";
  }
  return "none";
}

}  // namespace action_scheduler
