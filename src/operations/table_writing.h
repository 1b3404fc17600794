// Adding, changing and removing rows of the table, by the rules by which the engine reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "config/settings.h"
#include "operations/action_report.h"
#include "sources/action_table.h"

namespace action_scheduler {

struct WriteRequest {
  enum class Kind : std::uint8_t { add, edit, enable, disable, remove };

  Kind kind = Kind::add;
  std::optional<ActionId> id{};  // absent with `add` alone: the table gives one
  CellChanges cells{};           // what to write; with enable and disable the cell `enabled` alone
  bool dry_run = false;
};

struct WrittenRow {
  Row row;             // as the table has it now, or would; removed: as it was
  bool has_id = true;  // false for a trial of an `add`, whose id is nobody's
  bool table_created = false;
};

struct RefusedRow {
  RowFault fault;
  std::string text;  // the fault as `check` tells it
};

struct NoSuchAction {};

// Checks the row, then writes it in one transaction; with a fault nothing is written. A row that was bad before may be disabled
// and removed all the same. The Error is that of the database.
std::variant<WrittenRow, RefusedRow, NoSuchAction, Error> write_row(const Settings& settings, const WriteRequest& request,
                                                                    RowParser& parser);

// "added"
const char* done_word(WriteRequest::Kind kind);

// What was done, for machines.
std::string written_json(const WriteRequest& request, const WrittenRow& written, RowParser& parser, Instant now);

}  // namespace action_scheduler
