// Rows on their way from the poll to the ledger.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "action_scheduler/row.h"

namespace action_scheduler {

// Rows packed into blocks of memory, for the way from the poll to the ledger. A text that occurs again and again, as schedules
// do, is mostly held once: a million rows are less memory to be written and given back.
class PackedRows {
 public:
  void add(const RowView& row);
  std::size_t size() const { return rows_.size(); }

  // Valid as long as this object.
  RowView operator[](std::size_t index) const;
  // The row's id alone.
  ActionId id(std::size_t index) const;

 private:
  // Where so many bytes may be written. What is not used is given back by used_until().
  char* room(std::size_t bytes);
  void used_until(char* end);

  // Blocks never grow: a million rows would be copied again and again, and be there twice.
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t bytes_ = 0;  // in all blocks
  std::size_t left_ = 0;   // of them at the end of the last block
  char* end_ = nullptr;    // where they begin
  std::vector<const char*> rows_;
  std::vector<std::string_view> latest_by_hash_;  // texts in the blocks that may come again
};

}  // namespace action_scheduler
