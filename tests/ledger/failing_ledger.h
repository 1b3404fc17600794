// A ledger whose writes can be made to fail, as on a full disk.
#pragma once

#include <cstddef>
#include <string>

#include "action_scheduler/ledger.h"

namespace action_scheduler::testing {

// Passes everything on to another ledger, which must outlive it, unless a failure was ordered.
class FailingLedger : public Ledger {
 public:
  explicit FailingLedger(Ledger& inner) : inner_(inner) {}

  // The next `count` calls of write(), save_rows() and replace_rows() are Errors and change nothing.
  void fail_next_writes(std::size_t count, std::string message = "ledger: disk full (ordered by the test)") {
    failures_ = count;
    message_ = std::move(message);
  }

  // How many such calls went well, and how many of write() asked for power_loss.
  std::size_t writes() const { return writes_; }
  std::size_t durable_writes() const { return durable_writes_; }

  Result<LedgerState> load() override { return inner_.load(); }
  Result<void> load_rows(const std::function<void(const KnownRow&)>& visit) override { return inner_.load_rows(visit); }

  Result<void> save_rows(const KnownRows& upserts, std::span<const ActionId> removals,
                         std::span<const NotedOutcome> ended) override {
    if (fails()) return Error{message_};
    ++writes_;
    return inner_.save_rows(upserts, removals, ended);
  }

  Result<void> replace_rows(std::span<const RowPack> packs, const KnownRows& others) override {
    if (fails()) return Error{message_};
    ++writes_;
    return inner_.replace_rows(packs, others);
  }

  Result<void> write(const LedgerChange& change, Durability durability) override {
    if (fails()) return Error{message_};
    ++writes_;
    if (durability == Durability::power_loss) ++durable_writes_;
    return inner_.write(change, durability);
  }

  Result<std::vector<NotedOutcome>> outcomes(std::optional<ActionId> action, std::size_t limit) override {
    return inner_.outcomes(action, limit);
  }

 private:
  bool fails() {
    if (failures_ == 0) return false;
    --failures_;
    return true;
  }

  Ledger& inner_;
  std::size_t failures_ = 0;
  std::size_t writes_ = 0;
  std::size_t durable_writes_ = 0;
  std::string message_;
};

}  // namespace action_scheduler::testing
