// Tables of actions in a private PostgreSQL server.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "sources/postgres_source.h"
#include "tests/servers/postgres_server.h"

namespace action_scheduler::bench {

// Creates the table `action` with all columns and `rows` rows, id 1 and on. Row i has the schedule "i % 60 i % 24 * * *", so
// there are 120 different ones. Throws std::runtime_error.
void fill_action_table(const testing::PostgresServer& server, std::size_t rows);

// How the table is reached. `name` is the session's application_name.
PostgresTableOptions table_options(const testing::PostgresServer& server, const std::string& name);

}  // namespace action_scheduler::bench
