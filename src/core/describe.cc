#include "action_scheduler/describe.h"

#include <bit>

#include "core/day_words.h"
#include "core/schedule_parts.h"
#include "core/time_words.h"
#include "core/words.h"

namespace action_scheduler {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kWeek = 7 * kDay;
constexpr Instant kEpoch{};

const Zone& utc() {
  static const Zone kUtc("UTC", Seconds{0}, {}, Instant::max());
  return kUtc;
}

std::string calendar_words(const ScheduleParts& parts) {
  const TimeWords time = time_words(parts.calendar);
  const std::string days = day_words(parts.calendar);
  std::string text = time.words;
  if (!days.empty()) text += (text.ends_with("on the hour") ? ", " : " ") + days;
  if (days.empty() && !time.all_day) text += " every day";
  if (parts.calendar.years.empty()) return text;
  const std::string years = years_words(parts.calendar.years);
  return text + (years.starts_with("from") ? ", " : ", only ") + years;
}

// Always in UTC: elapsed time knows no zone.
std::string interval_words(const ScheduleParts& parts) {
  const Instant start = parts.first.value_or(kFirstInstant);
  const std::int64_t period = parts.period.count();
  const std::int64_t since_midnight = (unix_seconds(start) % kDay + kDay) % kDay;
  std::string text = "every " + period_words(parts.period);
  const bool anchored = period == kDay || period == kWeek || kDay % period == 0;
  if (period % kDay == 0) {
    if (period % kWeek == 0) {
      const std::chrono::weekday weekday{std::chrono::floor<std::chrono::days>(start)};
      text += " on " + weekday_name(static_cast<int>(weekday.iso_encoding()) - 1) + 's';
    }
    text += " at " + time_of_day(static_cast<int>(since_midnight)) + " UTC";
  } else if (kDay % period == 0 && kDay / period <= 4) {
    std::vector<std::string> times;
    for (std::int64_t t = since_midnight % period; t < kDay; t += period) times.push_back(time_of_day(static_cast<int>(t)));
    text += " at " + joined(times) + " UTC";
  } else if (kDay % period == 0 && period > 1) {
    text += ", counted from " + time_of_day(static_cast<int>(since_midnight % period)) + " UTC of each day";
  }
  const std::string begin = moment_words(start, utc()) + " UTC";
  const std::string end = parts.last ? "until " + moment_words(*parts.last, utc()) + " UTC" : "";
  if (start != kEpoch) return text + ", from " + begin + (parts.last ? ' ' + end : " on");
  if (!anchored) text += ", counted from " + begin;
  return parts.last ? text + ", " + end : text;
}

std::string bound_words(const ScheduleParts& parts, const Zone& zone) {
  std::vector<std::string> bounds;
  if (parts.first) bounds.push_back("from " + moment_words(*parts.first, zone));
  if (parts.last) bounds.push_back("until " + moment_words(*parts.last, zone));
  return joined(bounds, " ");
}

// Whether some month of the schedule is too short for each of its days, and which of them are missed there.
std::optional<std::string> missing_day(const CalendarParts& parts) {
  const bool numbers_only = parts.nth_weekdays == 0 && !parts.last_day;
  if (!parts.restricts_days() || parts.either_day) return std::nullopt;
  if (numbers_only) {
    constexpr std::uint64_t kThirty = 1ULL << 4 | 1ULL << 6 | 1ULL << 9 | 1ULL << 11;
    constexpr std::uint64_t kFebruary = 1ULL << 2;
    const int first = std::countr_zero(parts.days);
    if (parts.months == kFebruary) {
      return first == 29 ? std::optional<std::string>("Only leap years have a 29th of February.") : std::nullopt;
    }
    if (first <= 28 || (first == 31 && (parts.months & (kThirty | kFebruary)) == 0) ||
        (first < 31 && (parts.months & kFebruary) == 0)) {
      return std::nullopt;
    }
    return "Months without a " + ordinal(first) + (first == 29 ? " (February, but in leap years)" : "") + " are passed over.";
  }
  constexpr std::uint64_t kFifth = 0x7FULL << 28;
  if (parts.days == 0 && !parts.last_day && (parts.nth_weekdays & ~kFifth) == 0) {
    return "Months without such a 5th weekday are passed over.";
  }
  return std::nullopt;
}

std::optional<std::string> two_day_fields(const ScheduleParts& parts) {
  const CalendarParts& calendar = parts.calendar;
  if (!calendar.restricts_days() || !calendar.restricts_weekdays()) return std::nullopt;
  if (calendar.either_day) {
    return "Both day fields are given and neither begins with `*`, so a day matches when either field does.";
  }
  if (parts.format == ScheduleParts::Format::unix) {
    return "One of the day fields begins with `*`, so a day has to match both of them.";
  }
  return "A day has to match both `day` and `day_of_week`.";
}

}  // namespace

std::string describe(const Trigger& trigger) {
  const ScheduleParts parts = parts_of(trigger);
  const Zone& zone = trigger.zone();
  std::string text;
  if (parts.format == ScheduleParts::Format::date) {
    text = "once, at " + moment_words(*parts.first, zone) + ", " + zone_words(zone);
  } else if (parts.format == ScheduleParts::Format::interval) {
    text = interval_words(parts);
  } else {
    text = calendar_words(parts) + ", " + zone_words(zone);
    if (parts.first || parts.last) text += ", " + bound_words(parts, zone);
  }
  if (trigger.jitter() != Seconds{0}) text += ", each up to " + length_words(trigger.jitter()) + " later (jitter)";
  return text;
}

std::vector<std::string> remarks(const Trigger& trigger) {
  const ScheduleParts parts = parts_of(trigger);
  std::vector<std::string> sentences;
  if (parts.is_calendar()) {
    if (auto fields = two_day_fields(parts)) sentences.push_back(*std::move(fields));
    if (auto day = missing_day(parts.calendar)) sentences.push_back(*std::move(day));
  }
  if (parts.format == ScheduleParts::Format::interval) {
    sentences.emplace_back(
        parts.first == kEpoch ? "It counts elapsed time from the Unix epoch, 1970-01-01T00:00:00Z, so that no restart shifts it; "
                                "start_date sets another beginning."
                              : "It counts elapsed time from its start_date; the clock of the zone does not matter.");
  }
  if (parts.last && parts.format != ScheduleParts::Format::date) {
    const Seconds offset = trigger.zone().span_at(*parts.last).offset;
    if ((parts.last->time_since_epoch() + offset).count() % kDay == 0) {
      sentences.emplace_back("The end_date is 00:00: later times of that day do not fire.");
    }
  }
  if (trigger.jitter() != Seconds{0}) {
    sentences.emplace_back("Fire times are shown without jitter. The delay follows from the fire's id and never changes.");
  }
  return sentences;
}

}  // namespace action_scheduler
