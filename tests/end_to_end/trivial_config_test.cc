// The Python program's trivial config and sample actions, unchanged, in an empty folder.
#include <fstream>
#include <iterator>
#include <regex>

#include "sqlite/database.h"
#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;

std::string compatible_file(const std::string& name) {
  std::ifstream file("tests/config/data/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The rows of a query, cells joined by `|`.
std::vector<std::string> rows(const std::filesystem::path& database, const std::string& query, int columns) {
  auto opened = sqlite::Database::open(database.string(), sqlite::Database::Access::read_write);
  auto statement = opened.prepare(query);
  statement.bind();
  std::vector<std::string> result;
  while (statement.step()) {
    std::string row;
    for (int column = 0; column < columns; ++column) {
      row += (column > 0 ? "|" : "") + (statement.is_null(column) ? std::string("NULL") : std::string(statement.text(column)));
    }
    result.push_back(row);
  }
  return result;
}

TEST(TrivialConfig, MakesTheTableWritesTheSamplesAndPrintsTheirFires) {
  const WorkFolder folder;
  folder.write("config.yaml", compatible_file("trivial/config.yaml"));
  folder.write("sample_actions.yaml", compatible_file("sample_actions.yaml"));
  SchedulerProcess process(folder, {}, {{"TZ", "Europe/Istanbul"}});
  ASSERT_TRUE(eventually([&] { return !process.out().empty(); }, std::chrono::seconds(40))) << process.err();
  EXPECT_EQ(process.stop(), 0);

  const std::regex line(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+03:00 \| command[12])");
  const std::string out = process.out();
  EXPECT_EQ(out.back(), '\n');
  for (const std::string& text : lines_with(out, "")) EXPECT_TRUE(std::regex_match(text, line)) << text;
  EXPECT_FALSE(lines_with(out, "| command2").empty());

  const auto database = folder.path() / "database.db";
  const auto columns =
      rows(database, "SELECT name, type, \"notnull\", pk FROM pragma_table_info('action') ORDER BY cid LIMIT 6", 4);
  EXPECT_THAT(columns, ElementsAre("id|INTEGER|1|1", "name|VARCHAR|1|0", "command|VARCHAR|1|0", "cron|JSON|1|0",
                                   "merge_missed|BOOLEAN|0|0", "actuality_time|INTEGER|0|0"));
  EXPECT_THAT(
      rows(database, "SELECT id, name, command, cron, merge_missed, actuality_time FROM action ORDER BY id", 6),
      ElementsAre(
          R"(1|Action1|command1|{"format": "unix", "params": {"value": "* * * * *"}}|NULL|NULL)",
          R"(2|Action2|command2|{"format": "apscheduler", "params": {"second": "*/20", "end_date": "2050-05-05"}}|NULL|NULL)"));
}

TEST(TrivialConfig, WritesTheSamplesOnlyIntoAnEmptyTable) {
  const WorkFolder folder;
  folder.write("config.yaml", compatible_file("trivial/config.yaml"));
  folder.write("sample_actions.yaml", compatible_file("sample_actions.yaml"));
  const auto database = folder.path() / "database.db";
  {
    auto old = sqlite::Database::open(database.string(), sqlite::Database::Access::create);
    old.exec(
        "CREATE TABLE action (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR NOT NULL, command VARCHAR NOT NULL, cron JSON NOT "
        "NULL, "
        "merge_missed BOOLEAN, actuality_time INTEGER);"
        "CREATE TABLE apscheduler_jobs (id VARCHAR(191) NOT NULL PRIMARY KEY, next_run_time FLOAT, job_state BLOB NOT NULL);"
        "INSERT INTO apscheduler_jobs VALUES ('7', 1.5, x'8005');"
        R"(INSERT INTO action VALUES (7, 'mine', 'my command', '{"format": "interval", "params": {"seconds": 1}}', 0, NULL))");
  }
  SchedulerProcess process(folder, {});
  ASSERT_TRUE(eventually([&] { return !process.out().empty(); })) << process.err();
  EXPECT_EQ(process.stop(), 0);
  EXPECT_EQ(lines_with(process.out(), "| my command").size(), lines_with(process.out(), "").size());
  EXPECT_THAT(rows(database, "SELECT id, name FROM action", 2), ElementsAre("7|mine"));
  EXPECT_THAT(rows(database, "SELECT id, next_run_time, hex(job_state) FROM apscheduler_jobs", 3), ElementsAre("7|1.5|8005"));
  EXPECT_THAT(rows(database, "SELECT count(*) FROM pragma_table_info('action')", 1), ElementsAre("6")) << "never altered";
}

}  // namespace
}  // namespace action_scheduler::testing
