// Rows become actions, or faults that name the column to mend.
#include "action_scheduler/action.h"
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

using ::testing::HasSubstr;

Row good_row() {
  Row row;
  row.id = 7;
  row[Column::name] = "nightly";
  row[Column::command] = "backup";
  row[Column::cron] = unix_cron("0 3 * * *");
  return row;
}

ParsedRow parsed(const Row& row) {
  static RowParser parser({}, fake_zones());
  return parser.parse(row.view());
}

TEST(RowParser, MakesAnActionOfTheSixOldColumns) {
  const ParsedRow row = parsed(good_row());
  ASSERT_TRUE(std::holds_alternative<Action>(row));
  EXPECT_EQ(std::get<Action>(row).id, 7);
  EXPECT_EQ(std::get<Action>(row).text.command(), "backup");
}

struct BadCell {
  Column column;
  const char* cell;
  const char* says;
};

class RowParserFaults : public ::testing::TestWithParam<BadCell> {};

TEST_P(RowParserFaults, NameTheColumnAndQuoteItsText) {
  Row row = good_row();
  row[GetParam().column] = GetParam().cell;
  const ParsedRow result = parsed(row);
  ASSERT_TRUE(std::holds_alternative<RowFault>(result));
  const auto& fault = std::get<RowFault>(result);
  EXPECT_EQ(column_name(fault.column), column_name(GetParam().column));
  EXPECT_THAT(fault.message, HasSubstr(GetParam().says));
  EXPECT_THAT(fault.describe(), HasSubstr("row 7 (\"nightly\"), column " + std::string(column_name(GetParam().column)) + ": "));
}

INSTANTIATE_TEST_SUITE_P(EachColumn, RowParserFaults,
                         ::testing::Values(BadCell{Column::cron, R"({"format":"unix","params":{"value":"61 * * * *"}})", "61"},
                                           BadCell{Column::merge_missed, "maybe", "\"maybe\""},
                                           BadCell{Column::actuality_time, "soon", "\"soon\""},
                                           BadCell{Column::enabled, "perhaps", "\"perhaps\""},
                                           BadCell{Column::timezone, "Mars/Base", "unknown time zone \"Mars/Base\""},
                                           BadCell{Column::topic, "a b", "\"a b\""},
                                           BadCell{Column::headers, R"({"n":7})", "\"n\""}),
                         [](const auto& cell) { return std::string(column_name(cell.param.column)); });

TEST(RowParser, KeepsTheFaultOfTheScheduleWhereTheZoneIsGood) {
  Row row = good_row();
  row[Column::cron] = R"({"format":"unix","params":{"value":"* * * *"}})";
  row[Column::timezone] = "UTC";
  const ParsedRow result = parsed(row);
  ASSERT_TRUE(std::holds_alternative<RowFault>(result));
  EXPECT_EQ(std::get<RowFault>(result).column, Column::cron);
}

}  // namespace
}  // namespace action_scheduler::testing
