// What every ActionSource promises. Include it in the test of an adapter and instantiate it with a table that can be edited.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "action_scheduler/action_source.h"
#include "tests/sources/recorded_changes.h"

namespace action_scheduler::testing {

// A table with all columns, empty at first, beside the source that follows it.
class EditableTable {
 public:
  virtual ~EditableTable() = default;

  // Adds the rows or replaces those of their ids, in one commit.
  virtual void upsert(const std::vector<Row>& rows) = 0;
  virtual void erase_between(ActionId first, ActionId last) = 0;
  // From here on until mend() a poll fails.
  virtual void damage() = 0;
  virtual void mend() = 0;

  // A source that follows the table from its beginning.
  virtual std::unique_ptr<ActionSource> follow() = 0;
};

struct EditableTableMaker {
  std::string name;
  std::function<std::unique_ptr<EditableTable>()> make;
};

class ActionSourceConformance : public ::testing::TestWithParam<EditableTableMaker> {
 protected:
  static std::vector<Row> plain_rows(ActionId first, ActionId last) {
    std::vector<Row> rows;
    for (ActionId id = first; id <= last; ++id) rows.push_back(plain_row(id));
    return rows;
  }

  // A table may give it a value where the test gave none.
  static Row without_enabled(Row row) {
    row[Column::enabled].reset();
    return row;
  }

  std::unique_ptr<EditableTable> table_ = GetParam().make();
  std::unique_ptr<ActionSource> source_ = table_->follow();
};

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::SizeIs;

TEST_P(ActionSourceConformance, TellsOfEveryRowAtTheFirstGoodPollAndSaysSo) {
  table_->upsert({plain_row(1), plain_row(2)});
  const GoodPoll poll(*source_);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(1, 2));
  EXPECT_TRUE(poll.summary.complete);
  EXPECT_EQ(poll.summary.rows, 2u);
  EXPECT_FALSE(GoodPoll(*source_).summary.complete);
}

TEST_P(ActionSourceConformance, TakesAnEmptyTableForEmpty) {
  const GoodPoll poll(*source_);
  EXPECT_THAT(poll.changes.rows, IsEmpty());
  EXPECT_TRUE(poll.summary.complete);
  EXPECT_EQ(poll.summary.rows, 0u);
}

TEST_P(ActionSourceConformance, IsSilentAboutWhatDidNotChange) {
  table_->upsert({plain_row(1), plain_row(2)});
  GoodPoll{*source_};
  const GoodPoll poll(*source_);
  EXPECT_THAT(poll.changes.rows, IsEmpty());
  EXPECT_THAT(poll.changes.gone, IsEmpty());
  EXPECT_EQ(poll.summary.rows, 2u);
}

TEST_P(ActionSourceConformance, TellsWhatWasAddedChangedAndRemoved) {
  table_->upsert({plain_row(1), plain_row(2), plain_row(3)});
  GoodPoll{*source_};
  table_->erase_between(1, 1);
  table_->upsert({plain_row(3, "another"), plain_row(-4)});
  const GoodPoll poll(*source_);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(-4, 3));
  EXPECT_EQ(without_enabled(poll.changes.rows.at(3)), plain_row(3, "another"));
  EXPECT_THAT(poll.changes.gone, ElementsAre(1));
}

TEST_P(ActionSourceConformance, SeesTheChangeOfEachColumn) {
  const std::vector<std::pair<Column, std::string>> edits = {
      {Column::name, "x"},       {Column::command, "x"}, {Column::cron, "{}"}, {Column::actuality_time, "5"},
      {Column::timezone, "UTC"}, {Column::topic, "x"},   {Column::key, "x"},   {Column::headers, "{}"}};
  Row row = plain_row(7);
  table_->upsert({row});
  GoodPoll{*source_};
  for (const auto& [column, text] : edits) {
    row[column] = text;
    table_->upsert({row});
    EXPECT_THAT(GoodPoll(*source_).changes.changed_ids(), ElementsAre(7)) << column_name(column);
  }
}

TEST_P(ActionSourceConformance, HandsCellsOverAsTheyAre) {
  Row row = plain_row(9'000'000'000'000'000'000);
  row[Column::name] = "";
  row[Column::command] = "tab\t'quote' \"double\" \\ new\nline й 🙂";
  row[Column::actuality_time] = "-1";
  row[Column::timezone] = "Europe/Berlin";
  row[Column::headers] = R"({"a":  "b"})";
  table_->upsert({row});
  const GoodPoll poll(*source_);
  ASSERT_THAT(poll.changes.rows, SizeIs(1));
  EXPECT_EQ(without_enabled(poll.changes.rows.begin()->second), row);
}

TEST_P(ActionSourceConformance, HandsBooleansOverAsOneLetterOrDigit) {
  Row row = plain_row(1);
  row[Column::merge_missed] = "t";
  row[Column::enabled] = "f";
  table_->upsert({row});
  GoodPoll poll(*source_);
  ASSERT_THAT(poll.changes.rows, SizeIs(1));
  EXPECT_THAT(poll.changes.rows.at(1)[Column::merge_missed], Optional(AnyOf("t", "1")));
  EXPECT_THAT(poll.changes.rows.at(1)[Column::enabled], Optional(AnyOf("f", "0")));
}

TEST_P(ActionSourceConformance, TellsAgainWhatAFailedPollTold) {
  table_->upsert({plain_row(1), plain_row(2)});
  GoodPoll{*source_};
  table_->upsert({plain_row(1, "another"), plain_row(3)});
  table_->erase_between(2, 2);
  table_->damage();
  EXPECT_FALSE(failed_poll(*source_).empty());
  EXPECT_FALSE(failed_poll(*source_).empty());
  table_->mend();
  const GoodPoll poll(*source_);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(1, 3));
  EXPECT_THAT(poll.changes.gone, ElementsAre(2));
}

TEST_P(ActionSourceConformance, IsCompleteAtTheFirstPollThatGoesWell) {
  table_->damage();
  EXPECT_FALSE(failed_poll(*source_).empty());
  table_->mend();
  EXPECT_TRUE(GoodPoll(*source_).summary.complete);
}

TEST_P(ActionSourceConformance, BelievesTheLossOfMostOfALargeTableAtTheSecondPoll) {
  table_->upsert(plain_rows(1, 1200));
  GoodPoll{*source_};
  table_->erase_between(100, 1200);
  const GoodPoll first(*source_);
  EXPECT_THAT(first.changes.gone, IsEmpty());
  EXPECT_EQ(first.summary.rows, 99u);
  EXPECT_THAT(GoodPoll(*source_).changes.gone, SizeIs(1101));
  EXPECT_THAT(GoodPoll(*source_).changes.gone, IsEmpty());
}

TEST_P(ActionSourceConformance, BelievesTheLossOfASmallTableAtOnce) {
  table_->upsert(plain_rows(1, 900));
  GoodPoll{*source_};
  table_->erase_between(1, 900);
  EXPECT_THAT(GoodPoll(*source_).changes.gone, SizeIs(900));
}

TEST_P(ActionSourceConformance, LosesOnePollToAnInterrupt) {
  table_->upsert({plain_row(1)});
  source_->interrupt();
  EXPECT_THAT(failed_poll(*source_), ::testing::HasSubstr("interrupted"));
  EXPECT_THAT(GoodPoll(*source_).changes.changed_ids(), ElementsAre(1));
}

}  // namespace action_scheduler::testing
