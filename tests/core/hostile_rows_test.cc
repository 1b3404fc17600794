// What any column may hold where a table does not guard its types: each cell is good or a fault of its own row, whose message is
// one short printable line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "action_scheduler/action.h"
#include "action_scheduler/utf8.h"
#include "zones/system_zones.h"

namespace action_scheduler::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kDaily = R"({"format":"unix","params":{"value":"0 3 * * *"}})";

Row good_row() {
  Row row;
  row.id = 7;
  row[Column::name] = "nightly";
  row[Column::command] = "run";
  row[Column::cron] = kDaily;
  return row;
}

Row row_with(Column column, std::string text) {
  Row row = good_row();
  row[column] = std::move(text);
  return row;
}

std::string tz_database() {
  const char* directory = std::getenv("TZDIR");
  return directory != nullptr && *directory != '\0' ? directory : "/usr/share/zoneinfo";
}

class HostileRows : public ::testing::Test {
 protected:
  // The fault's message; empty if the row is good or disabled.
  std::string fault_of(const Row& row) {
    const ParsedRow parsed = parser_.parse(row.view());
    const auto* fault = std::get_if<RowFault>(&parsed);
    return fault == nullptr ? "" : fault->message;
  }

  SystemZones zones_;
  RowParser parser_{{{}, ""}, zones_};
};

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::vector<std::string> hostile_texts() {
  using namespace std::string_literals;
  std::vector<std::string> texts = {
      "",
      " ",
      "\0"s,
      "a\0b"s,
      "null",
      "NaN",
      "1e309",
      "-0",
      "0x10",
      "18446744073709551616",
      "-9223372036854775809",
      std::string(5000, '9'),
      "{}",
      "[]",
      "\"\"",
      "{\"format\":\"unix\",\"params\":{\"value\":\"\\u0000\"}}",
      "{\"a\":\"\\ud800\"}",
      "\n\nlevel=error event=forged",
      "\r\x1b[2J\x1b]0;title\x07",
      "\xc2\x9b"
      "31m",
      "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae",
      "\xef\xbb\xbf{}",
      "%s%n%x{}{0}$(id)`id`${jndi:ldap://x}",
      "'; DROP TABLE action; --",
      "\xff\xfe",
      "\xed\xa0\x80",
      "\xf4\x90\x80\x80",
      "\xc3",
      std::string(1'000'000, 'x'),
      std::string(1'000'000, '\0'),
      repeated("\xff", 100'000),
      repeated("й", 100'000),
      std::string(100'000, '['),
      repeated("{\"a\":", 100'000),
      repeated("{\"params\":", 20) + "1" + std::string(20, '}'),
      "{\"format\":\"unix\",\"params\":{\"value\":\"" + repeated("*,", 100'000) + "* * * * *\"}}",
      "{\"format\":\"interval\",\"params\":{\"seconds\":" + std::string(1000, '9') + "}}",
      "{\"format\":\"date\",\"params\":{\"run_date\":\"" + std::string(1000, '9') + "\"}}",
  };
  for (int byte = 0; byte < 256; ++byte) texts.emplace_back(1, static_cast<char>(byte));
  return texts;
}

TEST_F(HostileRows, AnyTextInAnyColumnIsGoodOrAFaultInOnePrintableLine) {
  for (const Column column : {Column::name, Column::command, Column::cron, Column::merge_missed, Column::actuality_time,
                              Column::enabled, Column::timezone, Column::topic, Column::key, Column::headers}) {
    for (const std::string& text : hostile_texts()) {
      const ParsedRow parsed = parser_.parse(row_with(column, text).view());
      const auto* fault = std::get_if<RowFault>(&parsed);
      if (fault == nullptr) continue;
      EXPECT_EQ(fault->column, column);
      std::string printable;
      append_printable(printable, fault->describe());
      EXPECT_EQ(printable, fault->describe());
      EXPECT_LT(fault->describe().size(), 700U) << fault->describe();
    }
    EXPECT_EQ(fault_of(good_row()), "") << "what was parsed before must not matter";
  }
}

TEST_F(HostileRows, ACommandANameAndAKeyMayBeAnyUtf8) {
  for (const std::string& text : hostile_texts()) {
    if (invalid_utf8_at(text)) continue;
    Row row = row_with(Column::command, text);
    row[Column::name] = text;
    row[Column::key] = text;
    const ParsedRow parsed = parser_.parse(row.view());
    ASSERT_TRUE(std::holds_alternative<Action>(parsed));
    EXPECT_EQ(std::get<Action>(parsed).text.command(), text);
    EXPECT_EQ(std::get<Action>(parsed).text.key(), text);
  }
}

struct HostileCell {
  Column column;
  std::string text;
  std::string message;
};
void PrintTo(const HostileCell& cell, std::ostream* out) { *out << column_name(cell.column) << ": " << cell.text.substr(0, 50); }

class HostileCells : public HostileRows, public ::testing::WithParamInterface<HostileCell> {};

TEST_P(HostileCells, GetTheirMessage) { EXPECT_EQ(fault_of(row_with(GetParam().column, GetParam().text)), GetParam().message); }

INSTANTIATE_TEST_SUITE_P(
    Catalogue, HostileCells,
    ::testing::Values(
        HostileCell{Column::name, "\xff", "not valid UTF-8 at byte 1"},
        HostileCell{Column::command, "run \xc3", "not valid UTF-8 at byte 5"},
        HostileCell{Column::key, "\xed\xa0\x80", "not valid UTF-8 at byte 1"},
        HostileCell{Column::merge_missed, std::string(1, '\0'), R"("\u0000" is not a boolean: allowed are true and false)"},
        HostileCell{Column::merge_missed, "1.0", R"("1.0" is not a boolean: allowed are true and false)"},
        HostileCell{Column::merge_missed, "\xff", "\"\uFFFD\" is not a boolean: allowed are true and false"},
        HostileCell{Column::enabled, "\x1b[2J", R"("\u001b[2J" is not a boolean: allowed are true and false)"},
        HostileCell{Column::actuality_time, "60.0", R"("60.0" is not a whole number of seconds)"},
        HostileCell{Column::actuality_time, "1e3", R"("1e3" is not a whole number of seconds)"},
        HostileCell{Column::actuality_time, "NaN", R"("NaN" is not a whole number of seconds)"},
        HostileCell{Column::actuality_time, "-9223372036854775809", R"("-9223372036854775809" is not a whole number of seconds)"},
        HostileCell{Column::actuality_time, std::string(1, '\0'), R"("\u0000" is not a whole number of seconds)"},
        HostileCell{Column::topic, std::string("a\0b", 3),
                    R"("a\u0000b" is not a topic name: 1 to 249 letters, digits, '.', '_' and '-' are allowed)"},
        HostileCell{Column::topic, "../etc/passwd",
                    R"("../etc/passwd" is not a topic name: 1 to 249 letters, digits, '.', '_' and '-' are allowed)"},
        HostileCell{Column::topic, "x\r\nce_id: 1",
                    R"("x\r\nce_id: 1" is not a topic name: 1 to 249 letters, digits, '.', '_' and '-' are allowed)"},
        HostileCell{Column::timezone, "\n\nlevel=error event=forged",
                    R"(unknown time zone "??level=error event=forged"; expected is the exact name of a zone in )" +
                        tz_database() + R"(, such as "Europe/Berlin" or "UTC")"},
        HostileCell{Column::timezone, std::string(1'000'000, 'x'),
                    "unknown time zone \"" + std::string(64, 'x') + "...\"; expected is the exact name of a zone in " +
                        tz_database() + R"(, such as "Europe/Berlin" or "UTC")"},
        HostileCell{Column::headers, "5", "5 is not an object of strings"},
        HostileCell{Column::headers, R"({"a":{"b":"c"}})", R"(header "a": an object is not a string)"},
        HostileCell{Column::headers, R"({"a":99999999999999999999})", R"(header "a": 99999999999999999999 is not a string)"},
        HostileCell{Column::headers, R"({"a\u0000b":"c"})", R"(header "a\u0000b": a name holds no NUL)"},
        HostileCell{Column::headers, R"({"ce_id":"1@2026-01-01T00:00:00Z"})",
                    R"(header "ce_id": names that begin with ce_ are the scheduler's own)"},
        HostileCell{Column::headers, R"({"CE_Type":"x"})",
                    R"(header "CE_Type": names that begin with ce_ are the scheduler's own)"},
        HostileCell{Column::headers, std::string("{}\0", 3), "not valid JSON at character 3: a NUL byte"},
        HostileCell{Column::headers, std::string(33, '['), "JSON nested deeper than 32 levels"},
        HostileCell{Column::cron, std::string(100'000, '['), "JSON nested deeper than 32 levels"},
        HostileCell{Column::cron, std::string(1, '\0'), "not valid JSON at character 1: a NUL byte"},
        HostileCell{Column::cron, "\xff", "not valid UTF-8 at byte 1"},
        HostileCell{Column::cron, R"({"format":"interval","params":{"seconds":1e400}})",
                    "params.seconds: 1e400 is a number with a fraction or exponent; expected is an integer of seconds"},
        HostileCell{Column::cron, R"({"format":"interval","params":{"seconds":18446744073709551616}})",
                    "params.seconds: 18446744073709551616 makes the interval longer than 315537897599 seconds, all the years "
                    "that there are"},
        HostileCell{Column::cron, R"({"format":"interval","params":{"weeks":9223372036854775807,"days":1}})",
                    "params.weeks: 9223372036854775807 makes the interval longer than 315537897599 seconds, all the years that "
                    "there are"},
        HostileCell{Column::cron, R"({"format":"interval","params":{"hours":-18446744073709551616}})",
                    "params.hours: -18446744073709551616 is negative; the least is 0"},
        HostileCell{Column::cron, R"({"format":"unix","params":{"value":"@daily","jitter":18446744073709551616}})",
                    "params.jitter: 18446744073709551616 is out of range; expected is an integer of seconds, 0-86400"},
        HostileCell{Column::cron, R"({"format":"date","params":{"run_date":")" + std::string(1000, '9') + "\"}}",
                    "params.run_date: \"" + std::string(60, '9') +
                        "...\" is not a date (2026-12-01) or date-time (2026-12-01T10:00:00, then nothing, Z or +03:00) that "
                        "exists in the years 1-9999"}));

TEST_F(HostileRows, AnEmptyCellThatMustNotBeIsNamed) {
  for (const Column column : {Column::name, Column::command, Column::cron}) {
    Row row = good_row();
    row[column].reset();
    const ParsedRow parsed = parser_.parse(row.view());
    ASSERT_TRUE(std::holds_alternative<RowFault>(parsed));
    const std::string name = column == Column::name ? "" : " (\"nightly\")";
    EXPECT_EQ(std::get<RowFault>(parsed).describe(),
              "row 7" + name + ", column " + std::string(column_name(column)) + ": is null, but a value is needed");
  }
}

TEST_F(HostileRows, TheMessageOfAHugeTextShowsItsStart) {
  EXPECT_THAT(fault_of(row_with(Column::topic, std::string(1'000'000, 'y'))), HasSubstr(std::string(60, 'y') + "...\" is not"));
  EXPECT_THAT(fault_of(row_with(Column::topic, "x" + repeated("й", 1000))), HasSubstr("\"x" + repeated("й", 29) + "...\" is not"))
      << "cut between characters";
}

TEST_F(HostileRows, ABadRowIsFollowedByGoodOnes) {
  for (ActionId id = 0; id < 1000; ++id) {
    Row row = id % 2 == 0 ? good_row() : row_with(Column::cron, repeated("[", static_cast<std::size_t>(id)));
    row.id = id;
    EXPECT_EQ(fault_of(row).empty(), id % 2 == 0) << id;
  }
}

}  // namespace
}  // namespace action_scheduler::testing
