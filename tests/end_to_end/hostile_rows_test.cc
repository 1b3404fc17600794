// A table full of rows that nobody should write, as the whole program meets it: the good ones fire, each bad one is one line of
// the log, and nothing forges a line of the log or of standard output.
#include <regex>
#include <set>

#include "action_scheduler/utf8.h"
#include "sqlite/database.h"
#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr const char* kForgedLine = "2026-11-21T00:00:00.000000+00:00 | forged";

void write_table(const WorkFolder& folder) {
  auto database = sqlite::Database::open((folder.path() / "a.db").string(), sqlite::Database::Access::create);
  database.exec(
      "CREATE TABLE action (id INTEGER PRIMARY KEY, name, command, cron, merge_missed, actuality_time, timezone, headers)");
  const std::string good_cron = "'" + every(1) + "'";
  const std::string escape = "'x' || char(10) || 'level=error event=forged' || char(13, 27) || '[2J%s{}'";
  const auto insert = [&](int id, const std::string& name, const std::string& command, const std::string& cron,
                          const std::string& rest = "NULL, NULL, NULL, NULL") {
    database.exec("INSERT INTO action VALUES (" + std::to_string(id) + ", " + name + ", " + command + ", " + cron + ", " + rest +
                  ")");
  };
  insert(1, "'good'", "'good'", good_cron);
  insert(2, escape, "'x' || char(10) || '" + std::string(kForgedLine) + "'", good_cron);
  insert(3, "hex(zeroblob(500000))", "hex(zeroblob(100000))", good_cron);
  insert(4, "'n'", escape + " || char(0, 155, 8232)", good_cron);
  insert(5, "7", "8.5", good_cron);
  insert(101, "NULL", "'c'", good_cron);
  insert(102, "x'ff'", "'c'", good_cron);
  insert(103, "'n'", "x'c328'", good_cron);
  insert(104, escape, "'c'", escape);
  insert(105, "'n'", "'c'", "replace(hex(zeroblob(50000)), '0', '[')");
  insert(106, "'n'", "'c'", "x'00'");
  insert(107, "'n'", "'c'", "5");
  insert(108, "'n'", "'c'", good_cron, escape + ", NULL, NULL, NULL");
  insert(109, "'n'", "'c'", good_cron, "NULL, 1e300, NULL, NULL");
  insert(110, "'n'", "'c'", good_cron, "NULL, NULL, " + escape + ", NULL");
  insert(111, "'n'", "'c'", good_cron, "NULL, NULL, NULL, '{\"ce_id\": \"forged\"}'");
  insert(112, "hex(zeroblob(500000))", "'c'", good_cron, "NULL, NULL, NULL, " + escape);
}

class HostileTable : public ::testing::TestWithParam<const char*> {};

TEST_P(HostileTable, CostsItsBadRowsAloneAndForgesNothing) {
  const WorkFolder folder;
  folder.write("config.yaml",
               "actions_db: {dialect: sqlite, database: a.db}\ninternal_db: {database: l.db}\n"
               "debug: true\ntrack_changes_period: 1\ntest: {print_apscheduler_jobs: true}\n");
  write_table(folder);
  SchedulerProcess process(folder, {}, {{"LOG__FORMAT", GetParam()}, {"TZ", "UTC"}});
  ASSERT_TRUE(eventually([&] { return lines_with(process.out(), "| good").size() >= 3; })) << process.err();
  EXPECT_EQ(process.stop(), 0);

  const std::regex line(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00 \| .*)");
  std::set<std::string> commands;
  for (const std::string& text : lines_with(process.out(), "")) {
    ASSERT_TRUE(std::regex_match(text.substr(0, 300), line)) << text.substr(0, 300);
    EXPECT_FALSE(text.starts_with(kForgedLine));
    commands.insert(text.substr(text.find('|') + 2));
  }
  EXPECT_EQ(commands, (std::set<std::string>{"good", R"(x\n)" + std::string(kForgedLine), std::string(200'000, '0'),
                                             R"(x\nlevel=error event=forged\r\u001b[2J%s{}\u0000\u009b\u2028)", "8.5"}));

  const bool json = std::string(GetParam()) == "json";
  const std::string start =
      json ? R"(\{"time":"[^"]+","level":"[a-z]+","event":"[^"]+".*\})" : R"(time=\S+ level=[a-z]+ event="[^"]+".*)";
  const std::regex log_line(start);
  std::set<int> faulty;
  for (const std::string& text : lines_with(process.err(), "")) {
    ASSERT_LT(text.size(), 20'000U);
    EXPECT_TRUE(std::regex_match(text, log_line)) << text;
    std::string printable;
    append_printable(printable, text);
    EXPECT_EQ(printable, text);
    std::smatch found;
    const std::regex fault(R"(action cannot be scheduled.{0,12}action"?[=:](\d+))");
    if (std::regex_search(text, found, fault)) {
      EXPECT_TRUE(faulty.insert(std::stoi(found[1])).second) << "told twice: " << text;
    }
  }
  EXPECT_EQ(faulty, (std::set<int>{101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112}));
  EXPECT_TRUE(lines_with(process.err(), "forged\r").empty());
}

INSTANTIATE_TEST_SUITE_P(LogFormats, HostileTable, ::testing::Values("text", "json"),
                         [](const auto& test) { return std::string(test.param); });

TEST(HostileTableChecked, TellsEachFaultInALine) {
  const WorkFolder folder;
  folder.write("config.yaml", "actions_db: {dialect: sqlite, database: a.db}\n");
  write_table(folder);
  const Finished checked = run_to_end(folder, {"check"});
  EXPECT_EQ(checked.code, 1);
  EXPECT_EQ(lines_with(checked.out, "fault row").size(), 12U) << checked.out;
  for (const std::string& text : lines_with(checked.out, "")) {
    std::string printable;
    append_printable(printable, text);
    EXPECT_EQ(printable, text);
  }
  EXPECT_THAT(lines_with(checked.out, ""), Contains(HasSubstr("17 rows: 5 scheduled, 0 disabled, 12 faulty")));
}

}  // namespace
}  // namespace action_scheduler::testing
