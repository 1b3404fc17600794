// What a PostgreSQL table is made of, as far as reading it is concerned. For the files that use libpqxx.
#pragma once

#include <cstdint>
#include <pqxx/pqxx>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/row.h"
#include "sources/unusable_table.h"

namespace action_scheduler {

// Between our snapshot and our lock somebody replaced the table's contents in a way that old snapshots see as emptiness.
class RewrittenTable : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// How a value stands in the binary form of COPY.
enum class BinaryForm : std::uint8_t { text, boolean, integer };

struct TableShape {
  std::string select;           // the select list: the id, then `columns`
  std::vector<Column> columns;  // in the order of the select list
  // The same for COPY in binary form, with as few conversions as possible in the server; each value is of the form named here.
  std::string copy_select;
  std::vector<BinaryForm> forms;
  // Of two snapshots with the same identity it is the same table with the same columns: a row that nobody wrote reads the same.
  std::string identity;
  // Why what changed cannot be told by the rows' xmin; empty if it can.
  std::string whole_because;
};

// The value's bytes. Valid as long as the result.
inline std::string_view view_of(const pqxx::field& field) { return {field.c_str(), field.size()}; }

// False if it is NULL or no integer.
bool read_id(const pqxx::field& field, ActionId& id);
bool read_id(std::string_view text, ActionId& id);

// The row of a result of TableShape::select; valid as long as the result.
RowView row_view(const pqxx::row& row, ActionId id, const std::vector<Column>& columns);

// Looks `table` ("schema"."table") up by the transaction's snapshot. Throws UnusableTable, and what libpqxx throws.
TableShape describe_table(pqxx::transaction_base& transaction, const std::string& table);

// To be called when a statement has locked the table. Throws RewrittenTable.
void check_not_rewritten(pqxx::transaction_base& transaction);

}  // namespace action_scheduler
