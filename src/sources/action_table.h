// Preparing a table of actions: creating it where there is none, and filling an empty one with samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "action_scheduler/result.h"
#include "action_scheduler/row.h"

namespace action_scheduler {

enum class TableCreation : std::uint8_t {
  existed,        // left as it is: a table is never altered
  created,        // with the optional columns too
  not_permitted,  // there is none, and no right to create one
};

// Connects for each call. One thread at a time.
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
};

}  // namespace action_scheduler
