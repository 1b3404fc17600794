// Looking into the ledger of a scheduler, which may be running.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "action_scheduler/ledger.h"

namespace action_scheduler {

// Which outcomes to read.
struct OutcomeQuery {
  std::optional<ActionId> action;
  std::optional<Outcome> outcome;
  std::size_t limit = 50;
  std::optional<std::int64_t> before_place = {};  // OutcomePage::next_before of the page before
};

struct OutcomePage {
  std::vector<NotedOutcome> outcomes;       // newest first
  std::optional<std::int64_t> next_before;  // absent if there are no more
};

// Reads an SQLite ledger without its lock. In WAL mode readers and the writer do not wait for each other, so a running scheduler
// notices nothing; what it committed last is seen. Not thread safe: one thread at a time.
class LedgerReader {
 public:
  // Null if there is no such file, or no ledger in it yet. Nothing is made and nothing is repaired: a ledger that is damaged or
  // of another version is an Error. The right to read the file is needed and, after a crash, to write into its folder, where
  // SQLite keeps what its users share. While a scheduler starts or ends a call may fail; the next one works.
  static Result<std::unique_ptr<LedgerReader>> open(const std::string& path, std::int64_t shard = 0);

  virtual ~LedgerReader() = default;

  virtual Result<LedgerState> state() = 0;

  // Newest first.
  virtual Result<std::vector<NotedOutcome>> outcomes(const OutcomeQuery& query) = 0;

  // The same, with where to go on.
  virtual Result<OutcomePage> outcome_page(const OutcomeQuery& query) = 0;

  // A row as the scheduler last took it up, and the instant from which it counts.
  struct TakenUp {
    Row row;
    Instant counts_from;
  };
  // Absent if the scheduler does not schedule it: unknown, disabled or faulty.
  virtual Result<std::optional<TakenUp>> taken_up(ActionId id) = 0;

  // Calls `visit` with each row that the scheduler schedules and whose id is greater than `after`, ascending by id, until it
  // returns false. The views are valid during the call.
  virtual Result<void> taken_up_rows(std::optional<ActionId> after, const std::function<bool(const KnownRow&)>& visit) = 0;

  // Old outcomes are dropped when there are many: what was noted before this instant may be missing. Absent if nothing is.
  virtual Result<std::optional<Instant>> outcomes_complete_since() = 0;
};

}  // namespace action_scheduler
