#include "cli/check_command.h"

#include <iomanip>
#include <iostream>
#include <string>
#include <variant>

#include "action_scheduler/utf8.h"
#include "cli/exit_codes.h"
#include "operations/assembly.h"
#include "operations/check.h"
#include "zones/system_zones.h"

namespace action_scheduler {

namespace {

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

// `ok     table   12 rows: ...` a line.
void print(const CheckReport& report, std::ostream& out) {
  for (const CheckReport::Finding& finding : report.findings()) {
    std::string text;
    append_printable(text, finding.text);
    out << std::left << std::setw(6) << finding.kind << std::setw(9) << finding.part << text << '\n';
  }
}

}  // namespace

int check(const Settings& settings, bool json) {
  CheckReport report;
  report.good("config", "valid");
  const bool exactly_once_used = check_ledger(settings, report);
  SystemZones zones;
  check_table_and_receiver(settings, zones, exactly_once_used, report);
  if (json) {
    std::cout << report.json() << '\n';
  } else {
    print(report, std::cout);
  }
  return report.has_faults() ? kExitFailed : kExitDone;
}

}  // namespace action_scheduler
