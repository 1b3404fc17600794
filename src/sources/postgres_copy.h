// Reads many rows of a PostgreSQL table in one go. For the files that use libpqxx.
#pragma once

#include <functional>
#include <string>

#include "action_scheduler/row.h"
#include "sources/postgres_session.h"
#include "sources/postgres_shape.h"

namespace action_scheduler {

// What becomes of the rows.
struct CopiedRows {
  std::function<void(const RowView&)> row;  // valid during the call
  std::function<void()> row_without_id;
};

// Reads all rows of `table` ("schema"."table") by COPY, within the transaction that is open on the connection. While a row is
// looked at the server sends the next ones: a cursor would wait for its reader, and its reader for it. Throws what libpqxx
// throws; the connection is of no use then.
void copy_rows(PostgresConnection& connection, const std::string& table, const TableShape& shape, const CopiedRows& visit);

}  // namespace action_scheduler
