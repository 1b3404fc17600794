#include "operations/action_report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "action_scheduler/describe.h"
#include "core/json.h"
#include "operations/json_object.h"
#include "operations/schedule_text.h"

namespace action_scheduler {
namespace {

constexpr std::array<Column, kColumnCount> kShownColumns = {
    Column::name,    Column::command,  Column::cron,  Column::merge_missed, Column::actuality_time,
    Column::enabled, Column::timezone, Column::topic, Column::key,          Column::headers};

// The latest fire time that is settled, however it ended.
std::optional<Instant> last_settled(ActionId id, const Trigger& trigger, Position watermark) {
  // With jitter the times just before the watermark may be due behind it; who has a second's schedule and a day's jitter is told
  // nothing.
  constexpr int kStepsMax = 1000;
  auto time = trigger.previous(watermark.instant + Seconds{1});
  for (int steps = 0; time && steps < kStepsMax; time = trigger.previous(*time), ++steps) {
    if (Position{due_instant(id, *time, trigger.jitter()), id} <= watermark) return time;
  }
  return std::nullopt;
}

bool same_cell(const RowView& a, const RowView& b, Column column) { return a[column] == b[column]; }

std::string cell_json(Column column, const std::optional<std::string>& cell) {
  if (!cell) return "null";
  if (column == Column::merge_missed || column == Column::enabled) {
    if (*cell == "t" || *cell == "1" || *cell == "true") return "true";
    if (*cell == "f" || *cell == "0" || *cell == "false") return "false";
  }
  const std::string digits = cell->starts_with('-') ? cell->substr(1) : *cell;
  if (column == Column::actuality_time && !digits.empty() && digits.size() < 16 && (digits == "0" || digits[0] != '0') &&
      std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) {
    return *cell;
  }
  return json_quoted(*cell);
}

}  // namespace

Result<LedgerView> LedgerView::open(const Settings& settings) {
  LedgerView view;
  if (!settings.internal_db) return view;
  auto opened = LedgerReader::open(settings.internal_db->database);
  if (!opened) return opened.error();
  if (*opened == nullptr) return view;
  view.reader_ = *std::move(opened);
  auto state = view.reader_->state();
  if (!state) return state.error();
  view.state_ = *std::move(state);
  const auto complete = view.reader_->outcomes_complete_since();
  if (!complete) return complete.error();
  view.complete_since_ = *complete;
  return view;
}

Result<std::vector<NotedOutcome>> LedgerView::outcomes(const OutcomeQuery& query) const {
  if (!reader_) return std::vector<NotedOutcome>();
  return reader_->outcomes(query);
}

Result<OutcomePage> LedgerView::outcome_page(const OutcomeQuery& query) const {
  if (!reader_) return OutcomePage();
  return reader_->outcome_page(query);
}

Result<std::optional<LedgerReader::TakenUp>> LedgerView::taken_up(ActionId id) const {
  if (!reader_) return std::optional<LedgerReader::TakenUp>();
  return reader_->taken_up(id);
}

Result<void> LedgerView::taken_up_rows(std::optional<ActionId> after, const std::function<bool(const KnownRow&)>& visit) const {
  if (!reader_) return {};
  return reader_->taken_up_rows(after, visit);
}

std::vector<ParkedFire> LedgerView::parked_of(ActionId id) const {
  const auto [begin, end] =
      std::ranges::equal_range(state_.parked, id, {}, [](const ParkedFire& one) { return one.fire.action; });
  return {begin, end};
}

Result<std::optional<LastOutcome>> LedgerView::last_outcome(const RowView& row, const Trigger& trigger) const {
  std::optional<LastOutcome> last;
  if (!reader_) return last;
  constexpr std::size_t kLooked = 20;
  const auto noted = reader_->outcomes({row.id, {}, kLooked});
  if (!noted) return noted.error();
  const auto take = [&](std::string outcome, Instant time) {
    if (!last || time > last->time) last = LastOutcome{std::move(outcome), time};
  };
  for (const NotedOutcome& outcome : *noted) take(std::string(to_string(outcome.outcome)), outcome.last);
  for (const ParkedFire& parked : parked_of(row.id)) take("parked", parked.fire.time);

  const auto known = reader_->taken_up(row.id);
  if (!known) return known.error();
  if (!*known || !state_.watermark) return last;
  const RowView known_row = (*known)->row.view();
  if (!same_cell(row, known_row, Column::cron) || !same_cell(row, known_row, Column::timezone)) return last;
  const auto settled = last_settled(row.id, trigger, *state_.watermark);
  if (!settled || *settled <= (*known)->counts_from || (complete_since_ && *settled < *complete_since_)) return last;
  take(std::string(to_string(Outcome::delivered)), *settled);
  return last;
}

ActionReport report_on(const Row& row, RowParser& parser) {
  ActionReport report;
  report.row = row;
  ParsedRow parsed = parser.parse(row.view());
  if (std::holds_alternative<Disabled>(parsed)) {
    report.disabled = true;
    Row enabled = row;
    enabled[Column::enabled].reset();
    parsed = parser.parse(enabled.view());
  }
  if (auto* action = std::get_if<Action>(&parsed)) report.trigger = action->trigger;
  if (auto* fault = std::get_if<RowFault>(&parsed)) report.fault = std::move(*fault);
  return report;
}

std::string report_members_json(const ActionReport& report, Instant now) {
  Row row = report.row;
  const auto next = report.trigger && !report.disabled ? report.trigger->next(now) : std::nullopt;
  std::string text = "\"id\":" + std::to_string(row.id) + ",\"name\":" + cell_json(Column::name, row[Column::name]) +
                     ",\"state\":\"" + report.state() + "\",\"schedule\":";
  text += report.trigger ? json_quoted(describe(*report.trigger)) : "null";
  text += ",\"timezone\":" + (report.trigger ? json_quoted(report.trigger->zone().name()) : "null");
  text += ",\"next\":" + (next ? '"' + format_utc(*next) + '"' : "null") + ",\"last\":";
  text +=
      report.last ? "{\"outcome\":\"" + report.last->outcome + "\",\"time\":\"" + format_utc(report.last->time) + "\"}" : "null";
  text += ",\"fault\":";
  text += report.fault ? fault_json(*report.fault) : "null";
  return text;
}

std::string fault_json(const RowFault& fault) {
  return JsonObject().quoted("column", column_name(fault.column)).quoted("message", fault.message).text();
}

std::string cells_json(const Row& row) {
  std::string text;
  Row cells = row;
  for (const Column column : kShownColumns) {
    text += (text.empty() ? "\"" : ",\"") + std::string(column_name(column)) + "\":" + cell_json(column, cells[column]);
  }
  return '{' + text + '}';
}

std::string parked_json(const ParkedFire& parked) {
  const Fire& fire = parked.fire;
  return "{\"id\":\"" + fire_id(fire) + "\",\"action\":" + std::to_string(fire.action) + ",\"time\":\"" + format_utc(fire.time) +
         "\",\"topic\":" + json_quoted(parked.topic) + ",\"reason\":" + json_quoted(parked.reason) + ",\"parked_at\":\"" +
         format_utc(parked.parked_at) + "\",\"attempt\":" + std::to_string(fire.attempt) +
         ",\"expires\":" + (fire.expires ? '"' + format_utc(*fire.expires) + '"' : "null") +
         ",\"requested_by\":" + (parked.asked.empty() ? "null" : json_quoted(parked.asked)) + '}';
}

std::string outcome_json(const NotedOutcome& outcome) {
  const bool requested = outcome.requested != Instant{};
  return JsonObject()
      .number("action", outcome.action)
      .quoted("outcome", to_string(outcome.outcome))
      .time("first", outcome.first)
      .time("last", outcome.last)
      .number("count", outcome.count)
      .quoted("reason", outcome.reason)
      .time("noted_at", outcome.noted_at)
      .time("requested_at", requested ? std::optional(outcome.requested) : std::nullopt)
      .text();
}

std::string action_json(const ActionReport& report, Instant now, const std::string& more) {
  std::string text = '{' + report_members_json(report, now) + ",\"cells\":" + cells_json(report.row);
  if (report.trigger) {
    const auto silence = why_silent(*report.trigger, now);
    const std::vector<Instant> fires = report.disabled ? std::vector<Instant>() : next_fires(*report.trigger, now);
    text += ",\"remarks\":" + json_array(remarks(*report.trigger), json_quoted) +
            ",\"fires\":" + fires_json(fires, report.trigger->zone()) +
            ",\"silence\":" + (silence ? json_quoted(*silence) : "null");
  } else {
    text += ",\"remarks\":[],\"fires\":[],\"silence\":null";
  }
  return text + more + '}';
}

std::string name_of(const Row& row) { return quoted_excerpt(row.view()[Column::name].value_or("")); }

}  // namespace action_scheduler
