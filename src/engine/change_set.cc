#include "engine/change_set.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace action_scheduler {

namespace {

bool is_passing(const ParsedRow& parsed) {
  const auto* fault = std::get_if<RowFault>(&parsed);
  return fault != nullptr && fault->passing;
}

class Collector : public ChangeVisitor {
 public:
  Collector(ChangeSet& changes, RowParser& parser, RowsToRetry& retry) : changes_(changes), parser_(parser), retry_(retry) {}

  void changed(const RowView& row) override {
    ParsedRow parsed = parser_.parse(row);
    retry_.erase(row.id);
    if (is_passing(parsed)) failed_.insert_or_assign(row.id, Row(row));
    if (auto* action = std::get_if<Action>(&parsed); changes_.first && action != nullptr) {
      changes_.first->add(row, std::move(*action));
    } else {
      take(row, std::move(parsed));
    }
  }
  void removed(ActionId id) override {
    changes_.removed.push_back(id);
    retry_.erase(id);
  }

  // After the poll: those of before that did not change.
  void look_again(bool complete) {
    if (complete) retry_.clear();  // they are gone
    for (const auto& [id, row] : retry_) {
      ParsedRow parsed = parser_.parse(row.view());
      if (is_passing(parsed)) {
        failed_.insert_or_assign(id, row);
      } else {
        take(row.view(), std::move(parsed));
      }
    }
    retry_ = std::move(failed_);
  }

 private:
  void take(const RowView& row, ParsedRow parsed) {
    changes_.rows.add(row);
    changes_.parsed.push_back(std::move(parsed));
  }

  ChangeSet& changes_;
  RowParser& parser_;
  RowsToRetry& retry_;
  RowsToRetry failed_;
};

}  // namespace

std::vector<ChangeSet> in_slices(ChangeSet changes) {
  std::vector<ChangeSet> slices;
  if (changes.complete || changes.parsed.size() + changes.removed.size() <= kSliceRowsMax) {
    slices.push_back(std::move(changes));
    return slices;
  }
  const auto next = [&]() -> ChangeSet& {
    if (slices.empty() || slices.back().parsed.size() + slices.back().removed.size() == kSliceRowsMax) {
      if (!slices.empty()) slices.back().continues = true;
      slices.emplace_back();
    }
    return slices.back();
  };
  for (const ActionId id : changes.removed) next().removed.push_back(id);
  // What was edited stands anywhere in the table. By id each set touches few pages of the ledger, and not nearly all.
  std::vector<std::size_t> order(changes.parsed.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return changes.rows.id(i); });
  for (const std::size_t i : order) {
    ChangeSet& slice = next();
    slice.rows.add(changes.rows[i]);
    slice.parsed.push_back(std::move(changes.parsed[i]));
  }
  return slices;
}

Result<ChangeSet> poll_changes(ActionSource& source, RowParser& parser, RowsToRetry& retry, bool first) {
  ChangeSet changes;
  if (first) changes.first = std::make_unique<FirstRows>();
  RowsToRetry left = retry;
  Collector collector(changes, parser, left);
  const Result<PollSummary> summary = source.poll(collector);
  if (!summary) return summary.error();
  collector.look_again(summary->complete);
  if (changes.first) changes.first->finish();
  retry = std::move(left);
  changes.complete = summary->complete;
  changes.rows_in_table = summary->rows;
  changes.rows_without_id = summary->rows_without_id;
  changes.rows_read = summary->rows_read;
  changes.reads_all_because = summary->reads_all_because;
  return changes;
}

}  // namespace action_scheduler
