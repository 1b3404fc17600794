// `list` and `show`.
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/operator_fixture.h"

namespace action_scheduler::testing {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using List = OperatorTest;
using Show = OperatorTest;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_F(List, TellsScheduleNextFireAndState) {
  add("report", kWeekdays);
  add("off", kHourly, {{Column::enabled, "false"}});
  add("bad", "nothing");
  add("never", R"({"format":"unix","params":{"value":"0 0 30 2 *"}})");
  ASSERT_EQ(run(ListOptions{}), kExitDone) << err_;
  const auto lines = lines_of(out_);
  ASSERT_EQ(lines.size(), 5U) << out_;
  EXPECT_THAT(lines[0], AllOf(HasSubstr("ID"), HasSubstr("NEXT FIRE (UTC)"), HasSubstr("LAST")));
  EXPECT_THAT(lines[1], AllOf(HasSubstr("report"), HasSubstr("at 09:00 on weekdays"), HasSubstr("2026-11-23 09:00:00")));
  EXPECT_THAT(lines[2], AllOf(HasSubstr("off"), HasSubstr("disabled"), Not(HasSubstr("2026"))));
  EXPECT_THAT(lines[3], AllOf(HasSubstr("bad"), HasSubstr("column cron: "), HasSubstr("fault")));
  EXPECT_THAT(lines[4], AllOf(HasSubstr("30th of February"), EndsWith("-")));
  EXPECT_THAT(err_, IsEmpty());
}

TEST_F(List, PagesById) {
  for (int i = 1; i <= 5; ++i) add("action " + std::to_string(i), kHourly);
  ListOptions options;
  options.limit = 2;
  ASSERT_EQ(run(options), kExitDone);
  EXPECT_EQ(err_, "there are more: --after 2\n");
  options.after = 2;
  options.json = true;
  ASSERT_EQ(run(options), kExitDone);
  const json page = json::parse(out_);
  EXPECT_EQ(page["next_after"], 4);
  EXPECT_EQ(page["actions"][0]["id"], 3);
  options.after = 4;
  ASSERT_EQ(run(options), kExitDone);
  EXPECT_EQ(json::parse(out_)["next_after"], nullptr);
  EXPECT_EQ(json::parse(out_)["actions"].size(), 1U);
}

TEST_F(List, FindsFaultsAmongManyRowsAndGoesOnBehindThem) {
  for (int i = 0; i < 3; ++i) {
    add("good", kHourly);
    add("bad", "{}");
  }
  ListOptions options;
  options.faults = true;
  options.limit = 2;
  options.json = true;
  ASSERT_EQ(run(options), kExitDone);
  json page = json::parse(out_);
  EXPECT_EQ(page["actions"].size(), 2U);
  EXPECT_EQ(page["actions"][0]["fault"]["column"], "cron");
  EXPECT_EQ(page["next_after"], 4);
  options.after = 4;
  ASSERT_EQ(run(options), kExitDone);
  page = json::parse(out_);
  EXPECT_EQ(page["actions"][0]["id"], 6);
  EXPECT_EQ(page["next_after"], nullptr);
  options.json = false;
  ASSERT_EQ(run(options), kExitDone);
  EXPECT_THAT(out_, AllOf(HasSubstr("ID  NAME  FAULT\n"), HasSubstr("\n 6  bad   column cron: ")));
}

TEST_F(List, WhileTheTableIsAwayListsWhatTheSchedulerGoesOnWith) {
  add("report", kHourly);
  live("2026-11-21T08:30:00Z", "2026-11-21T10:15:00Z");
  settings_.actions_db.table = "elsewhere";
  ASSERT_EQ(run(ListOptions{}), kExitDone) << err_;
  EXPECT_THAT(out_, HasSubstr("report"));
  EXPECT_THAT(err_, AllOf(HasSubstr("there is no such table"), HasSubstr("this is what the scheduler goes on with")));
}

TEST_F(List, FitsTheTerminal) {
  add(std::string(100, 'n'), kWeekdays);
  add("日本語の名前はとても長いので幅が二倍になります", kHourly);
  for (const std::size_t width : {80U, 100U, 140U}) {
    ASSERT_EQ(run(ListOptions{}, width), kExitDone);
    for (const std::string& line : lines_of(out_)) {
      std::size_t columns = 0;
      for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
      EXPECT_LE(columns, width) << line;
    }
    EXPECT_THAT(out_, HasSubstr("…"));
    EXPECT_THAT(out_, HasSubstr("2026-11-23 09:00:00")) << "times are never cut";
  }
  ASSERT_EQ(run(ListOptions{}), kExitDone);
  EXPECT_THAT(out_, AllOf(Not(HasSubstr("…")), HasSubstr(std::string(100, 'n')))) << "a pipe gets everything";
}

TEST_F(List, KeepsControlCharactersFromTheTerminal) {
  add("a\x1b[2J\nforged", kHourly);
  ASSERT_EQ(run(ListOptions{}), kExitDone);
  EXPECT_THAT(out_, HasSubstr("a\\u001b[2J\\nforged"));
}

TEST_F(List, TellsHowTheLatestFireTimeEnded) {
  add("delivered", kHourly);
  add("expired", kHourly);
  add("parked", kHourly);
  add("new", kHourly);
  live("2026-11-21T08:30:00Z", "2026-11-21T10:15:00Z");
  {
    const auto owner = ledger();
    ASSERT_TRUE(owner->save_rows(std::vector<KnownRow>{{row(4)->view(), at("2026-11-21T10:10:00Z")}}, {}, {}));
    LedgerChange change;
    change.outcomes = {outcome(1, Outcome::expired, "2026-11-21T09:00:00Z", "late"),
                       outcome(2, Outcome::expired, "2026-11-21T10:00:00Z", "late")};
    change.park = {parked(3, "2026-11-21T10:00:00Z", "no such topic")};
    ASSERT_TRUE(owner->write(change, Durability::power_loss));
  }
  ListOptions options;
  options.json = true;
  ASSERT_EQ(run(options), kExitDone) << err_;
  const json actions = json::parse(out_)["actions"];
  EXPECT_EQ(actions[0]["last"], (json{{"outcome", "delivered"}, {"time", "2026-11-21T10:00:00Z"}}));
  EXPECT_EQ(actions[1]["last"], (json{{"outcome", "expired"}, {"time", "2026-11-21T10:00:00Z"}}));
  EXPECT_EQ(actions[2]["last"], (json{{"outcome", "parked"}, {"time", "2026-11-21T10:00:00Z"}}));
  EXPECT_EQ(actions[2]["parked"], 1);
  EXPECT_EQ(actions[3]["last"], nullptr) << "it counts from later than its latest fire time";
}

TEST_F(List, ReadsTheLedgerOfARunningScheduler) {
  add("hourly", kHourly);
  live("2026-11-21T08:30:00Z", "2026-11-21T10:15:00Z");
  const auto running = ledger();
  ASSERT_EQ(run(ListOptions{}), kExitDone);
  EXPECT_THAT(out_, HasSubstr("delivered"));
  EXPECT_THAT(err_, IsEmpty());
  LedgerChange change;
  change.watermark = Position{at("2026-11-21T10:20:00Z")};
  EXPECT_TRUE(running->write(change, Durability::power_loss)) << "and does not disturb it";
}

TEST_F(List, DoesWithoutALedger) {
  add("hourly", kHourly);
  ASSERT_EQ(run(ListOptions{}), kExitDone);
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(settings_.internal_db->database)) << "looking makes none";
  settings_.internal_db.reset();
  EXPECT_EQ(run(ListOptions{}), kExitDone);
}

TEST_F(List, SaysWhatToDoWhereThereIsNothing) {
  ASSERT_TRUE(make_action_table(settings_)->create_if_missing());
  EXPECT_EQ(run(ListOptions{}), kExitDone);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_, HasSubstr("action-scheduler add --help"));
  settings_.actions_db.table = "nowhere";
  EXPECT_EQ(run(ListOptions{}), kExitFailed);
  EXPECT_THAT(err_, HasSubstr("there is no such table"));
}

TEST_F(Show, TellsAllOfAnAction) {
  add("report", kWeekdays, {{Column::timezone, "Europe/Berlin"}, {Column::actuality_time, "60"}});
  live("2026-11-01T00:00:00Z", "2026-11-21T10:15:00Z");
  LedgerChange change;
  change.outcomes = {outcome(1, Outcome::merged, "2026-11-19T08:00:00Z", "merged into 1@2026-11-20T08:00:00Z")};
  change.park = {parked(1, "2026-11-18T08:00:00Z", "no right to write")};
  note(change);
  ASSERT_EQ(run(ShowOptions{1}), kExitDone) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("Action 1 \"report\", scheduled\n"), HasSubstr("  command         run report\n"),
                          HasSubstr("  merge_missed    null (false, by action.defaults)\n"), HasSubstr("  actuality_time  60\n"),
                          HasSubstr("at 09:00 on weekdays, Berlin time\n"), HasSubstr("Next fires (Europe/Berlin, UTC)\n"),
                          HasSubstr("  Mon 2026-11-23 09:00:00 +01:00   2026-11-23T08:00:00Z\n")));
  EXPECT_THAT(out_, AllOf(HasSubstr("Last: delivered, 2026-11-20T08:00:00Z\n"),
                          HasSubstr("Fire times after 2026-11-01T00:00:00Z count.\n"), HasSubstr("no right to write"),
                          HasSubstr("merged into 1@2026-11-20T08:00:00Z")));
}

TEST_F(Show, TellsMachinesTheSame) {
  add("report", kWeekdays, {{Column::merge_missed, "true"}, {Column::actuality_time, "60"}, {Column::topic, "t"}});
  live("2026-11-01T00:00:00Z", "2026-11-21T10:15:00Z");
  ASSERT_EQ(run(ShowOptions{1, true}), kExitDone) << err_;
  const json shown = json::parse(out_);
  EXPECT_EQ(shown["cells"]["merge_missed"], true);
  EXPECT_EQ(shown["cells"]["actuality_time"], 60);
  EXPECT_EQ(shown["cells"]["cron"], kWeekdays);
  EXPECT_EQ(shown["cells"]["key"], nullptr);
  EXPECT_EQ(shown["fires"].size(), 5U);
  EXPECT_EQ(shown["fires"][0]["utc"], "2026-11-23T09:00:00Z");
  EXPECT_EQ(shown["taken_up"], true);
  EXPECT_EQ(shown["counts_from"], "2026-11-01T00:00:00Z");
  EXPECT_EQ(shown["parked"], json::array());
}

TEST_F(Show, ShowsTheFaultOfARow) {
  add("bad", R"({"format":"unix","params":{"value":"61 * * * *"}})", {{Column::enabled, "false"}});
  ASSERT_EQ(run(ShowOptions{1}), kExitDone) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("disabled"), HasSubstr("Fault in column cron: "), HasSubstr("61")));
}

TEST_F(Show, SaysWhetherTheSchedulerKnowsTheLatestChange) {
  add("report", kWeekdays);
  live("2026-11-01T00:00:00Z", "2026-11-21T10:15:00Z");
  ASSERT_TRUE(make_action_table(settings_)->update(1, {{Column::cron, kHourly}}, Writing::kept));
  ASSERT_EQ(run(ShowOptions{1}), kExitDone);
  EXPECT_THAT(out_, AllOf(HasSubstr("has not taken up the latest change yet"), Not(HasSubstr("Last:"))));
  add("other", kHourly);
  ASSERT_EQ(run(ShowOptions{2}), kExitDone);
  EXPECT_THAT(out_, HasSubstr("has not taken it up yet"));
}

TEST_F(Show, FailsForAnActionThatIsNotThere) {
  add("report", kWeekdays);
  EXPECT_EQ(run(ShowOptions{2}), kExitFailed);
  EXPECT_EQ(err_, "action-scheduler: there is no action 2; action-scheduler list shows what there is\n");
}

TEST_F(Show, SaysWhenTheLedgerCannotBeRead) {
  add("report", kWeekdays);
  std::ofstream(settings_.internal_db->database) << std::string(5000, 'x');
  ASSERT_EQ(run(ShowOptions{1}), kExitDone);
  EXPECT_THAT(err_, HasSubstr("outcomes are not shown: ledger "));
  EXPECT_THAT(out_, HasSubstr("at 09:00 on weekdays"));
}

}  // namespace
}  // namespace action_scheduler::testing
