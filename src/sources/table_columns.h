// Which columns of a table matter.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "action_scheduler/row.h"

namespace action_scheduler {

inline constexpr std::array<Column, kColumnCount> kColumns = {
    Column::name,    Column::command,  Column::cron,  Column::merge_missed, Column::actuality_time,
    Column::enabled, Column::timezone, Column::topic, Column::key,          Column::headers};

// From this one on a table may lack them.
inline constexpr Column kFirstOptionalColumn = Column::enabled;

// The column of exactly this name, `id` excepted; absent if it is of no concern to us.
inline std::optional<Column> column_of(std::string_view name) {
  for (const Column column : kColumns) {
    if (column_name(column) == name) return column;
  }
  return std::nullopt;
}

}  // namespace action_scheduler
