#include "ledger/sqlite_ledger.h"

#include <algorithm>
#include <filesystem>
#include <future>
#include <limits>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <utility>

#include "action_scheduler/time.h"
#include "ledger/lock_file.h"
#include "ledger/sqlite_rows.h"
#include "ledger/sqlite_schema.h"
#include "ledger/sqlite_state.h"
#include "sqlite/database.h"

namespace action_scheduler {
namespace {

namespace fs = std::filesystem;

// From so many pages of 4 KiB in the WAL on it is moved into the database after a durable write; a write that promises no fsync
// leaves that to the next durable one, unless none comes for long.
constexpr int kCheckpointPages = 1000;
constexpr int kCheckpointPagesAtLast = 10 * kCheckpointPages;
// A thread moves them: nothing that comes due waits for it. Beside writes that follow each other without an end the WAL would
// never be done with: when so many pages came meanwhile, they wait once.
constexpr int kCheckpointPagesBeside = 4 * kCheckpointPages;
// A first load of so many bytes goes into the database at once: through the WAL each page would be written twice.
constexpr std::size_t kLoadPastWalBytes = std::size_t{1} << 20;

std::string advice(const sqlite::Failure& failure) {
  std::string what = failure.what();
  switch (failure.kind()) {
    case sqlite::FailureKind::busy:
      return what + "; another program is writing into the file";
    case sqlite::FailureKind::corrupt:
      return what + "; stop the scheduler and start it again, it then checks the file";
    case sqlite::FailureKind::full:
      return what + "; free some space";
    case sqlite::FailureKind::read_only:
      return what + "; the file, its folder and its -wal and -shm files must be writable";
    case sqlite::FailureKind::cannot_open:
      return what + "; the file must be readable and writable, and its folder exist and be writable";
    case sqlite::FailureKind::interrupted:
    case sqlite::FailureKind::statement:
    case sqlite::FailureKind::io:
    case sqlite::FailureKind::other:
      break;
  }
  return what;
}

class SqliteLedger : public Ledger {
 public:
  // Throws sqlite::Failure.
  SqliteLedger(const SqliteLedgerOptions& options, LockFile lock, sqlite::Database database)
      : options_(options),
        where_("ledger " + options.path + ": "),
        lock_(std::move(lock)),
        database_(std::move(database)),
        writer_(database_, options.shard),
        rows_(database_, options.shard),
        noted_since_pruned_(prune_interval()) {
    database_.on_wal_commit([this](int pages) { wal_pages_ = pages; });
    // If that is not possible now the first write does it.
    (void)guarded<void>([this] {
      const sqlite::Transaction transaction(database_, sqlite::Transaction::Kind::write);
      secure_wal();
    });
  }

  Result<LedgerState> load() override {
    return guarded<LedgerState>([this] { return read_ledger_state(database_, options_.shard); });
  }

  Result<void> load_rows(const std::function<void(const KnownRow&)>& visit) override {
    return guarded<void>([&] {
      read_rows(database_, options_.shard, std::numeric_limits<ActionId>::min(), [&](const KnownRow& known) {
        visit(known);
        return true;
      });
    });
  }

  Result<void> save_rows(const KnownRows& upserts, std::span<const ActionId> removals,
                         std::span<const NotedOutcome> ended) override {
    enter_wal();
    Result<void> saved = save([&] {
      rows_.save(upserts, removals);
      writer_.note(ended);
    });
    if (saved) noted_since_pruned_ += ended.size();
    return saved;
  }

  Result<void> replace_rows(std::span<const RowPack> packs, const KnownRows& others) override {
    std::size_t bytes = 0;
    for (const RowPack& pack : packs) bytes += pack.bytes().size();
    if (bytes >= kLoadPastWalBytes) leave_wal();
    Result<void> saved = save([&] { rows_.replace(packs, others); });
    enter_wal();
    return saved;
  }

  Result<void> write(const LedgerChange& change, Durability durability) override {
    enter_wal();
    return guarded<void>([&] {
      const std::size_t noted = noted_since_pruned_ + change.outcomes.size();
      const bool prune = !change.outcomes.empty() && noted >= prune_interval();
      transact(durability, [&] {
        writer_.apply(change);
        if (prune) writer_.prune_outcomes(options_.outcomes_max);
      });
      if (wal_pages_ >= (durability == Durability::power_loss ? kCheckpointPages : kCheckpointPagesAtLast)) checkpoint();
      noted_since_pruned_ = prune ? 0 : noted;
    });
  }

  Result<std::vector<NotedOutcome>> outcomes(std::optional<ActionId> action, std::size_t limit) override {
    return guarded<std::vector<NotedOutcome>>([&] {
      std::vector<NotedOutcome> newest;
      for (PlacedOutcome& one :
           read_outcomes(database_, options_.shard, {.action = action}, std::min(limit, options_.outcomes_max))) {
        newest.push_back(std::move(one.outcome));
      }
      return newest;
    });
  }

 private:
  std::size_t prune_interval() const { return options_.outcomes_max / 100 + 1; }

  template <class Value, class Work>
  Result<Value> guarded(const Work& work) {
    try {
      if constexpr (std::is_void_v<Value>) {
        work();
        return {};
      } else {
        return work();
      }
    } catch (const sqlite::Failure& failure) {
      doubt(failure);
      return Error{where_ + advice(failure)};
    } catch (const MalformedLedger& malformed) {
      return Error{where_ + malformed.what()};
    }
  }

  // In a write transaction.
  void secure_wal() {
    if (!wal_in_doubt_ || !in_wal_) return;
    database_.rewrite_wal();
    wal_in_doubt_ = false;
  }
  void doubt(const sqlite::Failure& failure) { wal_in_doubt_ |= failure.kind() == sqlite::FailureKind::io; }

  template <class Work>
  Result<void> save(const Work& work) {
    return guarded<void>([&] {
      // Of a million rows the actions need not wait until they stand in the database, too.
      const int pages_before = wal_pages_;
      transact(Durability::power_loss, work);
      if (pages_before >= kCheckpointPages) checkpoint();
    });
  }

  // Into a rollback journal, as whole after a crash as the WAL. Not while another connection, a reader's or that of a checkpoint,
  // has the file open: then all stays as it is.
  void leave_wal() {
    database_.set_busy_timeout(std::chrono::milliseconds(0));
    try {
      database_.exec("PRAGMA journal_mode = TRUNCATE");
      in_wal_ = false;
    } catch (const sqlite::Failure& failure) {
      doubt(failure);  // otherwise nobody waits for it
    }
    database_.set_busy_timeout(options_.busy_timeout);
  }

  // Readers that came meanwhile may be in the way; the next write tries again.
  void enter_wal() {
    if (in_wal_) return;
    try {
      sqlite::Statement mode = database_.prepare("PRAGMA journal_mode = WAL");
      in_wal_ = mode.step() && mode.text(0) == "wal";
    } catch (const sqlite::Failure&) {
      // Without the WAL the ledger is slower, and as safe.
    }
  }

  template <class Work>
  void transact(Durability durability, const Work& work) {
    // In WAL mode FULL syncs the WAL in each commit, NORMAL in none. The pragma costs little, but not nothing, hence the memory.
    if (durability_ != durability) {
      database_.exec(durability == Durability::power_loss ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
      durability_ = durability;
    }
    sqlite::Transaction transaction(database_, sqlite::Transaction::Kind::write);
    secure_wal();
    work();
    transaction.commit();
  }

  void checkpoint() {
    if (checkpoint_beside_.valid() && checkpoint_beside_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
    const int pages = std::exchange(wal_pages_, 0);
    const bool began_anew = pages < std::exchange(pages_at_checkpoint_, pages);
    if (began_anew || pages_at_first_checkpoint_ == 0) pages_at_first_checkpoint_ = pages;
    const bool few_since = pages - pages_at_first_checkpoint_ < kCheckpointPagesBeside;
    const bool beside = options_.checkpoint_beside && durability_ == Durability::power_loss && few_since;
    if (beside && checkpoint_beside()) return;
    pages_at_first_checkpoint_ = 0;
    try {
      database_.checkpoint();
    } catch (const sqlite::Failure& failure) {
      doubt(failure);  // otherwise what was committed is safe in the WAL; the next commits try again
    }
  }

  // In WAL mode another connection may do it while this one goes on writing. False if no thread can be had.
  bool checkpoint_beside() {
    try {
      checkpoint_beside_ = std::async(std::launch::async, [path = options_.path] {
        // The statement reads the schema first; a connection that has read nothing would not know that there is a WAL. Where it
        // fails nothing is lost.
        sqlite::Database::open(path, sqlite::Database::Access::read_write).exec("PRAGMA wal_checkpoint");
      });
    } catch (const std::system_error&) {
      return false;
    }
    return true;
  }

  const SqliteLedgerOptions options_;
  const std::string where_;
  LockFile lock_;  // before the database, so that it is released after the file was closed
  sqlite::Database database_;
  LedgerWriter writer_;
  RowWriter rows_;
  std::size_t noted_since_pruned_;  // outcomes
  std::optional<Durability> durability_;
  bool in_wal_ = true;
  // A sync may have failed, perhaps that of a process that died of it: some of the WAL may never reach the disk.
  bool wal_in_doubt_ = true;
  int wal_pages_ = 0;
  int pages_at_checkpoint_ = 0;
  int pages_at_first_checkpoint_ = 0;    // since the WAL began anew
  std::future<void> checkpoint_beside_;  // waits for its end when it is destroyed
};

// The file itself is unsound.
class DamagedFile : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A version that this program does not know.
class NewerLedger : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Opens the file and checks it as a whole. Throws sqlite::Failure or DamagedFile.
sqlite::Database open_sound_file(const SqliteLedgerOptions& options) {
  sqlite::Database database = sqlite::Database::open(options.path, sqlite::Database::Access::create);
  database.set_busy_timeout(options.busy_timeout);
  {
    sqlite::Statement check = database.prepare("PRAGMA quick_check(1)");
    if (check.step() && check.text(0) != "ok") throw DamagedFile(std::string(check.text(0)));
  }
  sqlite::Statement mode = database.prepare("PRAGMA journal_mode = WAL");
  if (!mode.step() || mode.text(0) != "wal") {
    throw sqlite::Failure(sqlite::FailureKind::read_only, "write-ahead logging is not possible on this file system");
  }
  mode.reset();
  // After a burst the WAL file shrinks again to this size, 64 MiB.
  database.exec("PRAGMA journal_size_limit = 67108864");
  database.exec("PRAGMA synchronous = FULL");
  return database;
}

// Brings the ledger's tables up to date and tries them. Returns what is wrong with them, if anything is. Throws sqlite::Failure
// or NewerLedger.
std::optional<std::string> fault_of_tables(sqlite::Database& database, const SqliteLedgerOptions& options) {
  try {
    const std::int64_t version = ledger_schema_version(database);
    if (version > kLedgerSchemaVersion) {
      throw NewerLedger("its schema version " + std::to_string(version) + " is newer than version " +
                        std::to_string(kLedgerSchemaVersion) + " of this program; run the newer program or name another file");
    }
    if (version < 0) return "its schema version is negative";
    migrate_ledger(database, version, !options.shared_with_actions);
    const LedgerWriter trial(database, options.shard);
    const RowWriter trial_of_rows(database, options.shard);
    read_ledger_state(database, options.shard);
    return std::nullopt;
  } catch (const MalformedLedger& malformed) {
    return malformed.what();
  } catch (const sqlite::Failure& failure) {
    if (failure.kind() != sqlite::FailureKind::statement) throw;
    return failure.what();
  }
}

// "corrupt-20261121T100000Z"
std::string aside_suffix() {
  std::string now = format_utc(floor_seconds(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())));
  std::erase_if(now, [](char c) { return c == '-' || c == ':'; });
  return "corrupt-" + now;
}

// Moves the file with its companions and returns its new name. Throws std::filesystem::filesystem_error.
std::string move_aside(const std::string& path) {
  std::string target = path + "." + aside_suffix();
  for (int copy = 2; fs::exists(target); ++copy) target = path + "." + aside_suffix() + "-" + std::to_string(copy);
  // The companions go first: a WAL that is left beside a fresh file would be taken for the fresh file's.
  for (const char* companion : {"-wal", "-shm", ""}) {
    if (fs::exists(path + companion)) fs::rename(path + companion, target + companion);
  }
  return target;
}

LedgerOpenFailure failed(const SqliteLedgerOptions& options, const std::string& what) {
  return {LedgerOpenFailure::Kind::failed, Error{"ledger " + options.path + ": " + what}};
}

constexpr const char* kFreshNote = "; a fresh ledger was started: missed runs from before now are unknown";

}  // namespace

std::variant<OpenedLedger, LedgerOpenFailure> open_sqlite_ledger(const SqliteLedgerOptions& given) {
  SqliteLedgerOptions options = given;
  std::error_code unresolved;
  // So that two names of one file meet at one lock.
  if (const fs::path resolved = fs::weakly_canonical(given.path, unresolved); !unresolved) options.path = resolved.string();
  options.outcomes_max = std::max<std::size_t>(options.outcomes_max, 1);

  auto acquired = LockFile::acquire(options.path + ".lock");
  if (const auto* error = std::get_if<Error>(&acquired)) return failed(options, error->message);
  if (const auto* held = std::get_if<LockFile::Held>(&acquired)) {
    const std::string owner = held->owner.empty() ? "another scheduler" : "another scheduler (process " + held->owner + ")";
    return LedgerOpenFailure{
        LedgerOpenFailure::Kind::locked,
        Error{"ledger " + options.path + ": " + owner + " uses it; stop that one or name another internal_db.database"}};
  }
  LockFile lock = std::get<LockFile>(std::move(acquired));

  std::string moved_aside;
  // The first round finds the ledger good, sets aside what is not, or fails; the second opens what is fresh then.
  for (int round = 0; round < 2; ++round) {
    std::string damage;
    try {
      sqlite::Database database = open_sound_file(options);
      const std::optional<std::string> fault = fault_of_tables(database, options);
      if (!fault) {
        return OpenedLedger{std::make_unique<SqliteLedger>(options, std::move(lock), std::move(database)), moved_aside};
      }
      if (options.shared_with_actions) {
        const std::vector<std::string> names = set_ledger_tables_aside(database, "_" + aside_suffix());
        moved_aside = "ledger " + options.path + ": its tables were unusable (" + *fault + ") and were renamed to " +
                      (names.empty() ? "nothing" : names.front() + " and the like") + kFreshNote;
        continue;
      }
      damage = *fault;
    } catch (const NewerLedger& newer) {
      return failed(options, newer.what());
    } catch (const DamagedFile& damaged) {
      damage = damaged.what();
    } catch (const sqlite::Failure& failure) {
      if (failure.kind() != sqlite::FailureKind::corrupt) return failed(options, advice(failure));
      damage = failure.what();
    }
    if (options.shared_with_actions) {
      return failed(options, "the file is damaged (" + damage +
                                 ") and is left where it is, because the table of actions is in it; restore it from a backup, or"
                                 " save what can be read with `sqlite3 FILE .recover`");
    }
    try {
      moved_aside = "ledger " + options.path + ": it was unusable (" + damage + ") and was moved to " + move_aside(options.path) +
                    kFreshNote;
    } catch (const fs::filesystem_error& error) {
      return failed(options, "it is damaged (" + damage + ") and cannot be moved aside: " + error.code().message());
    }
  }
  return failed(options, "it cannot be used even after it was begun afresh");
}

}  // namespace action_scheduler
