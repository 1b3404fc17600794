// The ledger in an SQLite file.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "action_scheduler/ledger.h"

namespace action_scheduler {

struct SqliteLedgerOptions {
  std::string path;  // a file; made if there is none, its folder must exist
  // Which shard's ledger this is. One owner holds the whole file.
  std::int64_t shard = 0;
  // The file also holds, or is meant to hold, the table of actions: it is then never moved, whatever state it is in.
  bool shared_with_actions = false;
  // So many of the newest outcomes are kept, of all shards together; a hundredth more may linger for a while. At least 1.
  std::size_t outcomes_max = 100'000;
  // How long a call waits while somebody else writes into the file.
  std::chrono::milliseconds busy_timeout{5000};
  // A long write-ahead log is moved into the database by a thread and a connection of its own, beside the writes that follow.
  bool checkpoint_beside = true;
};

struct OpenedLedger {
  std::unique_ptr<Ledger> ledger;
  // Not empty: the ledger that was there was unusable and stands aside, and this one begins empty. A line for the log at its
  // loudest.
  std::string moved_aside;
};

struct LedgerOpenFailure {
  enum class Kind : std::uint8_t {
    locked,  // another scheduler owns it
    failed,  // no right, no space, a damaged file that must not be moved, a newer program's ledger
  };
  Kind kind = Kind::failed;
  Error error;
};

// Opens and checks the ledger and owns it until it is destroyed, by a lock on `<path>.lock`. A ledger that is damaged is moved to
// `<path>.corrupt-<UTC time>`, with its -wal and -shm files, unless the file is shared with actions: if only the ledger's own
// tables are unusable there they are renamed, else it is a failure. Reads the whole file once.
std::variant<OpenedLedger, LedgerOpenFailure> open_sqlite_ledger(const SqliteLedgerOptions& options);

}  // namespace action_scheduler
