#include <algorithm>
#include <utility>

#include "sources/postgres_session.h"
#include "sources/postgres_shape.h"
#include "sources/postgres_source.h"
#include "sources/table_columns.h"

namespace action_scheduler {
namespace {

// The first six columns as the Python program's SQLAlchemy declared them.
constexpr const char* kPostgresColumnsSql =
    " (id SERIAL NOT NULL PRIMARY KEY, name VARCHAR NOT NULL, command VARCHAR NOT NULL, cron JSON NOT NULL, merge_missed BOOLEAN,"
    " actuality_time INTEGER, enabled BOOLEAN NOT NULL DEFAULT TRUE, timezone VARCHAR, topic VARCHAR, key VARCHAR, headers JSON)";

const char* definition_of(Column column) {
  if (column == Column::enabled) return "BOOLEAN NOT NULL DEFAULT TRUE";
  return column == Column::headers ? "JSON" : "VARCHAR";
}

UnusableTable no_column(Column column, const std::string& table) {
  const std::string name(column_name(column));
  return UnusableTable("there is no column " + name + ", which is optional; to have it: ALTER TABLE " + table + " ADD COLUMN " +
                       name + " " + definition_of(column));
}

// What to do about a write that the server refused; empty where its own words must do.
std::string advice_on_writing(const std::string& sqlstate, const std::string& table) {
  if (sqlstate == "42501") {
    return "; this command writes: grant INSERT, UPDATE and DELETE on " + table +
           ", and USAGE on the sequence of its id, or name another role (--set actions_db.username=NAME)";
  }
  if (sqlstate == "25006") return "; the server takes no writes, as a standby: name its primary (--set actions_db.host=NAME)";
  if (sqlstate == "23502") return "; if it is the id, the table gives none by itself: name one with --id";
  if (sqlstate == "23505") return "; choose another id";
  return "";
}

class PostgresActionTable : public ActionTable {
 public:
  explicit PostgresActionTable(PostgresTableOptions options) : options_(std::move(options)) {}

  Result<TableCreation> create_if_missing() override { return create(true); }
  Result<TableCreation> try_creation() override { return create(false); }

  Result<std::size_t> write_if_empty(std::span<const Row> rows) override {
    return held<std::size_t>([rows](pqxx::work& transaction, const std::string& table) {
      // Of two who find the table empty at once, one waits and then finds it filled.
      transaction.exec("LOCK TABLE " + table + " IN SHARE ROW EXCLUSIVE MODE");
      if (!transaction.exec("SELECT 1 FROM " + table + " LIMIT 1").empty()) return std::size_t{0};
      for (const Row& row : rows) insert(transaction, table, row.view());
      transaction.commit();
      return rows.size();
    });
  }

  Result<void> read(const RowQuery& query, const std::function<bool(const RowView&)>& visit) override {
    const Result<bool> done = held<bool>([&](pqxx::work& transaction, const std::string& table) -> Result<bool> {
      // A database without an encoding holds any bytes; asked for UTF-8 it would give nothing for one bad row.
      if (view_of(transaction.exec("SHOW server_encoding")[0][0]) == "SQL_ASCII") {
        transaction.exec("SET LOCAL client_encoding TO SQL_ASCII");
      }
      const TableShape shape = describe_table(transaction, table);
      // Qualified: a bare "id" would be the text of the select list.
      SqlValues values;
      std::string sql = "SELECT " + shape.select + " FROM " + table + " action_row WHERE action_row.\"id\" IS NOT NULL";
      if (query.after) sql += " AND action_row.\"id\" > " + id_place(values, *query.after);
      if (query.ids) sql += " AND action_row.\"id\" = ANY (" + place(values, '{' + listed(*query.ids) + '}') + "::bigint[])";
      if (!query.search.empty()) {
        const std::string wanted = "pg_catalog.lower(" + place(values, query.search) + "::text)) > 0";
        sql += " AND (pg_catalog.strpos(pg_catalog.lower(\"name\"::text), " + wanted +
               " OR pg_catalog.strpos(pg_catalog.lower(\"command\"::text), " + wanted + ")";
      }
      sql += " ORDER BY action_row.\"id\"";
      if (query.limit) sql += " LIMIT " + place(values, std::to_string(*query.limit));
      execute(transaction, "DECLARE action_rows NO SCROLL CURSOR FOR " + sql, values);
      while (true) {
        const pqxx::result rows = transaction.exec("FETCH FORWARD 500 FROM action_rows");
        if (rows.empty()) return true;
        for (const auto& row : rows) {
          ActionId id = 0;
          if (read_id(row[0], id) && !visit(row_view(row, id, shape.columns))) return true;
        }
      }
    });
    if (!done) return done.error();
    return {};
  }

  Result<Row> insert(std::optional<ActionId> id, const CellChanges& cells, Writing writing) override {
    Result<std::optional<Row>> written =
        write(cells, writing, [&](const std::string& table, const TableShape& shape, SqlValues& values) {
          std::string names = id ? "\"id\"" : "";
          std::string places = id ? id_place(values, *id) : "";
          for (const auto& [column, cell] : cells) add(names, places, column, place(values, cell));
          return insertion(table, names, places) + " RETURNING " + shape.select;
        });
    if (!written) return written.error();
    if (!*written) return Error{where(options_) + ": the row was not kept; a trigger or rule of the table turned it down"};
    return std::move(**written);
  }

  Result<std::optional<Row>> update(ActionId id, const CellChanges& cells, Writing writing) override {
    return write(cells, writing, [&](const std::string& table, const TableShape& shape, SqlValues& values) {
      std::string set;
      for (const auto& [column, cell] : cells) {
        set.append(set.empty() ? "\"" : ", \"").append(column_name(column)).append("\" = ").append(place(values, cell));
      }
      return "UPDATE " + table + " SET " + set + " WHERE \"id\" = " + id_place(values, id) + " RETURNING " + shape.select;
    });
  }

  Result<std::optional<Row>> erase(ActionId id, Writing writing) override {
    return write({}, writing, [&](const std::string& table, const TableShape& shape, SqlValues& values) {
      return "DELETE FROM " + table + " WHERE \"id\" = " + id_place(values, id) + " RETURNING " + shape.select;
    });
  }

 private:
  // Runs the statement that `make` gives, with the values that it adds, which writes one row at most and returns it.
  template <class Make>
  Result<std::optional<Row>> write(const CellChanges& cells, Writing writing, const Make& make) {
    return held<std::optional<Row>>([&](pqxx::work& transaction, const std::string& table) -> Result<std::optional<Row>> {
      const TableShape shape = describe_table(transaction, table);
      for (const auto& [column, cell] : cells) {
        if (std::find(shape.columns.begin(), shape.columns.end(), column) != shape.columns.end()) continue;
        throw no_column(column, table);
      }
      try {
        SqlValues values;
        const std::string sql = make(table, shape, values);
        const pqxx::result rows = execute(transaction, sql, values);
        if (rows.empty()) return std::optional<Row>();
        if (rows.size() > 1) throw UnusableTable("several rows have this id; nothing was written");
        ActionId id = 0;
        if (!read_id(rows[0][0], id)) throw UnusableTable("the table gives no ids by itself; name one with --id");
        Row row(row_view(rows[0], id, shape.columns));
        if (writing == Writing::kept) transaction.commit();
        return std::optional<Row>(std::move(row));
      } catch (const pqxx::sql_error& refused) {
        const std::string advice = advice_on_writing(sqlstate_of(refused), table);
        if (advice.empty()) throw;
        throw UnusableTable(one_line(refused.what()) + advice);
      }
    });
  }

  // Of that type whatever the column's is: an id beyond it then is one that no row has, and nothing to refuse.
  static std::string id_place(SqlValues& values, ActionId id) { return place(values, std::to_string(id)) + "::bigint"; }

  static void add(std::string& names, std::string& places, Column column, const std::string& place) {
    const std::string_view separator = names.empty() ? "" : ", ";
    names.append(separator).append("\"").append(column_name(column)).append("\"");
    places.append(separator).append(place);
  }

  static std::string insertion(const std::string& table, const std::string& names, const std::string& places) {
    return "INSERT INTO " + table + (names.empty() ? " DEFAULT VALUES" : " (" + names + ") VALUES (" + places + ")");
  }

  // Without `keep` what was created is taken back.
  Result<TableCreation> create(bool keep) {
    return held<TableCreation>([keep](pqxx::work& transaction, const std::string& table) {
      try {
        const pqxx::result is_there = execute(transaction, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", {table});
        if (is_there[0][0].as<bool>()) return TableCreation::existed;
        transaction.exec("CREATE TABLE " + table + kPostgresColumnsSql);
        if (keep) transaction.commit();
      } catch (const pqxx::sql_error& error) {
        const std::string state = sqlstate_of(error);
        // 42501: no right to the schema, or to create; 25006: a read-only session, as on a standby.
        if (state == "42501" || state == "25006") return TableCreation::not_permitted;
        // 42P07, or 23505 or 42710 from the catalogues: somebody else was faster.
        if (state == "42P07" || state == "23505" || state == "42710") return TableCreation::existed;
        throw;
      }
      return TableCreation::created;
    });
  }

  // Runs `work` in a transaction on a connection of its own, which is ended at the deadline.
  template <class Value, class Work>
  Result<Value> held(const Work& work) {
    const SteadyTime until = std::chrono::steady_clock::now() + options_.deadline;
    // Outlives the connection, so that the socket is released first on every way out.
    SocketDeadline deadline;
    std::unique_ptr<PostgresConnection> connection;
    Error error;
    try {
      connection = connect(options_, until);
      deadline.watch(connection->sock(), until);
      pqxx::work transaction(*connection);
      limit_statements(transaction, until);
      Result<Value> value = work(transaction, quoted_table(*connection, options_));
      deadline.release();
      return value;
    } catch (const UnusableTable& unusable) {
      error = {where(options_) + ": " + unusable.what()};
    } catch (const pqxx::sql_error& refused) {
      error = error_of(refused, options_);
    } catch (const std::exception& other) {
      error = error_of(other, options_);
    }
    deadline.release();
    return error;
  }

  static void insert(pqxx::transaction_base& transaction, const std::string& table, const RowView& row) {
    std::string names;
    std::string places;
    SqlValues values;
    for (const Column column : kColumns) {
      if (row[column]) add(names, places, column, place(values, std::string(*row[column])));
    }
    execute(transaction, insertion(table, names, places), values);
  }

  const PostgresTableOptions options_;
};

}  // namespace

std::unique_ptr<ActionTable> make_postgres_action_table(PostgresTableOptions options) {
  return std::make_unique<PostgresActionTable>(std::move(options));
}

}  // namespace action_scheduler
