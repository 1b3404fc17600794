// A day of an operator: the commands that look at the table and the ledger, and write into them, beside a running scheduler.
#include <signal.h>

#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Operator, AddsFollowsChangesAndSettlesOnPostgres) {
  const Stage stage;
  const WorkFolder folder;
  folder.write(
      "config.yaml",
      "actions_db: {dialect: postgresql, username: app, host: 127.0.0.1, port: " + std::to_string(postgres().port()) +
          ", database: postgres, table: " + stage.table +
          "}\ninternal_db: {dialect: sqlite, database: ledger.db}\ntrack_changes_period: 1\naction: {callback: stdout}\n");
  const auto call = [&](const std::vector<std::string>& arguments) { return run_to_end(folder, arguments); };

  const Finished bad = call({"add", "--name", "x", "--command", "c", "--cron", R"({"format": "daily", "params": {}})"});
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.err, AllOf(HasSubstr("new row (\"x\"), column cron: "), HasSubstr("daily")));
  const Finished added = call({"add", "--name", "it's \"so\"", "--command", "hello", "--cron", every(1)});
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_THAT(added.out, AllOf(StartsWith("added: action 1 "), HasSubstr("every second")));
  EXPECT_EQ(stage.sql("SELECT name, command, merge_missed, enabled FROM $T"),
            (std::vector<std::vector<std::string>>{{"it's \"so\"", "hello", "NULL", "t"}}));

  {
    // What it says goes where call() does not reach.
    const WorkFolder elsewhere;
    elsewhere.write("config.yaml", folder.read("config.yaml"));
    SchedulerProcess scheduler(elsewhere, {"--set", "internal_db.database=" + (folder.path() / "ledger.db").string(), "run"});
    ASSERT_TRUE(eventually([&] { return scheduler.out().find("| hello") != std::string::npos; })) << scheduler.err();
    // A delivery is known once it is settled, a moment later.
    EXPECT_TRUE(eventually([&] { return call({"list"}).out.find("delivered") != std::string::npos; })) << call({"list"}).out;
    const Finished shown = call({"show", "1"});
    EXPECT_EQ(shown.code, 0) << shown.err;
    EXPECT_THAT(shown.out, AllOf(HasSubstr("Last: delivered, "), HasSubstr("command         hello"), HasSubstr(" count.")));
    EXPECT_EQ(call({"settle", "--until", "now"}).code, 3);
    EXPECT_EQ(call({"disable", "1"}).code, 0);
    EXPECT_TRUE(eventually([&] { return call({"show", "1"}).out.find("has not taken up") == std::string::npos; }));
    EXPECT_EQ(call({"enable", "1"}).code, 0);
    EXPECT_TRUE(eventually([&] { return call({"show", "1"}).out.find(" count.") != std::string::npos; }));
    scheduler.signal(SIGKILL);
    scheduler.wait();
  }

  const Finished edited = call({"edit", "1", "--topic", "audit", "--unset", "merge_missed", "--json"});
  EXPECT_EQ(edited.code, 0) << edited.err;
  EXPECT_THAT(edited.out, AllOf(StartsWith(R"({"written":true,)"), HasSubstr(R"("topic":"audit")")));
  ASSERT_TRUE(eventually([&] {
    const Finished settled = call({"settle", "--until", "now"});
    return settled.code == 0 && settled.out.find(" 0 fires") == std::string::npos;
  }));
  const Finished fires = call({"fires", "--outcome", "expired"});
  EXPECT_EQ(fires.code, 0) << fires.err;
  EXPECT_THAT(fires.out, HasSubstr("settled by hand by "));
  const Finished removed = call({"remove", "1"});
  EXPECT_EQ(removed.code, 0) << removed.err;
  EXPECT_THAT(removed.out, AllOf(StartsWith("removed: action 1 "), HasSubstr(R"("topic":"audit")")));
  EXPECT_EQ(call({"show", "1"}).code, 1);
  const Finished empty = call({"list", "--json"});
  EXPECT_EQ(empty.out, "{\"actions\":[],\"next_after\":null,\"table_error\":null}\n");
}

}  // namespace
}  // namespace action_scheduler::testing
