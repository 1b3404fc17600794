#include "tests/simulation/disk.h"

#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>

#include "ledger/sqlite_ledger.h"
#include "tests/simulation/memory_vfs.h"

namespace action_scheduler::simulation {

namespace {

// Only the lock file beside it is a real file.
std::string ledger_path() {
  return (std::filesystem::temp_directory_path() / ("simulated-ledger-" + std::to_string(::getpid()))).string();
}

}  // namespace

class Disk::Opened : public Ledger {
 public:
  explicit Opened(Disk& disk) : disk_(disk), inner_(disk.memory_) {}
  Opened(Disk& disk, std::unique_ptr<Ledger> ledger) : disk_(disk), owned_(std::move(ledger)), inner_(*owned_) {}

  Result<LedgerState> load() override { return inner_.load(); }
  Result<void> load_rows(const std::function<void(const KnownRow&)>& visit) override { return inner_.load_rows(visit); }
  Result<std::vector<NotedOutcome>> outcomes(std::optional<ActionId> action, std::size_t limit) override {
    return inner_.outcomes(action, limit);
  }

  Result<void> save_rows(const KnownRows& upserts, std::span<const ActionId> removals,
                         std::span<const NotedOutcome> ended) override {
    if (auto ready = disk_.before_write(); !ready) return ready;
    if (auto saved = heard(inner_.save_rows(upserts, removals, ended)); !saved) return failed(saved);
    if (!disk_.sqlite_) {
      sync();
      (void)disk_.synced_.save_rows(upserts, removals, ended);
    }
    disk_.unheard_.reset();
    disk_.witness_.saved(upserts, removals, ended);
    disk_.surroundings_.effect();
    return {};
  }

  Result<void> replace_rows(std::span<const RowPack> packs, const KnownRows& others) override {
    if (auto ready = disk_.before_write(); !ready) return ready;
    if (auto replaced = heard(inner_.replace_rows(packs, others)); !replaced) return failed(replaced);
    if (!disk_.sqlite_) {
      sync();
      (void)disk_.synced_.replace_rows(packs, others);
    }
    disk_.unheard_.reset();
    disk_.witness_.replaced(packs, others);
    disk_.surroundings_.effect();
    return {};
  }

  Result<void> write(const LedgerChange& change, Durability durability) override {
    if (auto ready = disk_.before_write(); !ready) {
      if (disk_.unheard_fail_ && !disk_.full_ && !disk_.sqlite_) disk_.unheard_ = change;
      disk_.witness_.refused(change);
      return ready;
    }
    if (auto written = heard(inner_.write(change, durability)); !written) {
      disk_.witness_.refused(change);
      return failed(written);
    }
    if (!disk_.sqlite_) {
      disk_.unheard_.reset();
      disk_.unsynced_.push_back(change);
      if (durability == Durability::power_loss) sync();
    }
    disk_.witness_.written(change, durability);
    disk_.surroundings_.effect();
    return {};
  }

 private:
  // Not every write syncs what it writes: then the next one fails.
  Result<void> heard(Result<void> result) {
    if (std::exchange(disk_.sync_fails_, false) && !std::exchange(install_memory_vfs().sync_fails, false)) --disk_.failures_;
    return result;
  }
  Result<void> failed(Result<void> result) {
    disk_.note_failure();
    return result;
  }
  void sync() {
    for (const LedgerChange& change : disk_.unsynced_) (void)disk_.synced_.write(change, Durability::power_loss);
    disk_.unsynced_.clear();
  }

  Disk& disk_;
  std::unique_ptr<Ledger> owned_;
  Ledger& inner_;
};

Disk::Disk(bool sqlite, Surroundings& surroundings, LedgerWitness& witness)
    : surroundings_(surroundings), witness_(witness), sqlite_(sqlite) {
  if (sqlite_) install_memory_vfs().wipe();
}

Disk::~Disk() {
  if (sqlite_) std::filesystem::remove(ledger_path() + ".lock");
}

Result<std::unique_ptr<Ledger>> Disk::open() {
  if (!sqlite_) {
    if (unheard_) {
      // On disk from now on, or the model would have to know of notes that a later loss of power takes back.
      (void)memory_.write(*unheard_, Durability::power_loss);
      synced_ = memory_;
      unsynced_.clear();
      witness_.written(*std::exchange(unheard_, std::nullopt), Durability::power_loss);
    }
    return std::unique_ptr<Ledger>(std::make_unique<Opened>(*this));
  }
  auto opened = open_sqlite_ledger({.path = ledger_path(), .checkpoint_beside = false});
  if (const auto* failure = std::get_if<LedgerOpenFailure>(&opened)) return failure->error;
  return std::unique_ptr<Ledger>(std::make_unique<Opened>(*this, std::get<OpenedLedger>(std::move(opened)).ledger));
}

void Disk::note_failure() {
  surroundings_.disturbed();
  witness_.write_failed();
}

Result<void> Disk::before_write() {
  surroundings_.effect();
  const bool fails = failures_ > 0 && writes_before_failures_ == 0;
  if (writes_before_failures_ > 0) --writes_before_failures_;
  if (fails && unheard_fail_ && sqlite_) {
    install_memory_vfs().sync_fails = sync_fails_ = true;
    return {};
  }
  if (!fails && !(full_ && !sqlite_)) return {};
  note_failure();
  if (fails) --failures_;
  return Error{"ledger: the simulated disk is full"};
}

void Disk::set_full(bool full) {
  full_ = full;
  if (sqlite_) install_memory_vfs().full = full;
}

void Disk::lose_power(std::uint64_t seed) {
  if (sqlite_) {
    install_memory_vfs().lose_power(seed);
    return;
  }
  if (seed % 3 == 0 || !unsynced_.empty()) unheard_.reset();
  // Any beginning of what was not synced may have come through.
  for (std::size_t i = 0; i < unsynced_.size() && seed % 2 == 0; ++i, seed /= 2)
    (void)synced_.write(unsynced_[i], Durability::power_loss);
  unsynced_.clear();
  memory_ = synced_;
}

void Disk::lose_all() {
  if (sqlite_) {
    install_memory_vfs().wipe();
    install_memory_vfs().full = full_;
  }
  memory_ = synced_ = MemoryLedger{};
  unsynced_.clear();
  unheard_.reset();
}

void Disk::freeze(bool frozen) {
  if (sqlite_) install_memory_vfs().frozen = frozen;
}

}  // namespace action_scheduler::simulation
