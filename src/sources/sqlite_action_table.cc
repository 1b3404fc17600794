#include <utility>

#include "sources/sqlite_source.h"
#include "sources/sqlite_table.h"
#include "sources/table_columns.h"
#include "sqlite/database.h"

namespace action_scheduler {

std::string where(const SqliteTableOptions& options) { return "table " + options.table + " in " + options.path; }

Error error_of(const sqlite::Failure& failure, const SqliteTableOptions& options) {
  const std::string what = where(options) + ": " + failure.what();
  switch (failure.kind()) {
    case sqlite::FailureKind::busy:
      return {what + "; another program holds the file locked"};
    case sqlite::FailureKind::corrupt:
      return {what + "; the file is damaged or no database, restore it from a backup"};
    case sqlite::FailureKind::full:
      return {what + "; free some space"};
    case sqlite::FailureKind::read_only:
      return {what + "; the file and its folder must be writable for this"};
    case sqlite::FailureKind::cannot_open:
      return {what + "; the file must exist and be readable, with its folder"};
    case sqlite::FailureKind::interrupted:
      return {what + "; it took longer than " + std::to_string(options.deadline.count()) + " ms, or the scheduler is stopping"};
    case sqlite::FailureKind::statement:
    case sqlite::FailureKind::other:
      break;
  }
  return {what};
}

namespace {

// The first six columns as the Python program's SQLAlchemy declared them.
constexpr const char* kColumnsSql =
    " (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR NOT NULL, command VARCHAR NOT NULL, cron JSON NOT NULL, merge_missed "
    "BOOLEAN,"
    " actuality_time INTEGER, enabled BOOLEAN NOT NULL DEFAULT 1, timezone VARCHAR, topic VARCHAR, key VARCHAR, headers JSON)";

class SqliteActionTable : public ActionTable {
 public:
  explicit SqliteActionTable(SqliteTableOptions options) : options_(std::move(options)) {}

  Result<TableCreation> create_if_missing() override { return create(true); }
  Result<TableCreation> try_creation() override { return create(false); }

  Result<std::size_t> write_if_empty(std::span<const Row> rows) override {
    return guarded(options_, [&]() -> Result<std::size_t> {
      sqlite::Database database = open();
      sqlite::Transaction transaction(database, sqlite::Transaction::Kind::write);
      if (database.prepare("SELECT 1 FROM " + sqlite::quoted(options_.table) + " LIMIT 1").step()) return std::size_t{0};
      for (const Row& row : rows) insert(database, row);
      transaction.commit();
      return rows.size();
    });
  }

 private:
  // Without `keep` what was created is taken back.
  Result<TableCreation> create(bool keep) {
    return guarded(options_, [&]() -> Result<TableCreation> {
      sqlite::Database database = open();
      if (exists(database)) return TableCreation::existed;
      try {
        sqlite::Transaction transaction(database, sqlite::Transaction::Kind::write);
        database.exec("CREATE TABLE IF NOT EXISTS " + sqlite::quoted(options_.table) + kColumnsSql);
        if (keep) transaction.commit();
      } catch (const sqlite::Failure& failure) {
        if (failure.kind() != sqlite::FailureKind::read_only) throw;
        return TableCreation::not_permitted;
      }
      return TableCreation::created;
    });
  }

  sqlite::Database open() const {
    sqlite::Database database = sqlite::Database::open(
        options_.path, options_.create_file ? sqlite::Database::Access::create : sqlite::Database::Access::read_write);
    database.set_busy_timeout(options_.deadline);
    return database;
  }

  bool exists(sqlite::Database& database) const {
    sqlite::Statement find =
        database.prepare("SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND lower(name) = lower(?)");
    find.bind(std::string_view(options_.table));
    return find.step();
  }

  void insert(sqlite::Database& database, const Row& row) const {
    std::string names;
    std::string values;
    const RowView view = row.view();
    for (const Column column : kColumns) {
      if (!view[column]) continue;
      const std::string_view separator = names.empty() ? "" : ", ";
      names.append(separator).append(column_name(column));
      values.append(separator).append(literal(column, *view[column]));
    }
    const std::string into = "INSERT INTO " + sqlite::quoted(options_.table);
    database.exec(names.empty() ? into + " DEFAULT VALUES" : into + " (" + names + ") VALUES (" + values + ")");
  }

  // Booleans are numbers in SQLite.
  static std::string literal(Column column, std::string_view text) {
    if (column == Column::merge_missed || column == Column::enabled) {
      if (text == "t" || text == "true") return "1";
      if (text == "f" || text == "false") return "0";
    }
    std::string quoted = "'";
    for (const char c : text) {
      if (c == '\'') quoted += '\'';
      quoted += c;
    }
    return quoted + "'";
  }

  const SqliteTableOptions options_;
};

}  // namespace

std::unique_ptr<ActionTable> make_sqlite_action_table(SqliteTableOptions options) {
  return std::make_unique<SqliteActionTable>(std::move(options));
}

}  // namespace action_scheduler
