#include "cli/check_command.h"

#include <cstdint>
#include <iostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "callbacks/registry.h"
#include "cli/exit_codes.h"
#include "cli/report.h"
#include "operations/assembly.h"
#include "zones/system_zones.h"

namespace action_scheduler {

namespace {

// Parses what a poll finds and keeps the faults.
class RowCheck : public ChangeVisitor {
 public:
  explicit RowCheck(RowParser& parser) : parser_(parser) {}

  void changed(const RowView& row) override {
    const ParsedRow parsed = parser_.parse(row);
    if (const auto* fault = std::get_if<RowFault>(&parsed)) faults_.push_back(*fault);
    if (std::holds_alternative<Disabled>(parsed)) ++disabled_;
    if (const auto* action = std::get_if<Action>(&parsed)) {
      ++good_;
      if (!action->trigger.next(kFirstInstant)) never_.push_back(row.id);
      if (const auto topic = action->text.topic()) topics_.emplace(*topic);
    }
  }
  void removed(ActionId) override {}

  const std::vector<RowFault>& faults() const { return faults_; }
  const std::vector<ActionId>& never() const { return never_; }
  const std::set<std::string>& topics() const { return topics_; }
  std::uint64_t good() const { return good_; }
  std::uint64_t disabled() const { return disabled_; }

 private:
  RowParser& parser_;
  std::vector<RowFault> faults_;
  std::vector<ActionId> never_;
  std::set<std::string> topics_;
  std::uint64_t good_ = 0;
  std::uint64_t disabled_ = 0;
};

// Gives the topics that rows name.
std::set<std::string> check_table(const Settings& settings, CheckReport& report) {
  SystemZones zones;
  RowParser parser(row_defaults(settings), zones);
  RowCheck rows(parser);
  const Result<PollSummary> polled = make_source(settings)->poll(rows);
  if (!polled) {
    const Result<TableCreation> creation = make_action_table(settings)->try_creation();
    if (creation && *creation == TableCreation::created) {
      report.note("table", "table " + settings.actions_db.table + " does not exist yet; the service creates it when it starts");
    } else {
      report.fault("table", polled.error().message);
    }
    return {};
  }
  report.good("table", std::to_string(polled->rows) + " rows: " + std::to_string(rows.good()) + " scheduled, " +
                           std::to_string(rows.disabled()) + " disabled, " + std::to_string(rows.faults().size()) + " faulty");
  for (const RowFault& fault : rows.faults()) report.fault("row", fault.describe());
  for (const ActionId id : rows.never()) report.note("row", "row " + std::to_string(id) + " never fires");
  if (polled->rows_without_id > 0) {
    report.note("row", std::to_string(polled->rows_without_id) + " rows have no integer id and cannot be scheduled");
  }
  return rows.topics();
}

// Gives whether exactly_once was used; false where nobody knows.
bool check_ledger(const Settings& settings, CheckReport& report) {
  if (!settings.internal_db) {
    report.note("ledger", "internal_db is not configured: missed runs do not survive a restart");
    return false;
  }
  const auto opening = open_ledger(settings);
  if (const auto* failure = std::get_if<LedgerOpenFailure>(&opening)) {
    if (failure->kind == LedgerOpenFailure::Kind::locked) {
      report.note("ledger", "in use by a running scheduler");
    } else {
      report.fault("ledger", failure->error.message);
    }
    return false;
  }
  const Result<LedgerState> state = std::get<OpenedLedger>(opening).ledger->load();
  if (!state) {
    report.fault("ledger", state.error().message);
    return false;
  }
  report.good("ledger", settings.internal_db->database);
  return state->exactly_once_used;
}

void check_receiver(const Settings& settings, bool exactly_once_used, const std::set<std::string>& topics, CheckReport& report) {
  constexpr std::size_t kAskedTopicsMax = 100;
  CallbackOptions options = callback_options(settings);
  options.exactly_once_used = exactly_once_used;
  std::vector<std::string> asked(topics.begin(), topics.end());
  if (!callback_uses_kafka(settings.action.callback)) asked.clear();
  if (settings.kafka && !settings.kafka->faults_topic.empty()) asked.insert(asked.begin(), settings.kafka->faults_topic);
  if (asked.size() > kAskedTopicsMax) {
    report.note("topic", "rows name " + std::to_string(asked.size()) + " topics, of which the first " +
                             std::to_string(kAskedTopicsMax) + " are checked");
    asked.resize(kAskedTopicsMax);
  }
  const std::string_view part = callback_uses_kafka(settings.action.callback) ? "kafka" : "callback";
  for (const CallbackFinding& finding : check_callback(settings.action.callback, options, asked)) {
    switch (finding.kind) {
      case CallbackFinding::Kind::good:
        report.good(part, finding.text);
        break;
      case CallbackFinding::Kind::note:
        report.note(part, finding.text);
        break;
      case CallbackFinding::Kind::fault:
        report.fault(part, finding.text);
        break;
    }
  }
}

}  // namespace

int check(const Settings& settings, bool json) {
  CheckReport report;
  report.good("config", "valid");
  const bool exactly_once_used = check_ledger(settings, report);
  const std::set<std::string> topics = check_table(settings, report);
  check_receiver(settings, exactly_once_used, topics, report);
  report.print(std::cout, json);
  return report.has_faults() ? kExitFailed : kExitDone;
}

}  // namespace action_scheduler
