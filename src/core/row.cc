#include "action_scheduler/row.h"

#include <cstring>

namespace action_scheduler {
namespace {

// Random bits.
constexpr std::uint64_t kSeed = 0x9E3779B97F4A7C15u;
constexpr std::uint64_t kFirstMask = 0xA0761D6478BD642Fu;
constexpr std::uint64_t kSecondMask = 0xE7037ED1A0B428DBu;

__extension__ using Wide = unsigned __int128;

// Folds two words into the state: both halves of a product, each bit of which depends on all that were multiplied.
std::uint64_t mix(std::uint64_t state, std::uint64_t first, std::uint64_t second) {
  const Wide product = static_cast<Wide>(first ^ kFirstMask ^ state) * (second ^ kSecondMask);
  return state * kSeed ^ static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Of its first eight bytes.
std::uint64_t word_of(std::string_view text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text.data(), sizeof word);
  return word;
}

// The length goes with the last words, so that no cell can run over into the next one.
std::uint64_t mix_text(std::uint64_t state, std::string_view text) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const std::uint64_t length = text.size() + 1;
  for (; text.size() >= 2 * kWord; text.remove_prefix(2 * kWord)) {
    state = mix(state, word_of(text), word_of(text.substr(kWord)));
  }
  // The rest is less than two words. Read so that they overlap, they hold each byte of it, and need no copy.
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  if (text.size() >= kWord) {
    first = word_of(text);
    second = word_of(text.substr(text.size() - kWord));
  } else {
    for (const char byte : text) first = first << 8 | static_cast<unsigned char>(byte);
  }
  return mix(state, first ^ length * kSeed, second);
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
  std::uint64_t state = mix(kSeed, static_cast<std::uint64_t>(row.id), 0);
  std::uint64_t present = 1;
  for (const auto& cell : row.cells) {
    present = present << 1 | (cell ? 1 : 0);
    if (cell) state = mix_text(state, *cell);
  }
  return mix(state, present, kColumnCount);
}

}  // namespace action_scheduler
