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

// Which outcomes: those of one action, of one kind, noted before that of a place, where given.
struct OutcomeFilter {
  std::optional<ActionId> action = {};
  std::optional<Outcome> outcome = {};
  std::optional<std::int64_t> before_place = {};
};

struct PlacedOutcome {
  std::int64_t place;  // ascends in the order in which outcomes are noted
  NotedOutcome outcome;
};

// The newest `limit` outcomes, newest first. Throws sqlite::Failure or MalformedLedger.
std::vector<PlacedOutcome> read_outcomes(sqlite::Database& database, std::int64_t shard, const OutcomeFilter& filter,
                                         std::size_t limit);

// The statements that write, compiled once. All throw sqlite::Failure, and belong into a transaction of the caller.
class LedgerWriter {
 public:
  LedgerWriter(sqlite::Database& database, std::int64_t shard);

  void apply(const LedgerChange& change);
  void note(std::span<const NotedOutcome> outcomes);
  // Drops all but the newest `keep` outcomes.
  void prune_outcomes(std::size_t keep);

 private:
  void park(const ParkedFire& parked);
  void note_request(const NotedRequest& request);

  std::int64_t shard_;
  sqlite::Statement set_watermark_;
  sqlite::Statement open_intent_;
  sqlite::Statement close_intent_;
  sqlite::Statement set_exception_batch_;
  sqlite::Statement mark_exactly_once_;
  sqlite::Statement note_;
  sqlite::Statement park_;
  sqlite::Statement unpark_;
  sqlite::Statement note_request_;
  sqlite::Statement prune_requests_;
  sqlite::Statement prune_;
};

}  // namespace action_scheduler
