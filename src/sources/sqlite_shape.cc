#include <array>
#include <optional>

#include "sources/sqlite_table.h"
#include "sources/table_columns.h"

namespace action_scheduler {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

struct FoundColumns {
  bool table = false;
  std::optional<std::string> id;
  std::array<std::optional<std::string>, kColumnCount> names;  // as the table spells them
};

FoundColumns find_columns(sqlite::Database& database, const std::string& table) {
  FoundColumns found;
  // Not hidden: neither hidden columns of virtual tables (1) nor anything else that SELECT * would leave out; generated ones (2,
  // 3) count.
  sqlite::Statement row = database.prepare("SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1");
  row.bind(std::string_view(table));
  while (row.step()) {
    found.table = true;
    const std::string name(row.text(0));
    const std::string plain = lower_case(name);
    if (plain == "id") {
      found.id = name;
    } else if (const auto column = column_of(plain)) {
      found.names[static_cast<std::size_t>(*column)] = name;
    }
  }
  return found;
}

}  // namespace

SqliteTableShape describe_table(sqlite::Database& database, const SqliteTableOptions& options) {
  const FoundColumns found = find_columns(database, options.table);
  if (!found.table) {
    throw UnusableTable(where(options) + ": there is no such table; create it, or name another file or table");
  }
  if (!found.id) throw UnusableTable(where(options) + ": has no column id; add it");
  SqliteTableShape shape;
  shape.id = sqlite::quoted(*found.id);
  shape.select = shape.id;
  for (const Column column : kColumns) {
    const auto& name = found.names[static_cast<std::size_t>(column)];
    if (name) {
      shape.columns.push_back(column);
      shape.names.push_back(sqlite::quoted(*name));
      shape.select += ", " + shape.names.back();
    } else if (column < kFirstOptionalColumn) {
      throw UnusableTable(where(options) + ": has no column " + std::string(column_name(column)) + "; add it");
    }
  }
  return shape;
}

RowView row_view(const sqlite::Statement& row, const std::vector<Column>& columns) {
  RowView view;
  view.id = row.integer(0);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const int place = static_cast<int>(i) + 1;
    if (!row.is_null(place)) view[columns[i]] = row.text(place);
  }
  return view;
}

}  // namespace action_scheduler
