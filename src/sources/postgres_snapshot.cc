#include "sources/postgres_snapshot.h"

#include "sources/postgres_session.h"
#include "sources/postgres_shape.h"

namespace action_scheduler {

Snapshot take_snapshot(pqxx::transaction_base& transaction) {
  // The functions' names of before PostgreSQL 13, which all versions know.
  const pqxx::result found = transaction.exec(
      "SELECT s::text, pg_catalog.txid_snapshot_xmin(s), pg_catalog.txid_snapshot_xmax(s), pg_catalog.pg_is_in_recovery(),"
      " pg_catalog.pg_postmaster_start_time() FROM pg_catalog.txid_current_snapshot() s");
  const pqxx::row row = found[0];
  Snapshot snapshot;
  snapshot.text = view_of(row[0]);
  snapshot.horizon = row[1].as<std::int64_t>();
  snapshot.next = row[2].as<std::int64_t>();
  snapshot.text_is_whole = view_of(row[3]) == "f";
  snapshot.server.append(view_of(row[3])).append(" ").append(view_of(row[4]));
  return snapshot;
}

bool sees_the_same(const Snapshot& earlier, const Snapshot& later) {
  return later.text_is_whole && earlier.server == later.server && earlier.text == later.text;
}

bool comparable(const Snapshot& earlier, const Snapshot& later) {
  // A row's xmin has 32 bits, so the server compares those at most 2^31 apart. Half of that leaves room for the transactions that
  // begin while this one reads.
  constexpr std::int64_t kFarthest = std::int64_t{1} << 30;
  return earlier.server == later.server && earlier.horizon <= later.horizon && later.next - earlier.horizon < kFarthest;
}

std::string written_since(pqxx::transaction_base& transaction, const Snapshot& earlier, const Snapshot& later) {
  // age() counts from the first number that was free when the transaction first asked, so it is positive for whatever the
  // transaction sees. But a frozen row keeps its xmin, which 2^31 transactions later seems one of the future. (The second
  // comparison makes the pass over the table a tenth longer.)
  const auto horizon = static_cast<std::uint32_t>(earlier.horizon);
  const pqxx::result found = execute(transaction, "SELECT pg_catalog.age($1::pg_catalog.xid)", {std::to_string(horizon)});
  const std::string age(view_of(found[0][0]));
  constexpr std::int64_t kFutureBegins = std::int64_t{1} << 31;
  return "pg_catalog.age(xmin) " + (later.next < kFutureBegins ? "<= " + age : "BETWEEN 0 AND " + age);
}

}  // namespace action_scheduler
