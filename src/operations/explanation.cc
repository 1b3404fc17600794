#include "operations/explanation.h"

#include "core/cron_field.h"
#include "core/datetime_text.h"
#include "core/json.h"
#include "operations/json_object.h"
#include "operations/schedule_text.h"

namespace action_scheduler {
namespace {

constexpr std::size_t kClockChanges = 2;

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

}  // namespace

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

std::string explanation_json(const Explanation& all) {
  return JsonObject()
      .quoted("schedule", all.words)
      .quoted("timezone", all.zone->name())
      .raw("remarks", json_array(all.remarks, json_quoted))
      .raw("fires", fires_json(all.fires, *all.zone))
      .raw("silence", all.silence ? json_quoted(*all.silence) : "null")
      .raw("clock_changes", json_array(all.clock_changes,
                                       [](const ClockChangeWords& change) {
                                         return JsonObject()
                                             .time("at", change.at)
                                             .quoted("offset_before", format_offset(change.offset_before))
                                             .quoted("offset_after", format_offset(change.offset_after))
                                             .quoted("kind", change.offset_after > change.offset_before ? "gap" : "overlap")
                                             .quoted("effect", effect_name(change.effect))
                                             .quoted("words", change.words)
                                             .text();
                                       }))
      .text();
}

}  // namespace action_scheduler
