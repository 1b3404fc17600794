#include "engine/packed_rows.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "action_scheduler/leb128.h"

namespace action_scheduler {

namespace {

// A packed row: the id, then its cells. A cell: 0 for an absent one; 1, place and length of the same text in an earlier row; or
// 2 + its length, and a text. Numbers are LEB128.
constexpr std::uint64_t kAbsent = 0;
constexpr std::uint64_t kRepeated = 1;
constexpr std::uint64_t kText = 2;
constexpr std::size_t kLeastRepeated = 16;  // less is hardly longer than where it stands
constexpr std::size_t kRememberedTexts = 1024;

// Names and commands are mostly each its own.
bool may_repeat(std::size_t column) {
  return column != static_cast<std::size_t>(Column::name) && column != static_cast<std::size_t>(Column::command);
}

template <class T>
void write_raw(char*& at, T value) {
  std::memcpy(at, static_cast<const void*>(&value), sizeof value);
  at += sizeof value;
}

template <class T>
T read_raw(const char*& at) {
  T value{};
  std::memcpy(static_cast<void*>(&value), at, sizeof value);
  at += sizeof value;
  return value;
}

}  // namespace

char* PackedRows::room(std::size_t bytes) {
  // As large as all before together, so that few rows take little and many are soon in blocks that the allocator gives back at
  // once.
  constexpr std::size_t kLeastBlock = 1 << 12;
  constexpr std::size_t kLargestBlock = 1 << 24;
  if (bytes > left_) {
    left_ = std::max(std::clamp(bytes_, kLeastBlock, kLargestBlock), bytes);
    bytes_ += left_;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
    end_ = blocks_.back().get();
  }
  return end_;
}

void PackedRows::used_until(char* end) {
  left_ -= static_cast<std::size_t>(end - end_);
  end_ = end;
}

void PackedRows::add(const RowView& row) {
  std::size_t bytes = sizeof row.id + kColumnCount * (kLeb128BytesMax + 1 + sizeof(const char*));
  for (const auto& cell : row.cells) bytes += cell ? cell->size() : 0;
  char* at = room(bytes);
  rows_.push_back(at);
  write_raw(at, row.id);
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    const auto& cell = row.cells[i];
    if (!cell) {
      at = write_leb128(at, kAbsent);
      continue;
    }
    std::string_view* known = nullptr;
    if (may_repeat(i) && cell->size() >= kLeastRepeated) {
      if (latest_by_hash_.empty()) latest_by_hash_.resize(kRememberedTexts);
      known = &latest_by_hash_[std::hash<std::string_view>()(*cell) % kRememberedTexts];
      if (*known == *cell) {
        at = write_leb128(at, kRepeated);
        const char* const place = known->begin();
        write_raw(at, place);
        at = write_leb128(at, known->size());
        continue;
      }
    }
    at = write_leb128(at, kText + cell->size());
    if (known != nullptr) *known = {at, cell->size()};
    if (!cell->empty()) std::memcpy(at, cell->data(), cell->size());
    at += cell->size();
  }
  used_until(at);
}

RowView PackedRows::operator[](std::size_t index) const {
  const char* at = rows_[index];
  RowView row;
  row.id = read_raw<ActionId>(at);
  for (auto& cell : row.cells) {
    const std::uint64_t code = read_leb128(at);
    if (code == kAbsent) continue;
    if (code == kRepeated) {
      const auto* const text = read_raw<const char*>(at);
      cell = std::string_view(text, read_leb128(at));
    } else {
      cell = std::string_view(at, code - kText);
      at += code - kText;
    }
  }
  return row;
}

ActionId PackedRows::id(std::size_t index) const {
  const char* at = rows_[index];
  return read_raw<ActionId>(at);
}

}  // namespace action_scheduler
