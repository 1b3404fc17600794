#include "sources/row_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/sources/action_source_conformance.h"
#include "tests/sources/scripted_source.h"

namespace action_scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::plain_row;
using testing::RecordedChanges;

// One scan over `rows` in the given order.
Result<PollSummary> scan_rows(RowDiff& diff, const std::vector<Row>& rows, RecordedChanges& changes) {
  RowDiff::Scan scan(diff, changes);
  for (const Row& row : rows) scan.row(row.view());
  return scan.finish("table action");
}

RecordedChanges scan_well(RowDiff& diff, const std::vector<Row>& rows) {
  RecordedChanges changes;
  EXPECT_TRUE(scan_rows(diff, rows, changes).ok());
  return changes;
}

std::vector<Row> rows_between(ActionId first, ActionId last) {
  std::vector<Row> rows;
  for (ActionId id = first; id <= last; ++id) rows.push_back(plain_row(id));
  return rows;
}

TEST(RowDiff, RefusesAnIdThatOccursTwiceAndForgetsTheScan) {
  RowDiff diff;
  RecordedChanges changes;
  RowDiff::Scan scan(diff, changes);
  scan.row(plain_row(1).view());
  scan.row(plain_row(2).view());
  RecordedChanges others;
  RowDiff::Scan twice(diff, others);
  twice.row(plain_row(1).view());
  others.rows.clear();
  twice.row(plain_row(1, "other").view());
  const Result<PollSummary> summary = twice.finish("table action");
  ASSERT_FALSE(summary.ok());
  EXPECT_THAT(summary.error().message, HasSubstr("table action: id 1 occurs more than once"));
  EXPECT_TRUE(scan.finish("table action")->complete);
}

TEST(RowDiff, CountsRowsThatHaveNoId) {
  RowDiff diff;
  RecordedChanges changes;
  RowDiff::Scan scan(diff, changes);
  scan.row_without_id();
  scan.row(plain_row(1).view());
  const Result<PollSummary> summary = scan.finish("table action");
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->rows, 1u);
  EXPECT_EQ(summary->rows_without_id, 1u);
}

TEST(RowDiff, DoesNotMistakeACellForItsNeighbour) {
  RowDiff diff;
  Row row = plain_row(1);
  row[Column::topic] = "a";
  scan_well(diff, {row});
  row[Column::topic].reset();
  row[Column::key] = "a";
  EXPECT_THAT(scan_well(diff, {row}).changed_ids(), ElementsAre(1));
  row[Column::topic] = "";
  EXPECT_THAT(scan_well(diff, {row}).changed_ids(), ElementsAre(1));
}

TEST(RowDiff, ForgivesALossThatWasNotConfirmed) {
  RowDiff diff;
  scan_well(diff, rows_between(1, 2000));
  EXPECT_THAT(scan_well(diff, {}).gone, IsEmpty());
  const RecordedChanges back = scan_well(diff, rows_between(1, 2000));
  EXPECT_THAT(back.gone, IsEmpty());
  EXPECT_THAT(back.rows, IsEmpty());
}

TEST(RowDiff, WantsEachGreatLossConfirmedByItself) {
  RowDiff diff;
  scan_well(diff, rows_between(1, 5000));
  EXPECT_THAT(scan_well(diff, rows_between(1, 2000)).gone, IsEmpty());
  // What vanished before is confirmed; the rest of the table vanishing is news of its own.
  EXPECT_EQ(scan_well(diff, {}).gone.size(), 3000u);
  EXPECT_EQ(scan_well(diff, {}).gone.size(), 2000u);
}

TEST(RowDiff, BelievesTheLossOfExactlyHalf) {
  RowDiff diff;
  scan_well(diff, rows_between(1, 1002));
  EXPECT_EQ(scan_well(diff, rows_between(1, 501)).gone.size(), 501u);
}

TEST(RowDiff, TakesTheRowsThatChangedForAllWhenTheirNumberAddsUp) {
  RowDiff diff;
  scan_well(diff, rows_between(1, 5));
  RecordedChanges changes;
  RowDiff::Scan scan(diff, changes);
  for (const Row& row : {plain_row(7), plain_row(3, "other"), plain_row(0), plain_row(2)}) scan.changed_row(row.view());
  EXPECT_EQ(scan.rows_if_none_removed(), 7u);
  EXPECT_EQ(scan.finish_changed("table action")->rows, 7u);
  EXPECT_THAT(changes.changed_ids(), ElementsAre(0, 3, 7));
  std::vector<Row> rows = rows_between(0, 5);
  rows[3] = plain_row(3, "other");
  rows.push_back(plain_row(7));
  EXPECT_THAT(scan_well(diff, rows).rows, IsEmpty());
}

TEST(RowDiff, FindsTheRemovedByTheIdsThatArePresent) {
  RowDiff diff;
  scan_well(diff, rows_between(1, 5));
  RecordedChanges changes;
  RowDiff::Scan scan(diff, changes);
  scan.changed_row(plain_row(6).view());
  for (const ActionId id : {6, 4, 1}) EXPECT_TRUE(scan.row_present(id));
  EXPECT_EQ(scan.finish("table action")->rows, 3u);
  EXPECT_THAT(changes.gone, ElementsAre(2, 3, 5));
}

TEST(RowDiff, TellsNoRowTwiceWhenAllRowsAreGivenAfterTheChangedOnes) {
  RowDiff diff;
  scan_well(diff, rows_between(1, 3));
  RecordedChanges changes;
  RowDiff::Scan scan(diff, changes);
  scan.changed_row(plain_row(2, "other").view());
  scan.changed_row(plain_row(8).view());
  EXPECT_TRUE(scan.row_present(1));
  EXPECT_FALSE(scan.row_present(9)) << "nobody ever told of it";
  scan.start_over();
  for (const Row& row : {plain_row(1), plain_row(2, "other"), plain_row(8), plain_row(9)}) scan.row(row.view());
  EXPECT_EQ(scan.finish("table action")->rows, 4u);
  EXPECT_THAT(changes.changed_ids(), ElementsAre(2, 8, 9));
  EXPECT_THAT(changes.gone, ElementsAre(3));
}

TEST(RowDiff, AgreesWithAComparisonOfWholeTablesInAnyOrder) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  RowDiff diff;
  std::map<ActionId, Row> before;
  for (int round = 0; round < 200; ++round) {
    std::map<ActionId, Row> table;
    const auto ids = std::uniform_int_distribution<int>(0, 60)(random);
    for (int i = 0; i < ids; ++i) {
      const ActionId id = std::uniform_int_distribution<int>(-30, 30)(random);
      table.insert_or_assign(id, plain_row(id, std::to_string(random() % 3)));
    }
    std::vector<Row> rows;
    for (const auto& [id, row] : table) rows.push_back(row);
    if (round % 2 == 0) std::shuffle(rows.begin(), rows.end(), random);
    const RecordedChanges changes = scan_well(diff, rows);

    std::map<ActionId, Row> changed;
    std::vector<ActionId> gone;
    for (const auto& [id, row] : table) {
      if (before.count(id) == 0 || before.at(id) != row) changed.emplace(id, row);
    }
    for (const auto& [id, row] : before) {
      if (table.count(id) == 0) gone.push_back(id);
    }
    EXPECT_EQ(changes.rows, changed);
    EXPECT_EQ(changes.gone, gone);
    before = table;
  }
}

}  // namespace
}  // namespace action_scheduler

namespace action_scheduler::testing {
namespace {

class ScriptedTable : public EditableTable {
 public:
  void upsert(const std::vector<Row>& rows) override {
    for (const Row& row : rows) source_->upsert(row);
  }
  void erase_between(ActionId first, ActionId last) override {
    for (ActionId id = first; id <= last; ++id) source_->erase(id);
  }
  void damage() override { source_->fail_next_polls(1000); }
  void mend() override { source_->fail_next_polls(0); }

  // The source is the table.
  std::unique_ptr<ActionSource> follow() override { return std::move(owned_); }

 private:
  std::unique_ptr<ScriptedSource> owned_ = std::make_unique<ScriptedSource>();
  ScriptedSource* source_ = owned_.get();
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Scripted, ActionSourceConformance,
                         ::testing::Values(EditableTableMaker{"Scripted", [] { return std::make_unique<ScriptedTable>(); }}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace action_scheduler::testing
