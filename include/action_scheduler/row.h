// A row of the `action` table as a source hands it over: text, not yet understood.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "action_scheduler/fire.h"
#include "action_scheduler/time.h"

namespace action_scheduler {

// The columns beside `id`, in table order. Those from `enabled` on are optional.
enum class Column : std::uint8_t { name, command, cron, merge_missed, actuality_time, enabled, timezone, topic, key, headers };
inline constexpr std::size_t kColumnCount = 10;
std::string_view column_name(Column column);

// Cells as text the way Postgres prints them (booleans `t`/`f`, SQLite's 0/1 too); absent is NULL or no such column.
// The views live as long as the call that hands the row over.
struct RowView {
  ActionId id = 0;
  std::array<std::optional<std::string_view>, kColumnCount> cells;

  std::optional<std::string_view> operator[](Column column) const { return cells[static_cast<std::size_t>(column)]; }
  std::optional<std::string_view>& operator[](Column column) { return cells[static_cast<std::size_t>(column)]; }

  friend bool operator==(const RowView&, const RowView&) = default;
};

// A known action: its row as last seen, and the instant from which its fire times count.
struct KnownRow {
  RowView row;
  Instant counts_from;
};

// A row that owns its text.
struct Row {
  ActionId id = 0;
  std::array<std::optional<std::string>, kColumnCount> cells;

  Row() = default;
  explicit Row(const RowView& view);
  RowView view() const;

  std::optional<std::string>& operator[](Column column) { return cells[static_cast<std::size_t>(column)]; }

  friend bool operator==(const Row&, const Row&) = default;
};

// A 64-bit fingerprint of id and cells, to see whether a row changed. Not stable between versions of the program.
std::uint64_t fingerprint(const RowView& row);

}  // namespace action_scheduler
