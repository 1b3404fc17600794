#include "sources/postgres_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sources/postgres_copy.h"

namespace action_scheduler {
namespace {

using Clock = std::chrono::steady_clock;

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

std::size_t bytes_of(const pqxx::row& row) {
  std::size_t bytes = 0;
  for (const auto& cell : row) bytes += cell.size();
  return bytes;
}

// Makes a cursor of that name for `query`, which locks the table; the rows can then be fetched. It ends with the transaction.
class Cursor {
 public:
  Cursor(pqxx::transaction_base& transaction, std::string name, const std::string& query)
      : transaction_(transaction), name_(std::move(name)) {
    transaction.exec("DECLARE " + name_ + " NO SCROLL CURSOR FOR " + query);
  }

  // Calls `visit` with each row until it returns false.
  template <class Visit>
  void for_each(const Visit& visit) {
    FetchSize size;
    while (true) {
      const pqxx::result rows = transaction_.exec("FETCH FORWARD " + std::to_string(size.rows()) + " FROM " + name_);
      std::size_t bytes = 0;
      for (const auto& row : rows) {
        if (!visit(row)) return;
        bytes += bytes_of(row);
      }
      if (rows.empty()) return;
      size.learn(static_cast<std::size_t>(rows.size()), bytes);
    }
  }

 private:
  pqxx::transaction_base& transaction_;
  std::string name_;
};

// How many rows the sequential scans of this transaction have met in the table, whatever their conditions: the server counts them
// for its statistics, while an aggregate for it costs more than the scan. Absent if it keeps none.
std::optional<std::size_t> rows_passed(pqxx::transaction_base& transaction, const std::string& table) {
  const pqxx::result found = execute(transaction,
                                     "SELECT pg_catalog.pg_stat_get_xact_tuples_returned($1::pg_catalog.regclass)"
                                     " WHERE pg_catalog.current_setting('track_counts') = 'on'",
                                     {table});
  if (found.empty() || found[0][0].is_null()) return std::nullopt;
  return found[0][0].as<std::size_t>();
}

void read_all(PostgresConnection& connection, pqxx::transaction_base& transaction, const std::string& table,
              const TableShape& shape, RowDiff::Scan& scan, bool& telling) {
  transaction.exec("SELECT FROM " + table + " LIMIT 0");  // locks it
  check_not_rewritten(transaction);
  telling = true;
  copy_rows(connection, table, shape, {[&](const RowView& row) { scan.row(row); }, [&] { scan.row_without_id(); }});
}

}  // namespace

PostgresReader::PostgresReader(const PostgresTableOptions& options, SteadyTime deadline)
    : options_(options), connection_(connect(options, deadline)) {}

// Before the first snapshot, so that no change falls between. What was notified since the last poll is forgotten: this one sees
// it.
void PostgresReader::listen() {
  if (!listening_) {
    try {
      pqxx::nontransaction plain(*connection_);
      plain.exec("LISTEN action_changed");
      plain.commit();
    } catch (const pqxx::sql_error&) {
      // A standby refuses it. It is a hint: the polls come anyway.
    }
    listening_ = true;
  }
  connection_->get_notifs();
}

Result<PollSummary> PostgresReader::poll(SteadyTime deadline, RowDiff& diff, ChangeVisitor& visitor, bool& telling) {
  listen();
  RowDiff::Scan scan(diff, visitor);
  const SteadyTime now = Clock::now();
  Followed following;
  Found found = Found::discrepancy;
  std::string whole_because;
  {
    SnapshotTransaction transaction(*connection_);
    limit_statements(transaction, deadline);
    avoid_conversion(transaction);
    following.snapshot = take_snapshot(transaction);
    const bool follow = followed_ && now < followed_->read_all_at && !diff.awaits_confirmation() &&
                        comparable(followed_->snapshot, following.snapshot);
    if (follow && sees_the_same(followed_->snapshot, following.snapshot)) {
      transaction.commit();
      return scan.finish_changed(where(options_));
    }
    const std::string table = quoted_table(*connection_, options_);
    const TableShape shape = describe_table(transaction, table);
    following.identity = shape.identity;
    following.read_all_at = now + options_.read_all_every;
    whole_because = shape.whole_because;
    if (follow && whole_because.empty() && shape.identity == followed_->identity) {
      found = read_changes(transaction, following.snapshot, table, shape, scan, telling);
    }
    if (found == Found::discrepancy) {
      scan.start_over();
      read_all(*connection_, transaction, table, shape, scan, telling);
    } else {
      following.read_all_at = followed_->read_all_at;
    }
    transaction.commit();
  }
  Result<PollSummary> summary =
      found == Found::changed_rows ? scan.finish_changed(where(options_)) : scan.finish(where(options_));
  if (!summary) return summary;
  followed_.reset();
  if (whole_because.empty()) followed_ = std::move(following);
  summary->reads_all_because = std::move(whole_because);
  return summary;
}

// A database without an encoding holds any bytes. Asked for UTF-8 it would refuse to give a whole table for one bad row; as they
// are, the bad ones are found row by row.
void PostgresReader::avoid_conversion(pqxx::transaction_base& transaction) {
  if (!without_encoding_) without_encoding_ = view_of(transaction.exec("SHOW server_encoding")[0][0]) == "SQL_ASCII";
  if (*without_encoding_) transaction.exec("SET LOCAL client_encoding TO SQL_ASCII");
}

// Each row of the table was there at the last good poll, or was written by a transaction that this did not see. So the table has
// as many rows as we know of, or less by as many as were removed.
PostgresReader::Found PostgresReader::read_changes(pqxx::transaction_base& transaction, const Snapshot& snapshot,
                                                   const std::string& table, const TableShape& shape, RowDiff::Scan& scan,
                                                   bool& telling) {
  const std::string written = written_since(transaction, followed_->snapshot, snapshot);
  const std::optional<std::size_t> before = rows_passed(transaction, table);
  Cursor changed(transaction, "changed_rows", "SELECT " + shape.select + " FROM " + table + " WHERE " + written);
  check_not_rewritten(transaction);
  telling = true;
  changed.for_each([&](const pqxx::row& row) {
    ActionId id = 0;
    if (read_id(row[0], id)) scan.changed_row(row_view(row, id, shape.columns));
    return true;
  });
  const std::optional<std::size_t> after = rows_passed(transaction, table);
  const std::size_t known = scan.rows_if_none_removed();
  if (before && after && *after - *before == known) return Found::changed_rows;
  const auto rows = transaction.exec("SELECT pg_catalog.count(*) FROM " + table)[0][0].as<std::size_t>();
  if (rows == known) return Found::changed_rows;
  if (rows > known) return Found::discrepancy;
  bool adds_up = true;
  Cursor ids(transaction, "ids", "SELECT \"id\" FROM " + table);
  ids.for_each([&](const pqxx::row& row) {
    ActionId id = 0;
    adds_up = read_id(row[0], id) && scan.row_present(id);
    return adds_up;
  });
  return adds_up ? Found::ids : Found::discrepancy;
}

}  // namespace action_scheduler
