#include "cli/check_command.h"

#include <cstdint>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "cli/assembly.h"
#include "cli/exit_codes.h"
#include "cli/report.h"
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
    }
  }
  void removed(ActionId) override {}

  const std::vector<RowFault>& faults() const { return faults_; }
  const std::vector<ActionId>& never() const { return never_; }
  std::uint64_t good() const { return good_; }
  std::uint64_t disabled() const { return disabled_; }

 private:
  RowParser& parser_;
  std::vector<RowFault> faults_;
  std::vector<ActionId> never_;
  std::uint64_t good_ = 0;
  std::uint64_t disabled_ = 0;
};

void check_table(const Settings& settings, CheckReport& report) {
  SystemZones zones;
  RowParser parser(row_defaults(settings), zones);
  RowCheck rows(parser);
  const Result<PollSummary> polled = make_source(settings)->poll(rows);
  if (!polled) {
    report.fault("table", polled.error().message);
    return;
  }
  report.good("table", std::to_string(polled->rows) + " rows: " + std::to_string(rows.good()) + " scheduled, " +
                           std::to_string(rows.disabled()) + " disabled, " + std::to_string(rows.faults().size()) + " faulty");
  for (const RowFault& fault : rows.faults()) report.fault("row", fault.describe());
  for (const ActionId id : rows.never()) report.note("row", "row " + std::to_string(id) + " never fires");
}

void check_ledger(const Settings& settings, CheckReport& report) {
  if (!settings.internal_db) {
    report.note("ledger", "internal_db is not configured: missed runs do not survive a restart");
    return;
  }
  const auto opening = open_ledger(settings);
  if (const auto* failure = std::get_if<LedgerOpenFailure>(&opening)) {
    if (failure->kind == LedgerOpenFailure::Kind::locked) {
      report.note("ledger", "in use by a running scheduler");
    } else {
      report.fault("ledger", failure->error.message);
    }
    return;
  }
  report.good("ledger", settings.internal_db->database);
}

}  // namespace

int check(const Settings& settings, bool json) {
  CheckReport report;
  report.good("config", "valid");
  check_ledger(settings, report);
  check_table(settings, report);
  report.print(std::cout, json);
  return report.has_faults() ? kExitFailed : kExitDone;
}

}  // namespace action_scheduler
