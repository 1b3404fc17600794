#include "sources/action_table.h"

#include <limits>

namespace action_scheduler {

std::string listed(const std::vector<ActionId>& ids) {
  std::string text;
  for (const ActionId id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id);
  return text;
}

Result<std::optional<Row>> ActionTable::find(ActionId id) {
  RowQuery query;
  if (id != std::numeric_limits<ActionId>::min()) query.after = id - 1;
  query.limit = 1;
  std::optional<Row> found;
  const Result<void> read_rows = read(query, [&](const RowView& row) {
    if (row.id == id) found.emplace(row);
    return false;
  });
  if (!read_rows) return read_rows.error();
  return found;
}

}  // namespace action_scheduler
