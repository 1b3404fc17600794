// A table of actions in PostgreSQL.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "action_scheduler/action_source.h"
#include "sources/action_table.h"
#include "sources/row_diff.h"
#include "sources/socket_deadline.h"

namespace action_scheduler {

// An empty text leaves the choice to libpq: its environment variables, password file and defaults.
struct PostgresTableOptions {
  std::string host = "localhost";  // name, address, or the folder of a Unix socket
  std::uint16_t port = 5432;
  std::string user;
  std::string password;
  std::string database;
  std::string schema;  // empty: found by the session's search_path
  std::string table = "action";
  // Further keywords of a libpq connection string, such as sslmode; they win over the defaults that are set here.
  std::map<std::string, std::string> properties;
  // How long a call may take in all, connecting included. 2 seconds or more.
  std::chrono::milliseconds deadline{30'000};
  // For each address of `host`, at most; libpq knows whole seconds, 2 or more. Looking the name up is not covered.
  std::chrono::seconds connect_timeout{5};
  // So often a poll reads the whole table although it need not; 0: always. What only that finds: a row that was damaged, and a
  // value that reads otherwise although nobody wrote its row (a label of an enum renamed).
  std::chrono::seconds read_all_every{600};
};

class PostgresReader;

// One REPEATABLE READ READ ONLY transaction per poll. The first one of a session reads the whole table, by COPY; the others count
// the rows and read those whose xmin is not older than the last good poll's snapshot, so what long transactions commit late too,
// and the ids if rows are missing. Nothing is read when no transaction ended on the server since. SELECT on the table is needed
// for that, and a unique index on its id; everything else (views, partitioned and foreign tables, rights to columns) is read
// whole each time. Columns are found anew in each poll; a missing one of the first six, or one that exists but may not be read,
// is an Error. A row whose id is NULL or not a whole number (views allow that) is only counted. A table that is truncated or
// rewritten while a poll begins is never taken for empty. Between polls the session is idle, not in a transaction; a lost one is
// replaced at the next poll. Owns a thread that watches over the deadline.
class PostgresSource : public ActionSource {
 public:
  explicit PostgresSource(PostgresTableOptions options);
  ~PostgresSource() override;

  Result<PollSummary> poll(ChangeVisitor& visitor) override;

  // The session's socket: `NOTIFY action_changed`, as docs/sql/action_changed.sql has the table do, makes it readable.
  int hint_descriptor() const override;

  // Ends the poll that runs, or else the next one, with an Error. While it connects, after the connect timeout only.
  void interrupt() override { deadline_.interrupt(); }

 private:
  // One try; sets `again` when it failed before the visitor heard anything and a new try may do better.
  Result<PollSummary> try_poll(ChangeVisitor& visitor, std::chrono::steady_clock::time_point deadline, bool& again);

  const PostgresTableOptions options_;
  SocketDeadline deadline_;
  RowDiff diff_;
  std::unique_ptr<PostgresReader> reader_;  // null: connects at the next poll
};

// What somebody on the way to the server could do, in a line; empty if nothing: the session does not leave this machine, or it is
// encrypted and the server has proved who it is. Connects. Empty, too, where that fails.
std::string session_caution(const PostgresTableOptions& options);

// The table, for creating and filling it.
std::unique_ptr<ActionTable> make_postgres_action_table(PostgresTableOptions options);

}  // namespace action_scheduler
