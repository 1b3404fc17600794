// A table of actions as people write it: creating it where there is none, filling an empty one with samples, and its rows one by
// one. The scheduler itself only follows it (action_source.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "action_scheduler/result.h"
#include "action_scheduler/row.h"

namespace action_scheduler {

enum class TableCreation : std::uint8_t {
  existed,        // left as it is: a table is never altered
  created,        // with the optional columns too
  not_permitted,  // there is none, and no right to create one
};

// Which rows to read.
struct RowQuery {
  std::optional<ActionId> after;  // those with a greater id
  // Those whose name or command holds this text; letters of either case are the same (SQLite: those of ASCII). Empty: all.
  std::string search;
  std::optional<std::size_t> limit;               // so many at most
  std::optional<std::vector<ActionId>> ids = {};  // only these, one at least
};

// "1, 2, 3", as SQL lists them.
std::string listed(const std::vector<ActionId>& ids);

// Cells to write, as text like those of a Row; nullopt is NULL.
using CellChanges = std::map<Column, std::optional<std::string>>;

enum class Writing : std::uint8_t {
  kept,
  tried,  // all is done as it would be, rights and constraints included, and then taken back
};

// Connects for each call. One thread at a time. What is to be written to a column that the table has not is an Error which says
// how to add it.
class ActionTable {
 public:
  virtual ~ActionTable() = default;

  // An Error if the database cannot be reached.
  virtual Result<TableCreation> create_if_missing() = 0;

  // What create_if_missing() would say; the database stays as it is.
  virtual Result<TableCreation> try_creation() = 0;

  // Writes the rows if the table is empty and returns how many were written: all, or 0 because it was not empty. The table gives
  // the ids; a row's own is ignored. Cells that are absent are not named, so a table without the optional columns will do. All or
  // nothing.
  virtual Result<std::size_t> write_if_empty(std::span<const Row> rows) = 0;

  // Calls `visit` with each row that `query` asks for, ascending by id, until it returns false. All of one snapshot; rows without
  // an integer id are left out. The views are valid during the call.
  virtual Result<void> read(const RowQuery& query, const std::function<bool(const RowView&)>& visit) = 0;

  // The row of this id; absent if there is none.
  Result<std::optional<Row>> find(ActionId id);

  // Inserts a row and returns it as the table then has it, defaults included. Without `id` the table gives one.
  virtual Result<Row> insert(std::optional<ActionId> id, const CellChanges& cells, Writing writing) = 0;

  // Writes `cells`, one or more, of the row and leaves the others as they are. Returns the row as the table then has it; absent
  // if there is none of this id.
  virtual Result<std::optional<Row>> update(ActionId id, const CellChanges& cells, Writing writing) = 0;

  // Removes the row and returns it as it was; absent if there is none of this id.
  virtual Result<std::optional<Row>> erase(ActionId id, Writing writing) = 0;
};

}  // namespace action_scheduler
