// What is to be said of one action: its row, what it means, and what the ledger knows of it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/ledger.h"
#include "config/settings.h"
#include "ledger/ledger_reader.h"

namespace action_scheduler {

// How the latest fire time of an action that is behind us ended.
struct LastOutcome {
  std::string outcome;  // that of a NotedOutcome, or `parked`
  Instant time;         // fire time
};

// The ledger of a scheduler that may be running, as it was when this was opened. Single-threaded.
class LedgerView {
 public:
  // Without `internal_db`, without a file and without a ledger in it nothing is known; is_there() is false then.
  static Result<LedgerView> open(const Settings& settings);

  bool is_there() const { return reader_ != nullptr; }
  const LedgerState& state() const { return state_; }
  const std::vector<ParkedFire>& parked() const { return state_.parked; }

  // Newest first. None if nothing is known.
  Result<std::vector<NotedOutcome>> outcomes(const OutcomeQuery& query) const;

  Result<OutcomePage> outcome_page(const OutcomeQuery& query) const;

  // The row as the scheduler took it up, if it did.
  Result<std::optional<LedgerReader::TakenUp>> taken_up(ActionId id) const;

  // Such rows with an id greater than `after`, ascending, until `visit` returns false.
  Result<void> taken_up_rows(std::optional<ActionId> after, const std::function<bool(const KnownRow&)>& visit) const;

  std::vector<ParkedFire> parked_of(ActionId id) const;

  // What was noted before this instant may be missing among the outcomes. Absent if nothing is.
  std::optional<Instant> complete_since() const { return complete_since_; }

  // Deliveries are not noted: a fire time of `trigger` that is settled and has no other outcome was delivered. Absent if nothing
  // is known, and if the scheduler has not taken up `row` as it is now.
  Result<std::optional<LastOutcome>> last_outcome(const RowView& row, const Trigger& trigger) const;

 private:
  std::unique_ptr<LedgerReader> reader_;
  LedgerState state_;
  std::optional<Instant> complete_since_;
};

// The words and numbers of an action.
struct ActionReport {
  Row row;
  std::optional<Trigger> trigger;  // absent with a fault, and if it is disabled and has one
  std::optional<RowFault> fault;   // why it cannot be scheduled, were it enabled
  bool disabled = false;
  std::optional<LastOutcome> last;

  const char* state() const { return disabled ? "disabled" : fault ? "faulty" : "scheduled"; }
};

// Parses the row; what is wrong with it is told of a disabled row too.
ActionReport report_on(const Row& row, RowParser& parser);

// The members that `list` and `show` have in common, without the braces: `"id":42,"name":...`.
std::string report_members_json(const ActionReport& report, Instant now);

// Every cell: `{"name":"report",...}`. Booleans and numbers are such, JSON stays the text that the table holds.
std::string cells_json(const Row& row);

// An action as `show --json` tells it, with further members.
std::string action_json(const ActionReport& report, Instant now, const std::string& more);

std::string fault_json(const RowFault& fault);
std::string parked_json(const ParkedFire& parked);
std::string outcome_json(const NotedOutcome& outcome);

// `"nightly"`, printable and cut if it is long.
std::string name_of(const Row& row);

}  // namespace action_scheduler
