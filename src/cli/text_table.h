// Tables for people, as wide as their terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace action_scheduler {

// How many columns of a terminal the text takes: East Asian wide characters take two, combining ones none. UTF-8 without control
// characters.
std::size_t display_width(const std::string& text);

class TextTable {
 public:
  struct Column {
    std::string heading;
    bool right = false;     // aligned to the right
    std::size_t least = 0;  // may be cut down to this width to make the table fit; 0: never
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // A cell for each column. What is not printable is escaped.
  void add(const std::vector<std::string>& cells);

  // A line of headings, then a line for each row. Cut cells end in an ellipsis. `width` 0: nothing is cut. A terminal that is too
  // narrow for the least widths gets longer lines.
  std::string text(std::size_t width) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace action_scheduler
