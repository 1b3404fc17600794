#include "cli/text_table.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "action_scheduler/utf8.h"

namespace action_scheduler {
namespace {

// Enough of Unicode Standard Annex 11 for names and commands: Hangul, kana, ideographs, full-width forms, emoji.
std::size_t columns_of(std::uint32_t code) {
  constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 8> kWide = {{{0x1100, 0x115f},
                                                                             {0x2e80, 0xa4cf},
                                                                             {0xac00, 0xd7a3},
                                                                             {0xf900, 0xfaff},
                                                                             {0xfe30, 0xfe6f},
                                                                             {0xff00, 0xff60},
                                                                             {0x1f300, 0x1faff},
                                                                             {0x20000, 0x3fffd}}};
  if (code >= 0x300 && code <= 0x36f) return 0;
  for (const auto& [first, last] : kWide) {
    if (code >= first && code <= last) return 2;
  }
  return 1;
}

// Calls `visit` with the bytes and the columns of each character.
template <class Visit>
void for_each_character(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const Utf8Character character = first_character(text);
    const std::size_t bytes = std::max<std::size_t>(character.bytes, 1);
    if (!visit(bytes, columns_of(character.code))) return;
    text.remove_prefix(bytes);
  }
}

// At most `width` columns of it.
std::string cut(const std::string& text, std::size_t width) {
  if (display_width(text) <= width) return text;
  std::size_t bytes = 0;
  std::size_t used = 1;  // the ellipsis
  for_each_character(text, [&](std::size_t size, std::size_t columns) {
    if (used + columns > width) return false;
    used += columns;
    bytes += size;
    return true;
  });
  return text.substr(0, bytes) + "…";
}

}  // namespace

std::size_t display_width(const std::string& text) {
  std::size_t width = 0;
  for_each_character(text, [&](std::size_t, std::size_t columns) {
    width += columns;
    return true;
  });
  return width;
}

void TextTable::add(const std::vector<std::string>& cells) {
  std::vector<std::string>& row = rows_.emplace_back();
  for (const std::string& cell : cells) append_printable(row.emplace_back(), cell);
  row.resize(columns_.size());
}

std::string TextTable::text(std::size_t width) const {
  constexpr std::size_t kGap = 2;
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = display_width(columns_[i].heading);
    for (const auto& row : rows_) widest = std::max(widest, display_width(row[i]));
    widths.push_back(widest);
  }
  // What is too much is taken from whichever column is widest at the moment.
  const std::size_t gaps = kGap * (columns_.size() - 1);
  while (width > 0 && std::accumulate(widths.begin(), widths.end(), gaps) > width) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].least == 0 || widths[i] <= columns_[i].least) continue;
      if (widest == columns_.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == columns_.size()) break;
    --widths[widest];
  }
  std::string text;
  const auto add_line = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = cut(cell_of(i), widths[i]);
      const std::string padding(widths[i] - display_width(cell), ' ');
      line += (i > 0 ? std::string(kGap, ' ') : std::string()) + (columns_[i].right ? padding + cell : cell + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  add_line([&](std::size_t i) { return columns_[i].heading; });
  for (const auto& row : rows_) add_line([&](std::size_t i) { return row[i]; });
  return text;
}

}  // namespace action_scheduler
