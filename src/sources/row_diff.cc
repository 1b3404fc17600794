#include "sources/row_diff.h"

#include <algorithm>

namespace action_scheduler {

const RowDiff::Known* RowDiff::find(ActionId id, std::size_t& expected) const {
  if (expected >= known_.size() || known_[expected].first != id) {
    const auto found = std::lower_bound(known_.begin(), known_.end(), id, [](const Known& a, ActionId b) { return a.first < b; });
    if (found == known_.end() || found->first != id) return nullptr;
    expected = static_cast<std::size_t>(found - known_.begin());
  }
  return &known_[expected++];
}

void RowDiff::Scan::row(const RowView& row) {
  const std::uint64_t print = fingerprint(row);
  if (!seen_.empty() && row.id <= seen_.back().first) ascending_ = false;
  seen_.emplace_back(row.id, print);
  const Known* known = diff_.find(row.id, expected_);
  if (known == nullptr || known->second != print) visitor_.changed(row);
}

Result<PollSummary> RowDiff::Scan::finish(const std::string& table) {
  if (!ascending_) std::sort(seen_.begin(), seen_.end());
  const auto same_id = [](const Known& a, const Known& b) { return a.first == b.first; };
  if (const auto twice = std::adjacent_find(seen_.begin(), seen_.end(), same_id); twice != seen_.end()) {
    return Error{table + ": id " + std::to_string(twice->first) +
                 " occurs more than once; give the table a primary key on id, or correct the view"};
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
