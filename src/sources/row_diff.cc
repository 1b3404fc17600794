#include "sources/row_diff.h"

#include <algorithm>
#include <cassert>

namespace action_scheduler {
namespace {

// The message is the Error's.
Error occurs_twice(const std::string& table, ActionId id) {
  return {table + ": id " + std::to_string(id) +
          " occurs more than once; give the table a primary key on id, or correct the view"};
}

constexpr auto kSameId = [](const auto& a, const auto& b) { return a.first == b.first; };

}  // namespace

const RowDiff::Known* RowDiff::find(ActionId id, std::size_t& expected) const {
  if (expected >= known_.size() || known_[expected].first != id) {
    const auto found = std::lower_bound(known_.begin(), known_.end(), id, [](const Known& a, ActionId b) { return a.first < b; });
    if (found == known_.end() || found->first != id) return nullptr;
    expected = static_cast<std::size_t>(found - known_.begin());
  }
  return &known_[expected++];
}

void RowDiff::Scan::row(const RowView& row) {
  ++rows_read_;
  const std::uint64_t print = fingerprint(row);
  if (!seen_.empty() && row.id <= seen_.back().first) ascending_ = false;
  seen_.emplace_back(row.id, print);
  const Known* known = diff_.find(row.id, expected_);
  if (known != nullptr && known->second == print) return;
  if (const Known* told = find_changed(row.id); told != nullptr && told->second == print) return;
  visitor_.changed(row);
}

void RowDiff::Scan::changed_row(const RowView& row) {
  ++rows_read_;
  const std::uint64_t print = fingerprint(row);
  if (!changed_.empty() && row.id <= changed_.back().first) changed_sorted_ = false;
  changed_.emplace_back(row.id, print);
  const Known* known = diff_.find(row.id, expected_);
  if (known == nullptr || known->second != print) visitor_.changed(row);
}

void RowDiff::Scan::sort_changed() {
  if (!changed_sorted_) std::sort(changed_.begin(), changed_.end());
  changed_sorted_ = true;
}

const RowDiff::Known* RowDiff::Scan::find_changed(ActionId id) {
  if (changed_.empty()) return nullptr;
  sort_changed();
  const auto found =
      std::lower_bound(changed_.begin(), changed_.end(), id, [](const Known& a, ActionId b) { return a.first < b; });
  return found != changed_.end() && found->first == id ? &*found : nullptr;
}

std::size_t RowDiff::Scan::rows_if_none_removed() {
  sort_changed();
  std::size_t rows = diff_.known_.size();
  for (const Known& changed : changed_) {
    if (diff_.find(changed.first, expected_) == nullptr) ++rows;
  }
  return rows;
}

bool RowDiff::Scan::row_present(ActionId id) {
  const Known* row = find_changed(id);
  if (row == nullptr) row = diff_.find(id, expected_);
  if (row == nullptr) return false;
  if (!seen_.empty() && id <= seen_.back().first) ascending_ = false;
  seen_.push_back(*row);
  return true;
}

void RowDiff::Scan::start_over() {
  seen_.clear();
  ascending_ = true;
}

Result<PollSummary> RowDiff::Scan::finish_changed(const std::string& table) {
  assert(!diff_.awaits_confirmation() && seen_.empty());
  sort_changed();
  if (const auto twice = std::adjacent_find(changed_.begin(), changed_.end(), kSameId); twice != changed_.end()) {
    return occurs_twice(table, twice->first);
  }
  std::vector<Known>& known = diff_.known_;
  const std::size_t rows = rows_if_none_removed();
  // A vector that grows by its own rule would double.
  if (rows > known.capacity()) known.reserve(rows + rows / 16);
  const auto middle = static_cast<std::ptrdiff_t>(known.size());
  const auto old_end = known.begin() + middle;
  auto at = known.begin();
  for (const Known& changed : changed_) {
    at = std::lower_bound(at, old_end, changed.first, [](const Known& a, ActionId b) { return a.first < b; });
    if (at != old_end && at->first == changed.first) {
      at->second = changed.second;
    } else {
      known.push_back(changed);  // within the capacity: iterators stay valid
    }
  }
  std::inplace_merge(known.begin(), known.begin() + middle, known.end());
  diff_.complete_ = false;
  PollSummary summary;
  summary.rows = rows;
  summary.rows_read = rows_read_;
  return summary;
}

Result<PollSummary> RowDiff::Scan::finish(const std::string& table) {
  // Rows that were edited mostly stand behind the others.
  if (!ascending_) {
    const auto middle = std::is_sorted_until(seen_.begin(), seen_.end());
    std::sort(middle, seen_.end());
    std::inplace_merge(seen_.begin(), middle, seen_.end());
  }
  if (const auto twice = std::adjacent_find(seen_.begin(), seen_.end(), kSameId); twice != seen_.end()) {
    return occurs_twice(table, twice->first);
  }

  std::vector<Known> confirmed;   // vanished, and had vanished before
  std::vector<Known> unexpected;  // vanished just now
  auto seen = seen_.begin();
  for (const Known& known : diff_.known_) {
    seen = std::find_if(seen, seen_.end(), [&](const Known& s) { return s.first >= known.first; });
    if (seen != seen_.end() && seen->first == known.first) continue;
    const bool again = std::binary_search(diff_.held_back_.begin(), diff_.held_back_.end(), known.first);
    (again ? confirmed : unexpected).push_back(known);
  }

  const std::size_t believed = diff_.known_.size() - diff_.held_back_.size();
  const bool hold_back = believed > kLargeTableRows && unexpected.size() > believed / 2;
  PollSummary summary;
  summary.complete = diff_.complete_;
  summary.rows = seen_.size();
  summary.rows_without_id = rows_without_id_;
  summary.rows_read = rows_read_;

  for (const Known& known : confirmed) visitor_.removed(known.first);
  std::vector<ActionId> held_back;
  if (hold_back) {
    const auto middle = static_cast<std::ptrdiff_t>(seen_.size());
    seen_.insert(seen_.end(), unexpected.begin(), unexpected.end());
    std::inplace_merge(seen_.begin(), seen_.begin() + middle, seen_.end());
    for (const Known& known : unexpected) held_back.push_back(known.first);
  } else {
    for (const Known& known : unexpected) visitor_.removed(known.first);
  }

  seen_.shrink_to_fit();
  diff_.known_ = std::move(seen_);
  diff_.held_back_ = std::move(held_back);
  diff_.complete_ = false;
  return summary;
}

}  // namespace action_scheduler
