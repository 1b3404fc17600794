// The volume that the ledger is on, with its faults. Outlives processes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "action_scheduler/ledger.h"
#include "ledger/memory_ledger.h"
#include "tests/simulation/surroundings.h"

namespace action_scheduler::simulation {

// Hears of each write of the ledger.
class LedgerWitness {
 public:
  virtual ~LedgerWitness() = default;
  virtual void saved(const KnownRows& upserts, std::span<const ActionId> removals, std::span<const NotedOutcome> ended) = 0;
  virtual void replaced(std::span<const RowPack> packs, const KnownRows& others) = 0;
  virtual void written(const LedgerChange& change, Durability durability) = 0;
  // One that was refused, and may be tried again.
  virtual void refused(const LedgerChange& change) = 0;
  virtual void write_failed() = 0;  // one of any kind
};

class Disk {
 public:
  Disk(bool sqlite, Surroundings& surroundings, LedgerWitness& witness);
  ~Disk();

  // The ledger as a process that starts now finds it. One at a time. An Error: it cannot be opened now.
  Result<std::unique_ptr<Ledger>> open();

  // `count` writes fail and change nothing, after `well` that do not.
  void fail_next_writes(std::int64_t count, std::int64_t well) {
    failures_ = count;
    writes_before_failures_ = well;
    unheard_fail_ = false;
  }
  // The same, and what they change is found by the next process, unless a later write took its place: the frames of a WAL of
  // which the sync failed are whole all the same.
  void leave_next_writes_unheard(std::int64_t count, std::int64_t well) {
    fail_next_writes(count, well);
    unheard_fail_ = true;
  }
  bool works() const { return failures_ == 0 && !full_; }
  void set_full(bool full);
  // The machine dies: what was not synced is lost, or not, or half. No ledger is open.
  void lose_power(std::uint64_t seed);
  // The volume is gone. No ledger is open.
  void lose_all();
  // The process dies: what it wrote stays. Its ledger may still be open, but writes nothing any more.
  void freeze(bool frozen);

 private:
  class Opened;

  Result<void> before_write();
  void note_failure();

  Surroundings& surroundings_;
  LedgerWitness& witness_;
  const bool sqlite_;
  std::int64_t failures_ = 0;
  std::int64_t writes_before_failures_ = 0;
  bool full_ = false;
  bool unheard_fail_ = false;
  bool sync_fails_ = false;  // of what is being written

  MemoryLedger memory_;
  MemoryLedger synced_;
  std::vector<LedgerChange> unsynced_;
  std::optional<LedgerChange> unheard_;  // what failed last, and may be there all the same
};

}  // namespace action_scheduler::simulation
