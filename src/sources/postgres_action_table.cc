#include <utility>

#include "sources/postgres_session.h"
#include "sources/postgres_source.h"
#include "sources/table_columns.h"

namespace action_scheduler {
namespace {

// The first six columns as the Python program's SQLAlchemy declared them.
constexpr const char* kColumnsSql =
    " (id SERIAL NOT NULL PRIMARY KEY, name VARCHAR NOT NULL, command VARCHAR NOT NULL, cron JSON NOT NULL, merge_missed BOOLEAN,"
    " actuality_time INTEGER, enabled BOOLEAN NOT NULL DEFAULT TRUE, timezone VARCHAR, topic VARCHAR, key VARCHAR, headers JSON)";

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

 private:
  // Without `keep` what was created is taken back.
  Result<TableCreation> create(bool keep) {
    return held<TableCreation>([keep](pqxx::work& transaction, const std::string& table) {
      try {
        const std::string is_there = "SELECT pg_catalog.to_regclass(" + transaction.quote(table) + ") IS NOT NULL";
        if (transaction.exec(is_there)[0][0].as<bool>()) return TableCreation::existed;
        transaction.exec("CREATE TABLE " + table + kColumnsSql);
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
    std::unique_ptr<pqxx::connection> connection;
    Error error;
    try {
      connection = connect(options_, until);
      deadline.watch(connection->sock(), until);
      pqxx::work transaction(*connection);
      limit_statements(transaction, until);
      Result<Value> value = work(transaction, quoted_table(*connection, options_));
      deadline.release();
      return value;
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
    std::string values;
    for (const Column column : kColumns) {
      if (!row[column]) continue;
      const std::string_view separator = names.empty() ? "" : ", ";
      names.append(separator).append("\"").append(column_name(column)).append("\"");
      values.append(separator).append(transaction.quote(std::string(*row[column])));
    }
    const std::string into = "INSERT INTO " + table;
    transaction.exec(names.empty() ? into + " DEFAULT VALUES" : into + " (" + names + ") VALUES (" + values + ")");
  }

  const PostgresTableOptions options_;
};

}  // namespace

std::unique_ptr<ActionTable> make_postgres_action_table(PostgresTableOptions options) {
  return std::make_unique<PostgresActionTable>(std::move(options));
}

}  // namespace action_scheduler
