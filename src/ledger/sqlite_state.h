// How the ledger's values stand in its tables.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/ledger.h"
#include "sqlite/database.h"

namespace action_scheduler {

// The tables can be read but hold what this program never wrote.
class MalformedLedger : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What load() gives. Throws sqlite::Failure or MalformedLedger.
LedgerState read_ledger_state(sqlite::Database& database, std::int64_t shard);

// The newest `limit` outcomes, newest first; those of one action and of one kind where given. Throws sqlite::Failure or
// MalformedLedger.
std::vector<NotedOutcome> read_outcomes(sqlite::Database& database, std::int64_t shard, std::optional<ActionId> action,
                                        std::optional<Outcome> outcome, std::size_t limit);

// The statements that write, compiled once. All throw sqlite::Failure, and belong into a transaction of the caller.
class LedgerWriter {
 public:
  LedgerWriter(sqlite::Database& database, std::int64_t shard);

  void apply(const LedgerChange& change);
  // Drops all but the newest `keep` outcomes.
  void prune_outcomes(std::size_t keep);

 private:
  void park(const ParkedFire& parked);

  std::int64_t shard_;
  sqlite::Statement set_watermark_;
  sqlite::Statement open_intent_;
  sqlite::Statement close_intent_;
  sqlite::Statement set_exception_batch_;
  sqlite::Statement mark_exactly_once_;
  sqlite::Statement note_;
  sqlite::Statement park_;
  sqlite::Statement unpark_;
  sqlite::Statement prune_;
};

}  // namespace action_scheduler
