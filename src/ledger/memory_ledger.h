// A ledger without a file, for a scheduler without `internal_db`: missed runs do not survive a restart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "action_scheduler/ledger.h"

namespace action_scheduler {

// Keeps what a durable ledger keeps, for the life of the object. Calls never fail. Not thread safe: one thread at a time.
class MemoryLedger : public Ledger {
 public:
  static constexpr std::size_t kOutcomesMax = 100'000;

  // The newest `outcomes_max` (at least 1) outcomes are kept.
  explicit MemoryLedger(std::size_t outcomes_max = kOutcomesMax) : outcomes_max_(outcomes_max) {}

  Result<LedgerState> load() override;
  Result<void> load_rows(const std::function<void(const KnownRow&)>& visit) override;
  Result<void> save_rows(const KnownRows& upserts, std::span<const ActionId> removals,
                         std::span<const NotedOutcome> ended) override;
  Result<void> replace_rows(std::span<const RowPack> packs, const KnownRows& others) override;
  // Both kinds of durability are the same here: none.
  Result<void> write(const LedgerChange& change, Durability durability) override;
  Result<std::vector<NotedOutcome>> outcomes(std::optional<ActionId> action, std::size_t limit) override;

 private:
  using OutcomeKey = std::tuple<ActionId, Outcome, Instant, Instant>;  // action, outcome, first fire time, request

  void keep(const KnownRow& known);
  void note(const NotedOutcome& noted);

  std::size_t outcomes_max_;
  std::optional<Position> watermark_;
  std::optional<Intent> intent_;
  std::uint64_t exception_batch_ = 0;
  bool exactly_once_used_ = false;
  std::map<std::tuple<ActionId, Instant, Instant>, ParkedFire> parked_;  // by action, fire time and request
  std::vector<NotedRequest> requests_;
  std::map<ActionId, std::pair<Row, Instant>> rows_;  // the row and the instant from which it counts
  std::map<std::uint64_t, NotedOutcome> outcomes_;    // by the order in which they were noted
  std::map<OutcomeKey, std::uint64_t> noted_;         // where an outcome is in outcomes_
  std::uint64_t last_noted_ = 0;
};

}  // namespace action_scheduler
