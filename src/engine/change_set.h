// Steps 1 and 2 of a row's way: what one poll found, read and understood.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/action_source.h"
#include "action_scheduler/result.h"
#include "action_scheduler/row.h"
#include "engine/first_rows.h"
#include "engine/packed_rows.h"

namespace action_scheduler {

// What a poll changes. rows[i] was parsed to parsed[i], but for those that are in `first`.
struct ChangeSet {
  ChangeSet() = default;
  ChangeSet(ChangeSet&&) noexcept = default;
  ChangeSet& operator=(ChangeSet&&) noexcept = default;

  bool complete = false;             // `rows` is the whole table
  bool continues = false;            // the next set is of the same poll
  std::unique_ptr<FirstRows> first;  // of a poll before which no row was known: its actions
  PackedRows rows;
  std::deque<ParsedRow> parsed;  // grows without moving what is there
  std::vector<ActionId> removed;
  std::size_t changed() const { return parsed.size() + (first ? first->size() : 0); }
  std::uint64_t rows_in_table = 0;
  std::uint64_t rows_without_id = 0;  // not in rows_in_table
  std::uint64_t rows_read = 0;
  std::string reads_all_because;  // as in PollSummary
};

// So many changed rows are taken up at a time: what comes due meanwhile goes between.
inline constexpr std::size_t kSliceRowsMax = 1000;

// The same in several sets of at most kSliceRowsMax rows and removals each, rows ascending by id. What is complete stays whole.
std::vector<ChangeSet> in_slices(ChangeSet changes);

// Rows whose fault may pass without an edit (RowFault::passing), by id.
using RowsToRetry = std::map<ActionId, Row>;

// Polls once, and looks again at the rows of `retry`, which it keeps up to date: start with none. Of those only what is no longer
// faulty in that way becomes part of the changes. An Error leaves nothing behind: the next poll finds the same changes. `first`:
// no poll was good before, and the engine knows no row (Engine::knows_nothing()).
Result<ChangeSet> poll_changes(ActionSource& source, RowParser& parser, RowsToRetry& retry, bool first = false);

}  // namespace action_scheduler
