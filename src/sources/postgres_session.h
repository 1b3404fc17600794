// What reading and preparing a PostgreSQL table have in common. For the files that use libpqxx.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/result.h"
#include "sources/postgres_source.h"

namespace action_scheduler {

using SteadyTime = std::chrono::steady_clock::time_point;

#if PQXX_VERSION_MAJOR < 7
using SnapshotTransaction = pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>;
#else
using SnapshotTransaction = pqxx::transaction<pqxx::isolation_level::repeatable_read, pqxx::write_policy::read_only>;
#endif

// A libpqxx connection whose libpq handle can be reached, for what libpqxx 6 has no words for. Throws what libpqxx throws.
#if PQXX_VERSION_MAJOR < 7
class KeepsHandle {
 protected:
  explicit KeepsHandle(const std::string& conninfo) : policy_(conninfo) {}

  class Policy : public pqxx::connect_direct {
   public:
    using pqxx::connect_direct::connect_direct;
    handle do_startconnect(handle before) override { return made = pqxx::connect_direct::do_startconnect(before); }
    handle made = nullptr;
  };
  Policy policy_;
};

class PostgresConnection : private KeepsHandle, public pqxx::connection_base {
 public:
  explicit PostgresConnection(const std::string& conninfo) : KeepsHandle(conninfo), pqxx::connection_base(policy_) { init(); }
  ~PostgresConnection() noexcept { close(); }
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  PGconn* handle() const { return policy_.made; }
};
#else
class PostgresConnection : public pqxx::connection {
 public:
  explicit PostgresConnection(const std::string& conninfo) : PostgresConnection(released(conninfo)) {}

  PGconn* handle() const { return handle_; }

 private:
  explicit PostgresConnection(PGconn* handle)
      : pqxx::connection(pqxx::connection::seize_raw_connection(handle)), handle_(handle) {}
  static PGconn* released(const std::string& conninfo) {
    pqxx::connection opened(conninfo);
    PGconn* handle = std::move(opened).release_raw_connection();
    // Notices went to the object that was left.
    PQsetNoticeReceiver(handle, [](void*, const PGresult*) {}, nullptr);
    return handle;
  }
  PGconn* handle_;
};
#endif

// Connects, and sets the client encoding. Throws what libpqxx throws.
std::unique_ptr<PostgresConnection> connect(const PostgresTableOptions& options, SteadyTime deadline);

// The server ends each statement of the transaction at `deadline`, and the session if we fall silent in the midst of it. Takes no
// snapshot.
void limit_statements(pqxx::transaction_base& transaction, SteadyTime deadline);

// "schema"."table"
std::string quoted_table(PostgresConnection& connection, const PostgresTableOptions& options);

// The values of a statement, as text, which go to the server beside it and never as a part of it; nullopt is NULL.
using SqlValues = std::vector<std::optional<std::string>>;

// Takes one more value and returns its place in the statement: "$1", "$2" and so on.
std::string place(SqlValues& values, std::optional<std::string> value);

// Runs the statement. Throws what libpqxx throws, and UnusableTable for a text that the server cannot take.
pqxx::result execute(pqxx::transaction_base& transaction, const std::string& sql, const SqlValues& values);

// "table public.action at localhost:5432/postgres"
std::string where(const PostgresTableOptions& options);

// The five characters of the SQLSTATE.
std::string sqlstate_of(const pqxx::sql_error& error);

// What the server said in one line, without its quotation of our statement.
std::string one_line(std::string_view text);

// The Error for what libpqxx threw: where, what, what to do.
Error error_of(const pqxx::sql_error& error, const PostgresTableOptions& options);
Error error_of(const std::exception& error, const PostgresTableOptions& options);

}  // namespace action_scheduler
