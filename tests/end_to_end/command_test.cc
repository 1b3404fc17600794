// The commands that are not the service, as scripts call them: exit codes, standard output, standard error.
#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Commands, NextPrintsFireTimes) {
  const WorkFolder folder;
  const Finished next = run_to_end(folder, {"next", "--cron", R"({"format": "unix", "params": {"value": "0 9 * * mon"}})",
                                            "--timezone", "Europe/Berlin", "--after", "2026-03-23T08:00:00Z", "--count", "2"});
  EXPECT_EQ(next.code, 0) << next.err;
  EXPECT_EQ(next.out, "2026-03-30T07:00:00Z\n2026-04-06T07:00:00Z\n");
  EXPECT_THAT(next.err, IsEmpty());
}

TEST(Commands, NextSaysWhatIsWrongWithASchedule) {
  const WorkFolder folder;
  const Finished next = run_to_end(folder, {"next", "--cron", R"({"format": "unix", "params": {"value": "61 * * * *"}})"});
  EXPECT_NE(next.code, 0);
  EXPECT_THAT(next.out, IsEmpty());
  EXPECT_THAT(next.err, HasSubstr("61"));
}

TEST(Commands, NextAnswersEachLineOfStandardInput) {
  const WorkFolder folder;
  folder.write("stdin", R"({"cron": {"format": "interval", "params": {"hours": 6}}, "after": "2026-01-01T00:00:00Z", "count": 2})"
                        "\nnot json\n"
                        R"({"cron": {"format": "date", "params": {"run_date": "2020-01-01"}}, "after": "2026-01-01T00:00:00Z"})"
                        "\n");
  const Finished next = run_to_end(folder, {"next", "--stdin"});
  EXPECT_EQ(next.code, 0) << next.err;
  const auto lines = lines_with(next.out, "");
  ASSERT_EQ(lines.size(), 3U) << next.out;
  EXPECT_EQ(lines[0], R"({"fires":["2026-01-01T06:00:00Z","2026-01-01T12:00:00Z"]})");
  EXPECT_THAT(lines[1], ::testing::StartsWith(R"({"error":")"));
  EXPECT_EQ(lines[2], R"({"fires":[]})");
}

TEST(Commands, ConfigNamesEachValueAndItsOriginAndMasksSecrets) {
  const WorkFolder folder;
  folder.write("config.yaml", "actions_db: {dialect: postgresql, password: hunter2}\nkafka: {server: localhost, topic: t}\n");
  folder.write(".env", "TRACK_CHANGES_PERIOD=7\n");
  const Finished config = run_to_end(folder, {"--set", "debug=true", "config"}, {{"KAFKA__TOPIC", "other"}});
  EXPECT_EQ(config.code, 0) << config.err;
  EXPECT_THAT(config.out, AllOf(HasSubstr("other"), HasSubstr("KAFKA__TOPIC"), HasSubstr(".env"), HasSubstr("config.yaml:1:"),
                                HasSubstr("--set"), Not(HasSubstr("hunter2"))));
}

TEST(Commands, EveryFaultOfTheConfigIsToldAtOnce) {
  const WorkFolder folder;
  folder.write("config.yaml", "actions_db:\n  dialect: oracle\n  prot: 5432\ntrack_changes_period: 0\n");
  for (const char* command : {"config", "check", "run"}) {
    const Finished finished = run_to_end(folder, {command}, {{"KAFKA__TOPC", "t"}});
    EXPECT_EQ(finished.code, 2) << command;
    EXPECT_THAT(finished.out, IsEmpty()) << command;
    EXPECT_THAT(finished.err,
                AllOf(HasSubstr("config.yaml:2:"), HasSubstr("oracle"), HasSubstr("config.yaml:3:"), HasSubstr("port"),
                      HasSubstr("config.yaml:4:"), HasSubstr("KAFKA__TOPC"), HasSubstr("KAFKA__TOPIC")))
        << command;
  }
}

TEST(Commands, WrongUsageExitsWith2) {
  const WorkFolder folder;
  const Finished finished = run_to_end(folder, {"chek"});
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, HasSubstr("check"));
}

TEST(Commands, CheckPassesAGoodSetUpAndNamesEachBadRow) {
  const Stage stage;
  stage.create_table();
  stage.sql(insert_row("$T", 1, "good", every(60)));
  const WorkFolder folder;
  folder.write("config.yaml", stage.config());
  const Finished good = run_to_end(folder, {"check"});
  EXPECT_EQ(good.code, 0) << good.out << good.err;
  EXPECT_THAT(good.out, HasSubstr("1 row: 1 scheduled"));

  stage.sql(insert_row("$T", 2, "bad", R"({"format": "unix", "params": {"value": "* * * * 8"}})"));
  stage.sql(insert_row("$T", 3, "worse", R"({"format": "daily", "params": {}})"));
  const Finished bad = run_to_end(folder, {"check"});
  EXPECT_EQ(bad.code, 1) << bad.out << bad.err;
  EXPECT_THAT(bad.out,
              AllOf(HasSubstr("row 2 (\"bad\"), column cron"), HasSubstr("row 3 (\"worse\"), column cron"), HasSubstr("daily")));

  const Finished json = run_to_end(folder, {"check", "--json"});
  EXPECT_EQ(json.code, 1);
  EXPECT_THAT(json.out, ::testing::StartsWith(R"({"ok":false,"findings":[{)"));
}

TEST(Commands, CheckFailsWhereTheTableCannotBeRead) {
  const Stage stage;
  const WorkFolder folder;
  folder.write("config.yaml", stage.config());
  const Finished to_be_created = run_to_end(folder, {"check"});
  EXPECT_EQ(to_be_created.code, 0) << to_be_created.out << to_be_created.err;
  EXPECT_THAT(to_be_created.out, HasSubstr(stage.table + " does not exist yet"));
  stage.sql("CREATE TABLE $T (id INTEGER)");
  const Finished unusable = run_to_end(folder, {"check"});
  EXPECT_EQ(unusable.code, 1) << unusable.out << unusable.err;
  EXPECT_THAT(unusable.out, HasSubstr("no column name"));
  const Finished nobody = run_to_end(folder, {"--set", "actions_db.port=1", "check"});
  EXPECT_EQ(nobody.code, 1) << nobody.out << nobody.err;
  EXPECT_THAT(nobody.out, HasSubstr("127.0.0.1"));
}

}  // namespace
}  // namespace action_scheduler::testing
