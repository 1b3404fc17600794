// `simulate` on a real SQLite table: what it prints and how it ends.
#include "cli/simulate_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/exit_codes.h"
#include "cli/histogram.h"
#include "operations/assembly.h"

namespace action_scheduler {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

SimulateOptions between(const std::string& from, const std::string& to) {
  SimulateOptions options;
  options.from = from;
  options.to = to;
  return options;
}

class Simulate : public testing::Test {
 protected:
  Simulate() {
    std::string pattern = (fs::temp_directory_path() / "simulate-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    settings_.actions_db.dialect = Dialect::sqlite;
    settings_.actions_db.database = (folder_ / "actions.db").string();
    settings_.actions_db.table = "action";
  }
  ~Simulate() override { fs::remove_all(folder_); }

  void write_row(const std::string& name, const std::string& cron, std::optional<std::string> enabled = {}) {
    Row row;
    row[Column::name] = name;
    row[Column::command] = "run";
    row[Column::cron] = cron;
    row[Column::enabled] = std::move(enabled);
    rows_.push_back(row);
  }

  int run(const SimulateOptions& options) {
    const auto table = make_action_table(settings_);
    EXPECT_TRUE(table->create_if_missing());
    if (!rows_.empty()) {
      EXPECT_TRUE(table->write_if_empty(rows_));
    }
    rows_.clear();
    std::ostringstream out;
    std::ostringstream err;
    const int code =
        simulate(settings_, options, *parse_utc("2026-11-21T10:00:00Z"), {.out = out, .err = err, .width = width_, .cut = cut_});
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  fs::path folder_;
  Settings settings_;
  std::vector<Row> rows_;
  std::size_t width_ = 80;
  bool cut_ = false;  // it is that of a terminal
  std::string out_;
  std::string err_;
};

constexpr const char* kHourly = R"({"format":"unix","params":{"value":"0 * * * *"}})";
constexpr const char* kEachNight = R"({"format":"unix","params":{"value":"0 3 * * *"}})";

TEST_F(Simulate, CutsLongNamesOnATerminalOnly) {
  const std::string name(200, 'n');
  write_row(name, kHourly);
  ASSERT_EQ(run({}), kExitDone);
  EXPECT_THAT(out_, HasSubstr(name));
  width_ = 60;
  cut_ = true;
  ASSERT_EQ(run({}), kExitDone);
  EXPECT_THAT(out_, AllOf(HasSubstr("nnn…\n"), Not(HasSubstr(std::string(60, 'n')))));
}

TEST_F(Simulate, CountsADayFromNowOn) {
  write_row("hourly", kHourly);
  write_row("daily", kEachNight);
  ASSERT_EQ(run({}), kExitDone) << err_;
  EXPECT_THAT(out_, StartsWith("2026-11-21T10:00:00Z to 2026-11-22T10:00:00Z, 1 day, 2 actions with 2 different schedules\n"));
  EXPECT_THAT(out_,
              AllOf(HasSubstr("Fires    25, on average 1.0 an hour"), HasSubstr("Peak     2 in the second 2026-11-22T03:00:00Z"),
                    HasSubstr("2026-11-22 03:00  2  █"), HasSubstr("FIRES  ID  NAME\n   24   1  hourly\n    1   2  daily\n")));
  EXPECT_THAT(err_, IsEmpty());
}

TEST_F(Simulate, TakesDatesAndLeavesOutDisabledAndFaultyRows) {
  write_row("hourly", kHourly);
  write_row("off", kHourly, "0");
  write_row("bad", "nothing");
  ASSERT_EQ(run(between("2026-12-01", "2027-01-01")), kExitDone) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("31 days, 1 action with 1 schedule"), HasSubstr("Fires    744"),
                          HasSubstr("Fires in each 1 day"), HasSubstr("2026-12-31  24  ")));
  EXPECT_EQ(err_, "1 row is disabled and left out\n1 row has a fault and cannot fire; action-scheduler check names each\n");
}

TEST_F(Simulate, PrintsEveryFireForMachines) {
  write_row("daily \"one\"", kEachNight);
  SimulateOptions options = between("2026-12-01T02:00:00Z", "2026-12-03 03:00:00");
  options.json = true;
  ASSERT_EQ(run(options), kExitDone);
  EXPECT_EQ(out_,
            "{\"id\":\"1@2026-12-01T03:00:00Z\",\"action\":1,\"name\":\"daily \\\"one\\\"\",\"time\":\"2026-12-01T03:00:00Z\","
            "\"due\":\"2026-12-01T03:00:00Z\"}\n"
            "{\"id\":\"1@2026-12-02T03:00:00Z\",\"action\":1,\"name\":\"daily \\\"one\\\"\",\"time\":\"2026-12-02T03:00:00Z\","
            "\"due\":\"2026-12-02T03:00:00Z\"}\n");
}

TEST_F(Simulate, DrawsAPicture) {
  write_row("hourly", kHourly);
  const std::string file = (folder_ / "out.svg").string();
  SimulateOptions options;
  options.svg = file;
  ASSERT_EQ(run(options), kExitDone) << err_;
  std::stringstream svg;
  svg << std::ifstream(file).rdbuf();
  EXPECT_THAT(svg.str(), AllOf(StartsWith("<svg "), EndsWith("</svg>\n"), HasSubstr("24 fires of 1 action, in each 1 hour"),
                               HasSubstr("2026-11-21T10:00:00Z: 1")));
  options.svg = "/nowhere/out.svg";
  EXPECT_EQ(run(options), kExitFailed);
  EXPECT_THAT(err_, HasSubstr("--svg: \"/nowhere/out.svg\" cannot be written"));
}

TEST_F(Simulate, SaysThatNothingFires) {
  write_row("never", R"({"format":"unix","params":{"value":"0 0 30 2 *"}})");
  ASSERT_EQ(run({}), kExitDone);
  EXPECT_THAT(
      out_, AllOf(HasSubstr("Fires    0\n"), HasSubstr("Silent   1 action does not fire in this time"), Not(HasSubstr("Peak"))));
}

TEST_F(Simulate, RefusesTimesThatItCannotUse) {
  EXPECT_EQ(run(between("tomorrow", "2026-12-01")), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("--from: expected a date or time such as 2026-12-01"));
  EXPECT_EQ(run(between("2026-12-01", "2026-12-01")), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("--to: 2026-12-01T00:00:00Z does not lie after --from"));
}

TEST_F(Simulate, FailsWithTheReasonWhereTheTableCannotBeRead) {
  settings_.actions_db.database = "/nowhere/actions.db";
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(simulate(settings_, {}, *parse_utc("2026-11-21T10:00:00Z"), {.out = out, .err = err}), kExitFailed);
  EXPECT_THAT(err.str(), HasSubstr("/nowhere/actions.db"));
}

TEST(BinWidth, IsOneThatPeopleKnow) {
  const Instant from = *parse_utc("2026-01-01T00:00:00Z");
  const auto words = [&](std::int64_t seconds) { return length_in_words(bin_width(from, from + Seconds{seconds})); };
  EXPECT_EQ(words(60), "1 second");
  EXPECT_EQ(words(3600), "1 minute");
  EXPECT_EQ(words(86400), "1 hour");
  EXPECT_EQ(words(30 * 86400), "1 day");
  EXPECT_EQ(words(365 * 86400), "7 days");
  EXPECT_LE((kLastInstant - kFirstInstant) / bin_width(kFirstInstant, kLastInstant), 60);
}

TEST(HistogramText, KeepsToTheWidthAndShowsWhatIsNotNothing) {
  const Instant from = *parse_utc("2026-01-01T00:00:00Z");
  const std::string text = histogram_text({from, from + Seconds{180}, Seconds{60}, {1'000'000, 1, 0}}, 60);
  EXPECT_EQ(
      text, "2026-01-01 00:00  1,000,000  " + [] {
        std::string bar;
        for (int i = 0; i < 31; ++i) bar += "█";
        return bar;
      }() + "\n2026-01-01 00:01          1  ▏\n2026-01-01 00:02          0\n");
}

}  // namespace
}  // namespace action_scheduler
