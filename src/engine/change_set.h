// Steps 1 and 2 of a row's way: what one poll found, read and understood.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/action_source.h"
#include "action_scheduler/result.h"
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

// What a poll changes. rows[i] was parsed to parsed[i].
struct ChangeSet {
  ChangeSet() = default;
  ChangeSet(ChangeSet&&) noexcept = default;
  ChangeSet& operator=(ChangeSet&&) noexcept = default;

  bool complete = false;   // `rows` is the whole table
  bool continues = false;  // the next set is of the same poll
  PackedRows rows;
  std::deque<ParsedRow> parsed;  // grows without moving what is there
  std::vector<ActionId> removed;
  std::uint64_t rows_in_table = 0;
  std::uint64_t rows_without_id = 0;  // not in rows_in_table
  std::uint64_t rows_read = 0;
  std::string reads_all_because;  // as in PollSummary
};

// So many changed rows are taken up at a time: what comes due meanwhile goes between.
inline constexpr std::size_t kSliceRowsMax = 1000;

// The same in several sets of at most kSliceRowsMax rows and removals each. What is complete stays whole.
std::vector<ChangeSet> in_slices(ChangeSet changes);

// Rows whose fault may pass without an edit (RowFault::passing), by id.
using RowsToRetry = std::map<ActionId, Row>;

// Polls once, and looks again at the rows of `retry`, which it keeps up to date: start with none. Of those only what is no longer
// faulty in that way becomes part of the changes. An Error leaves nothing behind: the next poll finds the same changes.
Result<ChangeSet> poll_changes(ActionSource& source, RowParser& parser, RowsToRetry& retry);

}  // namespace action_scheduler
