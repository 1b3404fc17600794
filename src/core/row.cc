#include "action_scheduler/row.h"

#include <cstring>

namespace action_scheduler {
namespace {

constexpr std::uint64_t kOddMultiplier = 0x9E3779B97F4A7C15u;

// Folds a word into the state; the shift brings the well mixed upper half down, which multiplication alone never does.
std::uint64_t mix(std::uint64_t state, std::uint64_t word) {
  state = (state ^ word) * kOddMultiplier;
  return state ^ (state >> 32);
}

std::uint64_t mix_text(std::uint64_t state, std::string_view text) {
  // The length goes first, so that no cell can run over into the next one.
  state = mix(state, text.size());
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof word);
    state = mix(state, word);
    text.remove_prefix(sizeof word);
  }
  if (text.empty()) return state;
  std::uint64_t rest = 0;
  std::memcpy(&rest, text.data(), text.size());
  return mix(state, rest);
}

}  // namespace

std::string_view column_name(Column column) {
  switch (column) {
    case Column::name:
      return "name";
    case Column::command:
      return "command";
    case Column::cron:
      return "cron";
    case Column::merge_missed:
      return "merge_missed";
    case Column::actuality_time:
      return "actuality_time";
    case Column::enabled:
      return "enabled";
    case Column::timezone:
      return "timezone";
    case Column::topic:
      return "topic";
    case Column::key:
      return "key";
    case Column::headers:
      return "headers";
  }
  return "";
}

Row::Row(const RowView& view) : id(view.id) {
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    if (view.cells[i]) cells[i].emplace(*view.cells[i]);
  }
}

RowView Row::view() const {
  RowView view;
  view.id = id;
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    if (cells[i]) view.cells[i] = *cells[i];
  }
  return view;
}

std::uint64_t fingerprint(const RowView& row) {
  std::uint64_t state = mix(kOddMultiplier, static_cast<std::uint64_t>(row.id));
  for (const auto& cell : row.cells) {
    state = cell ? mix_text(mix(state, 1), *cell) : mix(state, 0);
  }
  return mix(state, kColumnCount);
}

}  // namespace action_scheduler
