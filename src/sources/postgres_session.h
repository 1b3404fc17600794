// What reading and preparing a PostgreSQL table have in common. For the files that use libpqxx.
#pragma once

#include <chrono>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "action_scheduler/result.h"
#include "sources/postgres_source.h"

namespace action_scheduler {

using SteadyTime = std::chrono::steady_clock::time_point;

#if PQXX_VERSION_MAJOR < 7
using SnapshotTransaction = pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>;
#else
using SnapshotTransaction = pqxx::transaction<pqxx::isolation_level::repeatable_read, pqxx::write_policy::read_only>;
#endif

// Connects, and sets the client encoding. Throws what libpqxx throws.
std::unique_ptr<pqxx::connection> connect(const PostgresTableOptions& options, SteadyTime deadline);

// The server ends each statement of the transaction at `deadline`, and the session if we fall silent in the midst of it. Takes no
// snapshot.
void limit_statements(pqxx::transaction_base& transaction, SteadyTime deadline);

// "schema"."table"
std::string quoted_table(pqxx::connection& connection, const PostgresTableOptions& options);

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
