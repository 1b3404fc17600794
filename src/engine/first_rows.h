// The first load of a table, made ready while it is read.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/ledger.h"
#include "action_scheduler/row.h"
#include "action_scheduler/row_pack.h"
#include "action_scheduler/time.h"
#include "engine/packed_rows.h"

namespace action_scheduler {

// The rows of a table of which no row was known, as far as they are actions: put in their places and packed for the ledger as
// they come. From when they count, all of them alike, is said when they are taken up.
class FirstRows {
 public:
  // `action` is what `row` was parsed to.
  void add(const RowView& row, Action action);

  // There are no more.
  void finish();

  std::size_t size() const { return actions_.size(); }

  // All count from `instant`. May be said again.
  void count_from(Instant instant);

  const ActionSet& actions() const { return actions_; }
  ActionSet take_actions() { return std::move(actions_); }

  // Makes the ledger remember them durably.
  Result<void> save(Ledger& ledger) const;

 private:
  ActionSet actions_;
  RowPacker packer_;
  std::vector<RowPack> packs_;  // the rows that came in the order of their ids
  PackedRows others_;           // the rest, those of a table's rows that were edited after a later one was added
  Instant counts_from_;
  ActionId last_id_ = 0;
};

}  // namespace action_scheduler
