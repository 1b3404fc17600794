// What a transaction's snapshot says about another one's. For the files that use libpqxx.
#pragma once

#include <cstdint>
#include <pqxx/pqxx>
#include <string>

namespace action_scheduler {

// The transactions whose effects a transaction sees, with 64-bit numbers, which never wrap around.
struct Snapshot {
  // All transactions below had ended: what they wrote is seen, or never will be. What this snapshot does not see and a later one
  // does was written by a transaction from here on, a subtransaction's number included, however late it commits.
  std::int64_t horizon = 0;
  std::int64_t next = 0;       // no transaction from here on had ended
  std::string text;            // with those in between that had not
  bool text_is_whole = false;  // on a standby it does not name them
  std::string server;          // which run of which server
};

// The snapshot of the transaction, which is REPEATABLE READ.
Snapshot take_snapshot(pqxx::transaction_base& transaction);

// `later` sees what `earlier` sees, not a byte else.
bool sees_the_same(const Snapshot& earlier, const Snapshot& later);

// Rows that `later` sees and `earlier` did not can be told by their 32-bit xmin.
bool comparable(const Snapshot& earlier, const Snapshot& later);

// The condition by which the transaction, whose snapshot is `later`, finds all rows that `earlier` did not see, and perhaps
// others. Requires comparable().
std::string written_since(pqxx::transaction_base& transaction, const Snapshot& earlier, const Snapshot& later);

}  // namespace action_scheduler
