// `add`, `edit`, `enable`, `disable`, `remove`.
#include <nlohmann/json.hpp>

#include "tests/cli/operator_fixture.h"

namespace action_scheduler::testing {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Kind = WriteOptions::Kind;

class WriteCommand : public OperatorTest {
 protected:
  static WriteOptions adding(const std::string& cron) {
    WriteOptions options;
    options.cells = {{Column::name, "report"}, {Column::command, "build"}, {Column::cron, cron}};
    return options;
  }

  static WriteOptions of(Kind kind, ActionId id, std::map<Column, std::optional<std::string>> cells = {}) {
    WriteOptions options;
    options.kind = kind;
    options.id = id;
    options.cells = std::move(cells);
    return options;
  }

  std::string cell(ActionId id, Column column) {
    const auto found = row(id);
    if (!found) return "no row";
    return std::string(found->view()[column].value_or("null"));
  }
};

TEST_F(WriteCommand, AddMakesTheTableWritesTheRowAndShowsItsFires) {
  ASSERT_EQ(run(adding(kWeekdays)), kExitDone) << err_;
  EXPECT_THAT(out_, AllOf(StartsWith("added: action 1 \"report\"\n\nat 09:00 on weekdays, UTC\n"),
                          HasSubstr("  Mon 2026-11-23 09:00:00   2026-11-23T09:00:00Z\n")));
  EXPECT_THAT(err_, AllOf(HasSubstr("the table action was created"), HasSubstr("within 30 seconds")));
  EXPECT_EQ(cell(1, Column::command), "build");
}

TEST_F(WriteCommand, AFaultIsToldAsCheckTellsItAndNothingIsWritten) {
  WriteOptions options = adding(R"({"format":"unix","params":{"value":"61 * * * *"}})");
  EXPECT_EQ(run(options), kExitUsage);
  EXPECT_THAT(err_, AllOf(StartsWith("action-scheduler: new row (\"report\"), column cron: "), HasSubstr("61"),
                          HasSubstr("; nothing was written\n")));
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(settings_.actions_db.database));
  options.json = true;
  EXPECT_EQ(run(options), kExitUsage);
  EXPECT_EQ(json::parse(out_)["fault"]["column"], "cron");

  add("good", kHourly);
  EXPECT_EQ(run(of(Kind::edit, 1, {{Column::timezone, "Europe/Berln"}})), kExitUsage);
  EXPECT_THAT(err_, AllOf(HasSubstr("row 1 (\"good\"), column timezone: "), HasSubstr("Europe/Berlin")));
  EXPECT_EQ(cell(1, Column::timezone), "null");
}

TEST_F(WriteCommand, ADisabledRowIsCheckedToo) {
  WriteOptions options = adding("nothing");
  options.cells[Column::enabled] = "false";
  EXPECT_EQ(run(options), kExitUsage);
  options = adding(kHourly);
  options.cells[Column::enabled] = "false";
  ASSERT_EQ(run(options), kExitDone) << err_;
  EXPECT_THAT(out_,
              AllOf(HasSubstr("every hour on the hour"), HasSubstr("Disabled: does not fire"), Not(HasSubstr("Next fires"))))
      << out_;
}

TEST_F(WriteCommand, EditChangesOnlyWhatIsGiven) {
  add("report", kHourly, {{Column::topic, "t"}, {Column::key, "k"}});
  ASSERT_EQ(run(of(Kind::edit, 1, {{Column::cron, kWeekdays}, {Column::topic, std::nullopt}})), kExitDone) << err_;
  EXPECT_THAT(out_, AllOf(StartsWith("changed: action 1 \"report\"\n"), HasSubstr("at 09:00 on weekdays")));
  EXPECT_EQ(cell(1, Column::cron), kWeekdays);
  EXPECT_EQ(cell(1, Column::topic), "null");
  EXPECT_EQ(cell(1, Column::key), "k");
  EXPECT_EQ(run(of(Kind::edit, 1, {{Column::cron, std::nullopt}})), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("column cron: is null"));
}

TEST_F(WriteCommand, DisablesAndEnables) {
  add("report", kHourly);
  ASSERT_EQ(run(of(Kind::disable, 1, {{Column::enabled, "false"}})), kExitDone) << err_;
  EXPECT_THAT(out_, AllOf(StartsWith("disabled: action 1"), HasSubstr("action-scheduler enable 1")));
  EXPECT_EQ(cell(1, Column::enabled), "0");
  ASSERT_EQ(run(of(Kind::enable, 1, {{Column::enabled, "true"}})), kExitDone);
  EXPECT_THAT(out_, AllOf(StartsWith("enabled: action 1"), HasSubstr("2026-11-21T11:00:00Z")));
  EXPECT_EQ(cell(1, Column::enabled), "1");
}

TEST_F(WriteCommand, ABadRowMayBeDisabledButNotEnabled) {
  add("bad", "nothing");
  ASSERT_EQ(run(of(Kind::disable, 1, {{Column::enabled, "false"}})), kExitDone) << err_;
  EXPECT_EQ(run(of(Kind::enable, 1, {{Column::enabled, "true"}})), kExitUsage);
  EXPECT_EQ(cell(1, Column::enabled), "0");
}

TEST_F(WriteCommand, RemoveSaysWhatItRemoved) {
  add("report", kHourly);
  ASSERT_EQ(run(of(Kind::remove, 1)), kExitDone) << err_;
  EXPECT_THAT(out_, StartsWith("removed: action 1 \"report\", which was {"));
  EXPECT_EQ(json::parse(out_.substr(out_.find('{')))["command"], "run report");
  EXPECT_FALSE(row(1));
}

TEST_F(WriteCommand, ADryRunWritesNothing) {
  add("report", kHourly);
  WriteOptions options = adding(kWeekdays);
  options.dry_run = true;
  ASSERT_EQ(run(options), kExitDone) << err_;
  EXPECT_THAT(out_, StartsWith("would be added: action \"report\"\n"));
  EXPECT_FALSE(row(2));
  options = of(Kind::edit, 1, {{Column::name, "x"}});
  options.dry_run = true;
  ASSERT_EQ(run(options), kExitDone);
  EXPECT_EQ(cell(1, Column::name), "report");
  options = of(Kind::remove, 1);
  options.dry_run = options.json = true;
  ASSERT_EQ(run(options), kExitDone);
  EXPECT_EQ(json::parse(out_)["written"], false);
  EXPECT_EQ(json::parse(out_)["action"]["name"], "report");
  EXPECT_TRUE(row(1));
}

TEST_F(WriteCommand, TellsMachinesWhatWasWritten) {
  WriteOptions options = adding(kWeekdays);
  options.json = true;
  ASSERT_EQ(run(options), kExitDone);
  const json told = json::parse(out_);
  EXPECT_EQ(told["written"], true);
  EXPECT_EQ(told["done"], "added");
  EXPECT_EQ(told["action"]["id"], 1);
  EXPECT_EQ(told["action"]["fires"][0]["utc"], "2026-11-23T09:00:00Z");
}

TEST_F(WriteCommand, FailsForAnActionThatIsNotThere) {
  add("report", kHourly);
  for (const Kind kind : {Kind::edit, Kind::enable, Kind::disable, Kind::remove}) {
    EXPECT_EQ(run(of(kind, 7, {{Column::name, "x"}})), kExitFailed);
    EXPECT_THAT(err_, HasSubstr("there is no action 7"));
  }
}

}  // namespace
}  // namespace action_scheduler::testing
