// What reading and preparing an SQLite table have in common.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "action_scheduler/result.h"
#include "action_scheduler/row.h"
#include "sources/sqlite_source.h"
#include "sources/unusable_table.h"
#include "sqlite/database.h"

namespace action_scheduler {

// "table action in actions.db"
std::string where(const SqliteTableOptions& options);

// The Error for what SQLite said: where, what, what to do.
Error error_of(const sqlite::Failure& failure, const SqliteTableOptions& options);

struct SqliteTableShape {
  std::string id;                  // the column id as an SQL name
  std::string select;              // the select list: the id, then `columns`
  std::vector<Column> columns;     // in the order of the select list
  std::vector<std::string> names;  // of `columns`, as SQL names: as the table spells them
};

// Throws UnusableTable and sqlite::Failure.
SqliteTableShape describe_table(sqlite::Database& database, const SqliteTableOptions& options);

// The row of a statement that selects SqliteTableShape::select and whose id is an integer; valid until its next step.
RowView row_view(const sqlite::Statement& row, const std::vector<Column>& columns);

// What `work` returns, a Result, or the Error of what it threw.
template <class Work>
auto guarded(const SqliteTableOptions& options, const Work& work) -> std::invoke_result_t<Work> {
  try {
    return work();
  } catch (const UnusableTable& unusable) {
    return Error{unusable.what()};
  } catch (const sqlite::Failure& failure) {
    return error_of(failure, options);
  }
}

}  // namespace action_scheduler
