#include <algorithm>
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
    case sqlite::FailureKind::io:
    case sqlite::FailureKind::other:
      break;
  }
  return {what};
}

namespace {

// The first six columns as the Python program's SQLAlchemy declared them.
constexpr const char* kSqliteColumnsSql =
    " (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR NOT NULL, command VARCHAR NOT NULL, cron JSON NOT NULL, merge_missed "
    "BOOLEAN,"
    " actuality_time INTEGER, enabled BOOLEAN NOT NULL DEFAULT 1, timezone VARCHAR, topic VARCHAR, key VARCHAR, headers JSON)";

// What to do about a row that SQLite refused; empty where its own words must do.
std::string advice_on_writing(std::string_view message, const SqliteTableShape& shape) {
  const std::string id = '.' + shape.id.substr(1, shape.id.size() - 2);
  if (!message.ends_with(id)) return "";
  if (message.starts_with("NOT NULL")) return "; the table gives no ids by itself: name one with --id";
  return message.starts_with("UNIQUE") ? "; choose another id" : "";
}

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

  Result<void> read(const RowQuery& query, const std::function<bool(const RowView&)>& visit) override {
    return guarded(options_, [&]() -> Result<void> {
      sqlite::Database database = open_existing();
      const sqlite::Transaction snapshot(database, sqlite::Transaction::Kind::read);
      const SqliteTableShape shape = describe_table(database, options_);
      std::string sql =
          "SELECT " + shape.select + " FROM " + sqlite::quoted(options_.table) + " WHERE typeof(" + shape.id + ") = 'integer'";
      Values values;
      if (query.after) sql += " AND " + shape.id + " > " + place(values, *query.after);
      if (query.ids) {
        std::string places;
        for (const ActionId id : *query.ids) places += (places.empty() ? "" : ", ") + place(values, id);
        sql += " AND " + shape.id + " IN (" + places + ")";
      }
      if (!query.search.empty()) {
        const std::string wanted = "lower(" + place(values, query.search) + "))";
        const auto holds = [&](Column column) { return "instr(lower(" + name_of(column, shape) + "), " + wanted + " > 0"; };
        sql += " AND (" + holds(Column::name) + " OR " + holds(Column::command) + ")";
      }
      sql += " ORDER BY " + shape.id;
      if (query.limit) sql += " LIMIT " + place(values, static_cast<std::int64_t>(*query.limit));
      sqlite::Statement row = database.prepare(sql);
      row.bind_all(values);
      while (row.step() && visit(row_view(row, shape.columns))) {
      }
      return {};
    });
  }

  Result<Row> insert(std::optional<ActionId> id, const CellChanges& cells, Writing writing) override {
    Result<std::optional<Row>> written = write(cells, writing, [&](const SqliteTableShape& shape, Values& values) {
      std::string names = id ? shape.id : "";
      std::string places = id ? place(values, *id) : "";
      for (const auto& [column, cell] : cells) {
        add(names, places, name_of(column, shape), place(values, value_of(column, cell)));
      }
      return insertion(names, places) + " RETURNING " + shape.select;
    });
    if (!written) return written.error();
    if (!*written) return Error{where(options_) + ": the row was not kept; a trigger of the table turned it down"};
    return std::move(**written);
  }

  Result<std::optional<Row>> update(ActionId id, const CellChanges& cells, Writing writing) override {
    return write(cells, writing, [&](const SqliteTableShape& shape, Values& values) {
      std::string set;
      for (const auto& [column, cell] : cells) {
        set.append(set.empty() ? "" : ", ").append(name_of(column, shape)).append(" = ");
        set.append(place(values, value_of(column, cell)));
      }
      return "UPDATE " + sqlite::quoted(options_.table) + " SET " + set + where_id(place(values, id), shape) + " RETURNING " +
             shape.select;
    });
  }

  Result<std::optional<Row>> erase(ActionId id, Writing writing) override {
    return write({}, writing, [&](const SqliteTableShape& shape, Values& values) {
      return "DELETE FROM " + sqlite::quoted(options_.table) + where_id(place(values, id), shape) + " RETURNING " + shape.select;
    });
  }

 private:
  // What stands for the parameters of a statement. Texts must stay alive until it has ended.
  using Values = std::vector<sqlite::Value>;

  // Takes one more value and returns its place in the statement.
  static std::string place(Values& values, sqlite::Value value) {
    values.push_back(value);
    return '?' + std::to_string(values.size());
  }

  // Runs the statement that `make` gives, with the values that it adds, which writes one row at most and returns it.
  template <class Make>
  Result<std::optional<Row>> write(const CellChanges& cells, Writing writing, const Make& make) {
    return guarded(options_, [&]() -> Result<std::optional<Row>> {
      sqlite::Database database = open_existing();
      sqlite::Transaction transaction(database, sqlite::Transaction::Kind::write);
      const SqliteTableShape shape = describe_table(database, options_);
      for (const auto& [column, cell] : cells) {
        if (std::find(shape.columns.begin(), shape.columns.end(), column) != shape.columns.end()) continue;
        throw no_column(column);
      }
      std::optional<Row> written;
      try {
        Values values;
        sqlite::Statement row = database.prepare(make(shape, values));
        row.bind_all(values);
        if (!row.step()) return std::optional<Row>();
        if (!row.is_integer(0)) throw UnusableTable(where(options_) + ": the table gives no ids by itself; name one with --id");
        written.emplace(row_view(row, shape.columns));
        if (row.step()) throw UnusableTable(where(options_) + ": several rows have this id; nothing was written");
      } catch (const sqlite::Failure& failure) {
        const std::string advice = advice_on_writing(failure.what(), shape);
        if (advice.empty()) throw;
        throw UnusableTable(where(options_) + ": " + failure.what() + advice);
      }
      if (writing == Writing::kept) transaction.commit();
      return written;
    });
  }

  static const char* definition_of(Column column) {
    if (column == Column::enabled) return "BOOLEAN NOT NULL DEFAULT 1";
    return column == Column::headers ? "JSON" : "VARCHAR";
  }

  UnusableTable no_column(Column column) const {
    const std::string name(column_name(column));
    return UnusableTable(where(options_) + ": there is no column " + name + ", which is optional; to have it: ALTER TABLE " +
                         sqlite::quoted(options_.table) + " ADD COLUMN " + name + " " + definition_of(column));
  }

  static std::string name_of(Column column, const SqliteTableShape& shape) {
    const auto at = std::find(shape.columns.begin(), shape.columns.end(), column) - shape.columns.begin();
    return shape.names[static_cast<std::size_t>(at)];
  }

  static std::string where_id(const std::string& place_of_id, const SqliteTableShape& shape) {
    return " WHERE typeof(" + shape.id + ") = 'integer' AND " + shape.id + " = " + place_of_id;
  }

  // Without `keep` what was created is taken back.
  Result<TableCreation> create(bool keep) {
    return guarded(options_, [&]() -> Result<TableCreation> {
      sqlite::Database database = open();
      if (exists(database)) return TableCreation::existed;
      try {
        sqlite::Transaction transaction(database, sqlite::Transaction::Kind::write);
        database.exec("CREATE TABLE IF NOT EXISTS " + sqlite::quoted(options_.table) + kSqliteColumnsSql);
        if (keep) transaction.commit();
      } catch (const sqlite::Failure& failure) {
        if (failure.kind() != sqlite::FailureKind::read_only) throw;
        return TableCreation::not_permitted;
      }
      return TableCreation::created;
    });
  }

  sqlite::Database open() const {
    return open_as(options_.create_file ? sqlite::Database::Access::create : sqlite::Database::Access::read_write);
  }

  // A mistyped name must not leave an empty file behind.
  sqlite::Database open_existing() const { return open_as(sqlite::Database::Access::read_write); }

  sqlite::Database open_as(sqlite::Database::Access access) const {
    sqlite::Database database = sqlite::Database::open(options_.path, access);
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
    std::string places;
    Values values;
    for (const Column column : kColumns) {
      const auto& cell = row.cells[static_cast<std::size_t>(column)];
      if (cell) add(names, places, std::string(column_name(column)), place(values, value_of(column, cell)));
    }
    sqlite::Statement statement = database.prepare(insertion(names, places));
    statement.bind_all(values);
    statement.step();
  }

  static void add(std::string& names, std::string& places, const std::string& name, const std::string& place) {
    const std::string_view separator = names.empty() ? "" : ", ";
    names.append(separator).append(name);
    places.append(separator).append(place);
  }

  std::string insertion(const std::string& names, const std::string& places) const {
    const std::string into = "INSERT INTO " + sqlite::quoted(options_.table);
    return names.empty() ? into + " DEFAULT VALUES" : into + " (" + names + ") VALUES (" + places + ")";
  }

  // Booleans are numbers in SQLite.
  static sqlite::Value value_of(Column column, const std::optional<std::string>& cell) {
    if (!cell) return std::nullopt;
    if (column == Column::merge_missed || column == Column::enabled) {
      if (*cell == "t" || *cell == "true") return std::int64_t{1};
      if (*cell == "f" || *cell == "false") return std::int64_t{0};
    }
    return std::string_view(*cell);
  }

  const SqliteTableOptions options_;
};

}  // namespace

std::unique_ptr<ActionTable> make_sqlite_action_table(SqliteTableOptions options) {
  return std::make_unique<SqliteActionTable>(std::move(options));
}

}  // namespace action_scheduler
