// What changed between two scans of a table, in 16 bytes a row.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "action_scheduler/action_source.h"
#include "action_scheduler/result.h"
#include "action_scheduler/row.h"

namespace action_scheduler {

// Remembers id and fingerprint of each row of the last good scan. Rows themselves are never kept. Two rows that differ but share
// a 64-bit fingerprint are taken for equal (one in 1.8e19). Not thread safe.
class RowDiff {
  using Known = std::pair<ActionId, std::uint64_t>;  // id, fingerprint

 public:
  // A table of more rows than this from which more than half vanished at once is not believed until the next scan confirms it.
  static constexpr std::size_t kLargeTableRows = 1000;

  // One look at the table. Either all rows are given, in any order, by row(), then finish(). Or those that may have changed since
  // the last good scan, by changed_row(), then
  // - finish_changed(), if the table has just rows_if_none_removed() rows, or
  // - the id of each row of the table by row_present(), then finish(), if it has fewer, or
  // - all rows after all by row(), then finish(), if that does not add up.
  // Destroying a scan that was not finished changes nothing: the next scan tells the same changes again. One scan at a time.
  class Scan {
   public:
    // Both must outlive the scan.
    Scan(RowDiff& diff, ChangeVisitor& visitor) : diff_(diff), visitor_(visitor) {}
    Scan(const Scan&) = delete;
    Scan& operator=(const Scan&) = delete;

    // Tells the visitor of the row if it is new or changed, and was not told by changed_row() already.
    void row(const RowView& row);

    // Tells the visitor of the row if it is new or changed.
    void changed_row(const RowView& row);

    // The rows that the last good scan saw, and the new ones among the changed rows.
    std::size_t rows_if_none_removed();

    // There is a row of this id: a changed one or else as the last good scan saw it. False if it is neither: then the scan has to
    // be given all rows.
    [[nodiscard]] bool row_present(ActionId id);

    // Forgets the rows that are present, for a scan that is given all rows after all.
    void start_over();

    // A row whose id is NULL or no integer: it cannot be an action and is only counted.
    void row_without_id() {
      ++rows_without_id_;
      ++rows_read_;
    }

    // All rows were seen: tells the visitor what was removed, and makes this scan the one that the next is compared with. An
    // Error, after which nothing has changed, if an id occurred twice; `table` names the table in it.
    Result<PollSummary> finish(const std::string& table);

    // The changed rows were all seen, and none was removed.
    Result<PollSummary> finish_changed(const std::string& table);

   private:
    void sort_changed();
    const Known* find_changed(ActionId id);

    RowDiff& diff_;
    ChangeVisitor& visitor_;
    std::vector<Known> seen_;
    std::vector<Known> changed_;  // what changed_row() was given
    std::size_t expected_ = 0;    // where the next row's former self probably is: rows mostly come in the order of the last scan
    std::uint64_t rows_without_id_ = 0;
    std::uint64_t rows_read_ = 0;
    bool ascending_ = true;
    bool changed_sorted_ = true;
  };

  // A great loss waits for the next scan to confirm it: that scan has to be given all rows.
  bool awaits_confirmation() const { return !held_back_.empty(); }

 private:
  const Known* find(ActionId id, std::size_t& expected) const;

  std::vector<Known> known_;         // ascending by id; holds the rows of `held_back_` too
  std::vector<ActionId> held_back_;  // ascending: vanished at the last good scan, but not yet believed
  bool complete_ = true;             // the next good scan is the first
};

}  // namespace action_scheduler
