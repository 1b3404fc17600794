// A session that reads a PostgreSQL table, and what it needs to know to read less the next time. For the files that use libpqxx.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>

#include "action_scheduler/action_source.h"
#include "sources/postgres_session.h"
#include "sources/postgres_shape.h"
#include "sources/postgres_snapshot.h"
#include "sources/row_diff.h"

namespace action_scheduler {

// The first poll of a session reads the whole table. The ones after it read what was written since the last good one, where the
// table allows, and everything again from time to time. Throws UnusableTable, RewrittenTable, and what libpqxx throws; it is then
// to be replaced.
class PostgresReader {
 public:
  PostgresReader(const PostgresTableOptions& options, SteadyTime deadline);

  // Becomes readable between polls when somebody notifies `action_changed`, or when the session ends.
  int socket() const { return connection_->sock(); }

  // `diff` is the same object in all calls. Sets `telling` before the visitor may hear something.
  Result<PollSummary> poll(SteadyTime deadline, RowDiff& diff, ChangeVisitor& visitor, bool& telling);

 private:
  // Of the last good poll, if the next may go on from there.
  struct Followed {
    Snapshot snapshot;
    std::string identity;
    SteadyTime read_all_at;
  };

  void listen();

  enum class Found : std::uint8_t { changed_rows, ids, discrepancy };

  Found read_changes(pqxx::transaction_base& transaction, const Snapshot& snapshot, const std::string& table,
                     const TableShape& shape, RowDiff::Scan& scan, bool& telling);

  void avoid_conversion(pqxx::transaction_base& transaction);

  const PostgresTableOptions& options_;
  std::unique_ptr<PostgresConnection> connection_;
  std::optional<bool> without_encoding_;
  std::optional<Followed> followed_;
  bool listening_ = false;  // or it is not possible
};

}  // namespace action_scheduler
