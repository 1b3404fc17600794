#include "sources/sqlite_source.h"

#include <sys/stat.h>

#include <optional>
#include <utility>
#include <vector>

#include "sources/sqlite_table.h"
#include "sources/table_columns.h"
#include "sqlite/database.h"

namespace action_scheduler {
namespace {

using Clock = std::chrono::steady_clock;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

struct FoundColumns {
  bool table = false;
  std::optional<std::string> id;
  std::array<std::optional<std::string>, kColumnCount> names;  // as the table spells them
};

FoundColumns find_columns(sqlite::Database& database, const std::string& table) {
  FoundColumns found;
  // Not hidden: neither hidden columns of virtual tables (1) nor anything else that SELECT * would leave out; generated ones (2,
  // 3) count.
  sqlite::Statement row = database.prepare("SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1");
  row.bind(std::string_view(table));
  while (row.step()) {
    found.table = true;
    const std::string name(row.text(0));
    const std::string plain = lower_case(name);
    if (plain == "id") {
      found.id = name;
    } else if (const auto column = column_of(plain)) {
      found.names[static_cast<std::size_t>(*column)] = name;
    }
  }
  return found;
}

// The statement that reads the table; column 0 is the id, the columns in `columns` follow. Throws UnusableTable.
std::string select_rows(const FoundColumns& found, const SqliteTableOptions& options, std::vector<Column>& columns) {
  if (!found.table) {
    throw UnusableTable(where(options) + ": there is no such table; create it, or name another file or table");
  }
  if (!found.id) throw UnusableTable(where(options) + ": has no column id; add it");
  std::string sql = "SELECT " + sqlite::quoted(*found.id);
  for (const Column column : kColumns) {
    const auto& name = found.names[static_cast<std::size_t>(column)];
    if (name) {
      columns.push_back(column);
      sql += ", " + sqlite::quoted(*name);
    } else if (column < kFirstOptionalColumn) {
      throw UnusableTable(where(options) + ": has no column " + std::string(column_name(column)) + "; add it");
    }
  }
  return sql + " FROM " + sqlite::quoted(options.table);
}

}  // namespace

// The open file, and what is known of the table in it.
class SqliteSource::Connection {
 public:
  Connection(const SqliteTableOptions& options, const std::atomic<bool>& interrupted)
      : database_(sqlite::Database::open(
            options.path, options.create_file ? sqlite::Database::Access::create : sqlite::Database::Access::read_write)),
        identity_(identity_of(options.path)) {
    database_.set_busy_timeout(options.deadline);
    database_.stop_when([this, &interrupted] { return interrupted || Clock::now() >= deadline_; });
  }

  bool is_still_the_file(const std::string& path) const { return identity_ && identity_ == identity_of(path); }

  Result<PollSummary> poll(const SqliteTableOptions& options, RowDiff& diff, ChangeVisitor& visitor, Clock::time_point deadline) {
    deadline_ = deadline;
    sqlite::Transaction snapshot(database_, sqlite::Transaction::Kind::read);
    std::vector<Column> columns;
    sqlite::Statement row = database_.prepare(select_rows(find_columns(database_, options.table), options, columns));
    RowDiff::Scan scan(diff, visitor);
    while (row.step()) {
      if (!row.is_integer(0)) {
        scan.row_without_id();
        continue;
      }
      RowView view;
      view.id = row.integer(0);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const int place = static_cast<int>(i) + 1;
        if (!row.is_null(place)) view[columns[i]] = row.text(place);
      }
      scan.row(view);
    }
    return scan.finish(where(options));
  }

 private:
  using Identity = std::pair<dev_t, ino_t>;

  static std::optional<Identity> identity_of(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return Identity(status.st_dev, status.st_ino);
  }

  Clock::time_point deadline_ = Clock::time_point::max();
  sqlite::Database database_;
  std::optional<Identity> identity_;
};

SqliteSource::SqliteSource(SqliteTableOptions options) : options_(std::move(options)) {}

SqliteSource::~SqliteSource() = default;

Result<PollSummary> SqliteSource::poll(ChangeVisitor& visitor) {
  const Clock::time_point deadline = Clock::now() + options_.deadline;
  if (interrupted_.exchange(false)) return Error{where(options_) + ": the poll was interrupted"};
  Result<PollSummary> summary = guarded(options_, [&] {
    if (!connection_ || !connection_->is_still_the_file(options_.path)) {
      connection_ = std::make_unique<Connection>(options_, interrupted_);
    }
    return connection_->poll(options_, diff_, visitor, deadline);
  });
  if (!summary) connection_.reset();
  interrupted_ = false;
  return summary;
}

}  // namespace action_scheduler
