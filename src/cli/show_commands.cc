// The commands `list` and `show`.
#include <array>
#include <ostream>
#include <sstream>
#include <utility>
#include <vector>

#include "action_scheduler/describe.h"
#include "action_scheduler/utf8.h"
#include "cli/exit_codes.h"
#include "cli/operator_commands.h"
#include "cli/progress.h"
#include "cli/text_table.h"
#include "core/json.h"
#include "operations/action_list.h"
#include "operations/action_report.h"
#include "operations/assembly.h"
#include "operations/recent_deliveries.h"
#include "zones/system_zones.h"

namespace action_scheduler {
namespace {

// "2026-11-23 08:00:00"
std::string readable(Instant t) {
  std::string text = format_utc(t);
  text.pop_back();
  text[text.find('T')] = ' ';
  return text;
}

// What is wrong with the ledger hides nothing of the table.
LedgerView open_ledger_view(const Settings& settings, std::ostream& err) {
  auto opened = LedgerView::open(settings);
  if (opened) return *std::move(opened);
  err << "action-scheduler: outcomes are not shown: " << opened.error().message << '\n';
  return {};
}

void tell_table_error(const std::string& error, std::ostream& err) {
  if (error.empty()) return;
  err << "action-scheduler: " << error << "; this is what the scheduler goes on with\n";
}

std::string next_cell(const ActionReport& report, Instant now) {
  if (report.disabled) return "disabled";
  if (report.fault) return "fault";
  const auto next = report.trigger->next(now);
  return next ? readable(*next) : "never";
}

std::string fault_words(const RowFault& fault) {
  return "column " + std::string(column_name(fault.column)) + ": " + fault.message;
}

// Nothing beside the faults, which are long.
void print_faults(const ActionPage& page, const OperatorConsole& console) {
  TextTable table({{"ID", true, 0}, {"NAME", false, 8}, {"FAULT", false, 12}});
  for (const ActionReport& report : page.actions) {
    table.add(
        {std::to_string(report.row.id), std::string(report.row.view()[Column::name].value_or("")), fault_words(*report.fault)});
  }
  console.out << table.text(console.width);
}

void print_table(const ActionPage& page, const OperatorConsole& console) {
  TextTable table(
      {{"ID", true, 0}, {"NAME", false, 8}, {"SCHEDULE", false, 12}, {"NEXT FIRE (UTC)", false, 0}, {"LAST", false, 0}});
  for (const ActionReport& report : page.actions) {
    const std::string schedule = report.fault ? fault_words(*report.fault) : describe(*report.trigger);
    table.add({std::to_string(report.row.id), std::string(report.row.view()[Column::name].value_or("")), schedule,
               next_cell(report, console.now), report.last ? report.last->outcome : "-"});
  }
  console.out << table.text(console.width);
}

void print_cells(const ActionReport& report, const Settings& settings, std::ostream& out) {
  const auto if_null = [&](Column column) -> std::string {
    switch (column) {
      case Column::merge_missed:
        return settings.action.merge_missed ? " (true, by action.defaults)" : " (false, by action.defaults)";
      case Column::actuality_time:
        return settings.action.actuality_time
                   ? " (" + std::to_string(settings.action.actuality_time->count()) + " seconds, by action.defaults)"
                   : " (for ever, by action.defaults)";
      case Column::topic:
        return settings.kafka ? " (" + settings.kafka->topic + ", by kafka.topic)" : "";
      case Column::enabled:
        return " (enabled)";
      default:
        return "";
    }
  };
  const RowView row = report.row.view();
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    const auto column = static_cast<Column>(i);
    std::string line = "  " + std::string(column_name(column));
    line.resize(18, ' ');
    if (row[column]) {
      append_printable(line, *row[column]);
    } else {
      line += "null" + if_null(column);
    }
    out << line << '\n';
  }
}

// Whether a running scheduler knows the row as it is.
std::string taken_up_words(const ActionReport& report, const LedgerView& ledger,
                           const std::optional<LedgerReader::TakenUp>& known) {
  if (!ledger.is_there()) return {};
  if (report.disabled || report.fault) return known ? "The scheduler has not taken up this row as it is now." : "";
  if (!known) return "The scheduler has not taken it up yet.";
  if (fingerprint(known->row.view()) != fingerprint(report.row.view())) {
    return "The scheduler has not taken up the latest change yet; it fires by the row as it was.";
  }
  return "Fire times after " + format_utc(known->counts_from) + " count.";
}

void print_history(const std::vector<ParkedFire>& parked, const std::vector<NotedOutcome>& outcomes,
                   const std::vector<PlainDelivery>& deliveries, const OperatorConsole& console) {
  if (!deliveries.empty()) {
    console.out << "\nDelivered, newest first (UTC)\n";
    for (const PlainDelivery& one : deliveries) console.out << "  " << readable(one.time) << '\n';
  }
  if (!parked.empty()) {
    console.out << "\nParked: not taken by the receiver, tried again until it is\n";
    TextTable table({{"FIRE TIME (UTC)", false, 0}, {"SINCE", false, 0}, {"TOPIC", false, 8}, {"REASON", false, 12}});
    for (const ParkedFire& one : parked) table.add({readable(one.fire.time), readable(one.parked_at), one.topic, one.reason});
    console.out << table.text(console.width);
  }
  if (!outcomes.empty()) {
    console.out << "\nNewest outcomes other than plain deliveries\n";
    console.out << outcome_table(outcomes, {}, false, console.width);
  }
}

}  // namespace

std::string outcome_table(const std::vector<NotedOutcome>& outcomes, const std::vector<ParkedFire>& parked, bool with_action,
                          std::size_t width) {
  std::vector<TextTable::Column> columns = {{"NOTED (UTC)", false, 0}, {"OUTCOME", false, 0}};
  if (with_action) columns.push_back({"ACTION", true, 0});
  for (const TextTable::Column& column :
       {TextTable::Column{"FIRES", true, 0}, {"FIRE TIME (UTC)", false, 0}, {"REASON", false, 12}}) {
    columns.push_back(column);
  }
  TextTable table(std::move(columns));
  const auto add = [&](Instant at, std::string outcome, ActionId action, std::uint64_t count, std::string times,
                       std::string reason) {
    std::vector<std::string> cells = {readable(at), std::move(outcome)};
    if (with_action) cells.push_back(std::to_string(action));
    cells.insert(cells.end(), {grouped(count), std::move(times), std::move(reason)});
    table.add(cells);
  };
  // Both are newest first.
  auto next_parked = parked.begin();
  const auto add_parked = [&](const auto& until) {
    for (; next_parked != parked.end() && until(*next_parked); ++next_parked) {
      add(next_parked->parked_at, "parked", next_parked->fire.action, 1, readable(next_parked->fire.time),
          next_parked->topic.empty() ? next_parked->reason : next_parked->topic + ": " + next_parked->reason);
    }
  };
  for (const NotedOutcome& outcome : outcomes) {
    add_parked([&](const ParkedFire& one) { return one.parked_at >= outcome.noted_at; });
    const std::string times =
        outcome.first == outcome.last ? readable(outcome.first) : readable(outcome.first) + " to " + readable(outcome.last);
    add(outcome.noted_at, std::string(to_string(outcome.outcome)), outcome.action, outcome.count, times, outcome.reason);
  }
  add_parked([](const ParkedFire&) { return true; });
  return table.text(width);
}

int list_actions(const Settings& settings, const ListOptions& options, const OperatorConsole& console) {
  SystemZones zones;
  RowParser parser(row_defaults(settings), zones);
  ProgressLine progress(console.err, console.show_progress);
  const ActionQuery query{static_cast<std::size_t>(options.limit), options.after, options.search, options.faults};
  const LedgerView ledger = open_ledger_view(settings, console.err);
  Result<ActionPage> page =
      read_actions(settings, query, parser, ledger, [&](std::uint64_t rows) { progress.count("Reading rows", rows); });
  progress.finish();
  if (!page) return failed(console, page.error());
  tell_table_error(page->table_error, console.err);
  if (const auto told = tell_last_outcomes(page->actions, ledger); !told) {
    console.err << "action-scheduler: outcomes are not shown: " << told.error().message << '\n';
  }
  if (options.json) {
    console.out << page_json(*page, ledger, console.now) << '\n';
  } else if (page->actions.empty()) {
    const bool any = options.after || !options.search.empty() || options.faults;
    console.err << (any ? "no action is of this kind\n"
                        : "there are no actions; action-scheduler add --help shows how to add one\n");
  } else {
    if (options.faults) {
      print_faults(*page, console);
    } else {
      print_table(*page, console);
    }
    if (page->next_after) console.err << "there are more: --after " << *page->next_after << '\n';
  }
  return console.out.flush() ? kExitDone : kExitFailed;
}

int show_action(const Settings& settings, const ShowOptions& options, const OperatorConsole& console) {
  constexpr std::size_t kShownOutcomes = 10;
  constexpr std::size_t kShownDeliveries = 5;
  const LedgerView ledger = open_ledger_view(settings, console.err);
  const auto found = find_action(settings, options.id, ledger);
  if (!found) return failed(console, found.error());
  if (!*found) return failed(console, no_action(options.id));
  tell_table_error((*found)->table_error, console.err);
  SystemZones zones;
  RowParser parser(row_defaults(settings), zones);
  ActionReport report = report_on((*found)->row, parser);
  const auto outcomes = ledger.outcomes({options.id, {}, kShownOutcomes});
  if (!outcomes) return failed(console, outcomes.error());
  const auto known = ledger.taken_up(options.id);
  if (!known) return failed(console, known.error());
  const std::vector<ParkedFire> parked = ledger.parked_of(options.id);
  const auto deliveries = recent_deliveries(ledger, parser, options.id, kShownDeliveries);
  if (!deliveries) return failed(console, deliveries.error());
  if (report.trigger) {
    auto last = ledger.last_outcome(report.row.view(), *report.trigger);
    if (!last) return failed(console, last.error());
    report.last = *last;
  }
  if (options.json) {
    const bool current = *known && fingerprint((*known)->row.view()) == fingerprint(report.row.view());
    console.out << action_json(report, console.now, [&] {
      std::string text = ",\"taken_up\":";
      text += !ledger.is_there() ? "null" : current ? "true" : "false";
      text += ",\"counts_from\":" + (current ? '"' + format_utc((*known)->counts_from) + '"' : "null");
      text += ",\"table_error\":" + ((*found)->table_error.empty() ? "null" : json_quoted((*found)->table_error));
      text += ",\"parked\":" + json_array(parked, parked_json) + ",\"outcomes\":" + json_array(*outcomes, outcome_json);
      text += ",\"deliveries\":" + json_array(*deliveries, delivery_json);
      return text;
    }()) << '\n';
    return console.out.flush() ? kExitDone : kExitFailed;
  }
  console.out << "Action " << options.id << ' ' << name_of(report.row) << ", " << report.state() << "\n\n";
  print_cells(report, settings, console.out);
  console.out << '\n';
  print_schedule(report, console.now, console.out);
  if (report.last) console.out << "\nLast: " << report.last->outcome << ", " << format_utc(report.last->time) << '\n';
  if (const std::string words = taken_up_words(report, ledger, *known); !words.empty()) console.out << words << '\n';
  print_history(parked, *outcomes, *deliveries, console);
  return console.out.flush() ? kExitDone : kExitFailed;
}

}  // namespace action_scheduler
