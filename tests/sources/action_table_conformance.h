// What every ActionTable promises of single rows. Include it in a test and instantiate it with a database for the table.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "sources/action_table.h"
#include "tests/sources/recorded_changes.h"

namespace action_scheduler::testing {

// A database without the table at first.
class TableHome {
 public:
  virtual ~TableHome() = default;
  virtual std::unique_ptr<ActionTable> table() = 0;
  // Runs a statement; `$T` is the table's name.
  virtual void sql(const std::string& statement) = 0;
};

struct TableHomeMaker {
  std::string name;
  std::function<std::unique_ptr<TableHome>()> make;
};

class ActionTableConformance : public ::testing::TestWithParam<TableHomeMaker> {
 protected:
  static constexpr const char* kHourly = R"({"format": "unix", "params": {"value": "0 * * * *"}})";

  void create() { EXPECT_EQ(*table_->create_if_missing(), TableCreation::created); }
  // Without the optional columns, and without ids of its own.
  void create_old() {
    home_->sql(
        "CREATE TABLE $T (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(30), command VARCHAR(30), cron JSON, merge_missed BOOLEAN,"
        " actuality_time INTEGER)");
  }

  static CellChanges cells(const std::string& name, const std::string& command = "run") {
    return {{Column::name, name}, {Column::command, command}, {Column::cron, kHourly}};
  }

  ActionId add(const std::string& name, const std::string& command = "run") {
    const auto row = table_->insert({}, cells(name, command), Writing::kept);
    EXPECT_TRUE(row.ok()) << row.error().message;
    return row->id;
  }

  std::vector<ActionId> ids(const RowQuery& query) {
    std::vector<ActionId> found;
    const auto read = table_->read(query, [&](const RowView& row) {
      found.push_back(row.id);
      return true;
    });
    EXPECT_TRUE(read.ok()) << read.error().message;
    return found;
  }

  static bool is_true(const std::optional<std::string_view>& cell) { return cell == "t" || cell == "1"; }

  std::unique_ptr<TableHome> home_ = GetParam().make();
  std::unique_ptr<ActionTable> table_ = home_->table();
};

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_P(ActionTableConformance, InsertsARowAndFindsIt) {
  create();
  CellChanges given = cells("it's \\ \"so\"; DROP TABLE action; --", "строка");
  given[Column::merge_missed] = "true";
  given[Column::actuality_time] = "-1";
  given[Column::timezone] = "Europe/Berlin";
  given[Column::headers] = R"({"a": "b"})";
  given[Column::key] = std::nullopt;
  const auto written = table_->insert({}, given, Writing::kept);
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_EQ(written->id, 1);
  const auto found = table_->find(1);
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ(**found, *written);
  const RowView row = (*found)->view();
  EXPECT_EQ(row[Column::name], given[Column::name]);
  EXPECT_EQ(row[Column::command], "строка");
  EXPECT_EQ(row[Column::cron], kHourly);
  EXPECT_TRUE(is_true(row[Column::merge_missed]));
  EXPECT_EQ(row[Column::actuality_time], "-1");
  EXPECT_TRUE(is_true(row[Column::enabled])) << "the table's default";
  EXPECT_EQ(row[Column::key], std::nullopt);
  EXPECT_EQ(row[Column::headers], R"({"a": "b"})");
}

// PostgreSQL has no such texts, SQLite has.
TEST_P(ActionTableConformance, KeepsOrRefusesATextWithANulAndNeverCutsIt) {
  create();
  const std::string text("a\0b", 3);
  for (const Writing writing : {Writing::tried, Writing::kept}) {
    const auto written = table_->insert({}, cells(text), writing);
    if (written.ok()) {
      EXPECT_EQ(written->view()[Column::name], text);
    } else {
      EXPECT_THAT(written.error().message, HasSubstr("NUL"));
    }
  }
  const ActionId id = add("whole");
  const auto changed = table_->update(id, {{Column::command, text}}, Writing::kept);
  EXPECT_EQ((*table_->find(id))->view()[Column::command], changed.ok() ? text : "run");
}

TEST_P(ActionTableConformance, TakesAnIdThatIsGiven) {
  create();
  EXPECT_EQ(table_->insert(77, cells("a"), Writing::kept)->id, 77);
  const auto again = table_->insert(77, cells("b"), Writing::kept);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(*(*table_->find(77))->view()[Column::name], "a");
}

TEST_P(ActionTableConformance, WritesTheGivenColumnsAlone) {
  create();
  const ActionId id = add("old");
  const auto written =
      table_->update(id, {{Column::name, "new"}, {Column::topic, "t"}, {Column::enabled, "false"}}, Writing::kept);
  ASSERT_TRUE(written.ok() && written->has_value());
  const RowView row = (*written)->view();
  EXPECT_EQ(row[Column::name], "new");
  EXPECT_EQ(row[Column::command], "run");
  EXPECT_EQ(row[Column::topic], "t");
  EXPECT_FALSE(is_true(row[Column::enabled]));
  const auto unset = table_->update(id, {{Column::topic, std::nullopt}}, Writing::kept);
  EXPECT_EQ((*unset)->view()[Column::topic], std::nullopt);
  EXPECT_EQ(**unset, **table_->find(id));
  EXPECT_EQ((*unset)->view()[Column::name], "new");
}

TEST_P(ActionTableConformance, RemovesARowAndSaysWhatItWas) {
  create();
  const ActionId id = add("gone");
  add("kept");
  const auto removed = table_->erase(id, Writing::kept);
  ASSERT_TRUE(removed.ok() && removed->has_value());
  EXPECT_EQ((*removed)->view()[Column::name], "gone");
  EXPECT_FALSE(table_->find(id)->has_value());
  EXPECT_THAT(ids({}), ElementsAre(2));
}

TEST_P(ActionTableConformance, KnowsNoRowOfAnotherId) {
  create();
  add("one");
  for (const ActionId id :
       {ActionId{-1}, ActionId{0}, ActionId{2}, std::numeric_limits<ActionId>::min(), std::numeric_limits<ActionId>::max()}) {
    EXPECT_FALSE(table_->find(id)->has_value()) << id;
    EXPECT_FALSE(table_->update(id, {{Column::name, "x"}}, Writing::kept)->has_value()) << id;
    EXPECT_FALSE(table_->erase(id, Writing::kept)->has_value()) << id;
  }
}

TEST_P(ActionTableConformance, ATrialLeavesNothingBehind) {
  create();
  const ActionId id = add("one");
  EXPECT_EQ(table_->insert({}, cells("two"), Writing::tried)->view()[Column::name], "two");
  EXPECT_EQ((*table_->update(id, {{Column::name, "changed"}}, Writing::tried))->view()[Column::name], "changed");
  EXPECT_TRUE(table_->erase(id, Writing::tried)->has_value());
  EXPECT_THAT(ids({}), ElementsAre(id));
  EXPECT_EQ((*table_->find(id))->view()[Column::name], "one");
  EXPECT_FALSE(table_->insert({}, {{Column::name, "no command"}}, Writing::tried).ok()) << "what it breaks is told";
}

TEST_P(ActionTableConformance, ReadsInOrderOfIdsFromAnIdOn) {
  create();
  for (const ActionId id : {30, 4, 100, -5}) EXPECT_TRUE(table_->insert(id, cells("n"), Writing::kept).ok());
  EXPECT_THAT(ids({}), ElementsAre(-5, 4, 30, 100));
  EXPECT_THAT(ids({.after = 4, .search = "", .limit = {}}), ElementsAre(30, 100));
  EXPECT_THAT(ids({.after = -6, .search = "", .limit = 2}), ElementsAre(-5, 4));
  EXPECT_THAT(ids({.after = 100, .search = "", .limit = 2}), IsEmpty());
  EXPECT_THAT(ids({.after = -5, .search = "", .limit = {}, .ids = {{-5, 4, 5, 100}}}), ElementsAre(4, 100));
  int seen = 0;
  EXPECT_TRUE(table_->read({}, [&](const RowView&) { return ++seen < 2; }).ok());
  EXPECT_EQ(seen, 2);
}

TEST_P(ActionTableConformance, ReadsMoreThanFitsIntoOneFetch) {
  create();
  std::vector<Row> rows;
  for (ActionId id = 1; id <= 1234; ++id) rows.push_back(plain_row(id));
  ASSERT_EQ(*table_->write_if_empty(rows), 1234U);
  EXPECT_EQ(ids({}).size(), 1234U);
  EXPECT_THAT(ids({.after = 1000, .search = "", .limit = 1}), ElementsAre(1001));
}

TEST_P(ActionTableConformance, SearchesNamesAndCommandsInEitherCase) {
  create();
  add("Nightly report", "build");
  add("other", "run NIGHTLY");
  add("100% it's", "x");
  EXPECT_THAT(ids({.after = {}, .search = "nIghtly", .limit = {}}), ElementsAre(1, 2));
  EXPECT_THAT(ids({.after = 1, .search = "nightly", .limit = {}}), ElementsAre(2));
  EXPECT_THAT(ids({.after = {}, .search = "0% it's", .limit = {}}), ElementsAre(3)) << "no pattern, plain text";
  EXPECT_THAT(ids({.after = {}, .search = "%", .limit = {}}), ElementsAre(3));
  EXPECT_THAT(ids({.after = {}, .search = "cron", .limit = {}}), IsEmpty());
}

TEST_P(ActionTableConformance, WorksWithTheSixColumnsAlone) {
  create_old();
  ASSERT_TRUE(table_->insert(5, cells("a"), Writing::kept).ok());
  EXPECT_TRUE(table_->update(5, {{Column::merge_missed, "true"}}, Writing::kept)->has_value());
  EXPECT_TRUE(is_true((*table_->find(5))->view()[Column::merge_missed]));
}

TEST_P(ActionTableConformance, SaysHowToAddAColumnThatIsMissingAndTheStatementIsRight) {
  create_old();
  ASSERT_TRUE(table_->insert(5, cells("a"), Writing::kept).ok());
  for (const auto& [column, value] :
       {std::pair(Column::enabled, "false"), std::pair(Column::timezone, "UTC"), std::pair(Column::topic, "t"),
        std::pair(Column::key, "k"), std::pair(Column::headers, "{}")}) {
    const auto refused = table_->update(5, {{column, value}}, Writing::kept);
    ASSERT_FALSE(refused.ok());
    const std::string message = refused.error().message;
    EXPECT_THAT(message, HasSubstr("there is no column " + std::string(column_name(column))));
    home_->sql(message.substr(message.find("ALTER TABLE")));
    const auto written = table_->update(5, {{column, value}}, Writing::kept);
    ASSERT_TRUE(written.ok()) << written.error().message;
  }
}

TEST_P(ActionTableConformance, SaysThatAnIdIsNeededWhereTheTableGivesNone) {
  create_old();
  const auto refused = table_->insert({}, cells("a"), Writing::kept);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("--id"));
}

TEST_P(ActionTableConformance, SaysThatThereIsNoTable) {
  const auto found = table_->find(1);
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(found.error().message, AllOf(HasSubstr("action"), HasSubstr("there is no such table")));
  EXPECT_FALSE(table_->insert({}, cells("a"), Writing::kept).ok());
}

}  // namespace action_scheduler::testing
