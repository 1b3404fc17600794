#include "sources/postgres_source.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sources/postgres_session.h"
#include "sources/table_columns.h"

namespace action_scheduler {
namespace {

using Clock = std::chrono::steady_clock;

// The table is not what it should be. The message is the Error's.
class UnusableTable : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Between our snapshot and our lock somebody replaced the table's contents in a way that old snapshots see as emptiness.
class RewrittenTable : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ColumnSelection {
  std::string sql;  // the select list: the id, then `columns`
  std::vector<Column> columns;
};

std::string_view view_of(const pqxx::field& field) { return {field.c_str(), field.size()}; }

// What of the table is to be read. Throws UnusableTable.
ColumnSelection select_columns(pqxx::transaction_base& transaction, const std::string& table) {
  const pqxx::result found = transaction.exec(
      "SELECT a.attname, t.typcategory, pg_catalog.format_type(a.atttypid, a.atttypmod),"
      " pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT')"
      " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
      " WHERE a.attrelid = pg_catalog.to_regclass(" +
      transaction.quote(table) + ") AND a.attnum > 0 AND NOT a.attisdropped");
  if (found.empty()) throw UnusableTable("there is no such table; create it, or name another schema or table");

  std::array<bool, kColumnCount> has{};
  std::array<bool, kColumnCount> is_boolean{};
  bool has_id = false;
  for (const auto& row : found) {
    const std::string_view name = view_of(row[0]);
    const std::string_view category = view_of(row[1]);
    const std::optional<Column> column = column_of(name);
    if (name != "id" && !column) continue;
    if (view_of(row[3]) != "t") {
      throw UnusableTable("there is no right to read column " + std::string(name) + "; grant SELECT on it, or on the table");
    }
    if (column) {
      has[static_cast<std::size_t>(*column)] = true;
      is_boolean[static_cast<std::size_t>(*column)] = category == "B";
    } else {
      has_id = true;
      if (category != "N") {
        throw UnusableTable("column id is " + std::string(view_of(row[2])) + "; it must be an integer type");
      }
    }
  }

  if (!has_id) throw UnusableTable("there is no column id; add it");
  ColumnSelection selection{"\"id\"::text", {}};
  for (const Column column : kColumns) {
    const std::string name(column_name(column));
    if (!has[static_cast<std::size_t>(column)]) {
      if (column < kFirstOptionalColumn) throw UnusableTable("there is no column " + name + "; add it");
      continue;
    }
    selection.columns.push_back(column);
    // A boolean stays as it is, because it prints as `t` and `f`; as text it would be `true` and `false`.
    selection.sql += ", \"" + name + (is_boolean[static_cast<std::size_t>(column)] ? "\"" : "\"::text");
  }
  return selection;
}

// TRUNCATE and rewriting forms of ALTER TABLE leave nothing for snapshots that were taken before they committed, and ours was
// when we began to wait for their lock. (PostgreSQL documentation, "Caveats" of chapter "Concurrency Control".) They give the
// relation a new file: by our snapshot it has the old one still. Looks at all that the cursor has locked, so at what views and
// partitioned tables are made of too.
void check_not_rewritten(pqxx::transaction_base& transaction) {
  const pqxx::result rewritten = transaction.exec(
      "SELECT 1 FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation"
      " WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted"
      " AND (c.oid IS NULL OR c.relfilenode <> 0 AND c.relfilenode IS DISTINCT FROM pg_catalog.pg_relation_filenode(c.oid))"
      " LIMIT 1");
  if (!rewritten.empty()) throw RewrittenTable("its contents were being replaced while it was read; the next poll tries again");
}

// How many rows to fetch so that they take about a megabyte.
class FetchSize {
 public:
  std::size_t rows() const { return rows_; }

  void learn(std::size_t rows, std::size_t bytes) {
    constexpr std::size_t kTargetBytes = std::size_t{1} << 20;
    constexpr std::size_t kRowsMax = 10'000;
    const std::size_t bytes_per_row = bytes / std::max<std::size_t>(rows, 1) + 1;
    rows_ = std::clamp<std::size_t>(kTargetBytes / bytes_per_row, 1, kRowsMax);
  }

 private:
  std::size_t rows_ = 200;
};

// Returns how many bytes the row's texts have.
std::size_t visit(const pqxx::row& row, const std::vector<Column>& columns, RowDiff::Scan& scan) {
  const std::string_view id = view_of(row[0]);
  RowView view;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), view.id);
  if (error != std::errc() || end != id.data() + id.size()) {
    scan.row_without_id();
    return id.size();
  }
  std::size_t bytes = id.size();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const pqxx::field cell = row[static_cast<pqxx::row::size_type>(i + 1)];
    if (cell.is_null()) continue;
    view[columns[i]] = view_of(cell);
    bytes += cell.size();
  }
  scan.row(view);
  return bytes;
}

}  // namespace

class PostgresSource::Session {
 public:
  Session(const PostgresTableOptions& options, SteadyTime deadline) : connection_(connect(options, deadline)) {}

  int socket() const { return connection_->sock(); }

  // Sets `telling` before the first row is told.
  Result<PollSummary> read(const PostgresTableOptions& options, SteadyTime deadline, RowDiff& diff, ChangeVisitor& visitor,
                           bool& telling) {
    RowDiff::Scan scan(diff, visitor);
    {
      SnapshotTransaction transaction(*connection_);
      limit_statements(transaction, deadline);
      const std::string table = quoted_table(*connection_, options);
      const ColumnSelection selection = select_columns(transaction, table);
      transaction.exec("DECLARE action_rows NO SCROLL CURSOR FOR SELECT " + selection.sql + " FROM " + table);
      check_not_rewritten(transaction);
      telling = true;
      FetchSize size;
      while (true) {
        const pqxx::result rows = transaction.exec("FETCH FORWARD " + std::to_string(size.rows()) + " FROM action_rows");
        if (rows.empty()) break;
        std::size_t bytes = 0;
        for (const auto& row : rows) bytes += visit(row, selection.columns, scan);
        size.learn(static_cast<std::size_t>(rows.size()), bytes);
      }
      transaction.commit();
    }
    return scan.finish(where(options));
  }

 private:
  std::unique_ptr<pqxx::connection> connection_;
};

PostgresSource::PostgresSource(PostgresTableOptions options) : options_(std::move(options)) {}

PostgresSource::~PostgresSource() { deadline_.end(); }

Result<PollSummary> PostgresSource::poll(ChangeVisitor& visitor) {
  const SteadyTime deadline = Clock::now() + options_.deadline;
  if (!deadline_.begin()) return Error{where(options_) + ": the poll was interrupted"};
  // A session that was lost since the last poll shows itself by the first try; a table that is being replaced may be so again.
  constexpr int kTries = 3;
  bool again = true;
  Result<PollSummary> summary = Error{};
  for (int tries = 0; again && tries < kTries; ++tries) {
    again = false;
    summary = try_poll(visitor, deadline, again);
    if (Clock::now() >= deadline) break;
  }
  if (!summary) {
    if (deadline_.ended() == SocketDeadline::Ended::interrupted) {
      summary = Error{where(options_) + ": the poll was interrupted"};
    } else if (deadline_.ended() == SocketDeadline::Ended::late) {
      summary = Error{where(options_) + ": no answer within " + std::to_string(options_.deadline.count()) +
                      " ms; is the server overloaded or stopped, or the network down?"};
    }
  }
  deadline_.end();
  return summary;
}

Result<PollSummary> PostgresSource::try_poll(ChangeVisitor& visitor, SteadyTime deadline, bool& again) {
  const bool reused = session_ != nullptr;
  bool telling = false;
  Error error;
  try {
    if (!session_) session_ = std::make_unique<Session>(options_, deadline);
    deadline_.watch(session_->socket(), deadline);
    Result<PollSummary> summary = session_->read(options_, deadline, diff_, visitor, telling);
    deadline_.release();
    return summary;
  } catch (const UnusableTable& unusable) {
    error = {where(options_) + ": " + unusable.what()};
  } catch (const RewrittenTable& rewritten) {
    error = {where(options_) + ": " + rewritten.what()};
    again = true;
  } catch (const pqxx::broken_connection& broken) {
    error = error_of(broken, options_);
    again = reused;
  } catch (const pqxx::sql_error& refused) {
    error = error_of(refused, options_);
    // 57P01 to 57P03: the server shuts down, and says so to the first statement after a restart.
    again = reused && sqlstate_of(refused).starts_with("57P");
  } catch (const std::exception& other) {
    error = error_of(other, options_);
  }
  again = again && !telling && deadline_.ended() == SocketDeadline::Ended::no;
  // Whatever state the session is in: a new one is cheap beside a poll.
  deadline_.release();
  session_.reset();
  return error;
}

}  // namespace action_scheduler
