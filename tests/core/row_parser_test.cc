// Rows become actions, or faults that name the column to mend.
#include "action_scheduler/action.h"
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Row row(ActionId id = 42) {
  Row row;
  row.id = id;
  row[Column::name] = "nightly";
  row[Column::command] = "run";
  row[Column::cron] = unix_cron("0 3 * * *");
  return row;
}

Row row_with(Column column, std::string text) {
  Row changed = row();
  changed[column] = std::move(text);
  return changed;
}

class RowParsing : public ::testing::Test {
 protected:
  Action good(const Row& row) {
    ParsedRow parsed = parser_.parse(row.view());
    if (const auto* fault = std::get_if<RowFault>(&parsed)) throw std::runtime_error(fault->describe());
    return std::get<Action>(std::move(parsed));
  }
  RowFault fault(const Row& row) {
    const ParsedRow parsed = parser_.parse(row.view());
    const auto* found = std::get_if<RowFault>(&parsed);
    if (found == nullptr) throw std::runtime_error("the row has no fault");
    return *found;
  }
  bool disabled(const Row& row) { return std::holds_alternative<Disabled>(parser_.parse(row.view())); }

  RowParser parser_{{{true, Seconds{30}}, ""}, fake_zones()};
};

TEST_F(RowParsing, TakesTheDefaultsWhereCellsAreNull) {
  const Action action = good(row());
  EXPECT_EQ(action.id, 42);
  EXPECT_EQ(action.text.name(), "nightly");
  EXPECT_EQ(action.text.command(), "run");
  EXPECT_EQ(action.text.topic(), std::nullopt);
  EXPECT_EQ(action.text.key(), std::nullopt);
  EXPECT_FALSE(action.text.has_headers());
  EXPECT_EQ(action.policy, (MissedPolicy{true, Seconds{30}}));
  EXPECT_EQ(action.trigger.zone().name(), "UTC");
}

TEST_F(RowParsing, TakesWhatTheCellsSay) {
  Row full = row();
  full[Column::merge_missed] = "f";
  full[Column::actuality_time] = "7";
  full[Column::enabled] = "t";
  full[Column::timezone] = "Europe/Berlin";
  full[Column::cron] = R"({"format":"unix","params":{"value":"0 3 * * *"}})";
  full[Column::topic] = "a.b_c-9";
  full[Column::key] = "";
  full[Column::headers] = R"({"x":"1","y":""})";
  const Action action = good(full);
  EXPECT_EQ(action.policy, (MissedPolicy{false, Seconds{7}}));
  EXPECT_EQ(action.trigger.zone().name(), "Europe/Berlin");
  EXPECT_EQ(action.text.topic(), "a.b_c-9");
  EXPECT_EQ(action.text.key(), "");
  EXPECT_THAT(action.text.headers(), ElementsAre(Pair("x", "1"), Pair("y", "")));
}

TEST_F(RowParsing, ReadsBooleansAsBothDatabasesPrintThem) {
  for (const char* text : {"t", "true", "TRUE", "1"})
    EXPECT_TRUE(good(row_with(Column::merge_missed, text)).policy.merge) << text;
  for (const char* text : {"f", "false", "False", "0"}) {
    EXPECT_FALSE(good(row_with(Column::merge_missed, text)).policy.merge) << text;
    EXPECT_TRUE(disabled(row_with(Column::enabled, text))) << text;
  }
}

TEST_F(RowParsing, TakesANegativeActualityTimeForForEver) {
  for (const char* text : {"-1", "-9223372036854775807"}) {
    EXPECT_EQ(good(row_with(Column::actuality_time, text)).policy.actuality, std::nullopt) << text;
  }
  EXPECT_EQ(good(row_with(Column::actuality_time, "0")).policy.actuality, Seconds{0});
  EXPECT_EQ(good(row_with(Column::actuality_time, "9223372036854775807")).policy.actuality, Seconds{9223372036854775807});
}

TEST_F(RowParsing, DoesNotMindWhatElseIsWrongWithADisabledRow) {
  Row off = row_with(Column::cron, "nonsense");
  off[Column::enabled] = "f";
  off[Column::command].reset();
  off[Column::name] = "\xff";
  EXPECT_TRUE(disabled(off));
}

TEST_F(RowParsing, WantsNameCommandAndSchedule) {
  for (const Column column : {Column::name, Column::command, Column::cron}) {
    Row missing = row();
    missing[column].reset();
    const RowFault found = fault(missing);
    EXPECT_EQ(found.column, column);
    EXPECT_THAT(found.message, HasSubstr("null"));
  }
}

TEST_F(RowParsing, SaysWhereATextStopsBeingUtf8) {
  for (const Column column : {Column::name, Column::command, Column::cron, Column::timezone, Column::topic, Column::key}) {
    for (const std::string bad : {"\x80", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
      const RowFault found = fault(row_with(column, "\xd0\xb9 " + bad));
      EXPECT_EQ(found.column, column);
      EXPECT_THAT(found.message, HasSubstr("UTF-8 at byte 4"));
    }
  }
  EXPECT_EQ(good(row_with(Column::command, "й€😀\xf4\x8f\xbf\xbf")).text.command(), "й€😀\xf4\x8f\xbf\xbf");
}

struct BadCell {
  Column column;
  std::string text;
  std::string named;    // the offending text as the message quotes it
  std::string allowed;  // and what would have been right
};

class BadCells : public RowParsing, public ::testing::WithParamInterface<BadCell> {};

TEST_P(BadCells, AreNamedWithTheirColumnTheirTextAndWhatIsAllowed) {
  const BadCell& bad = GetParam();
  const RowFault found = fault(row_with(bad.column, bad.text));
  EXPECT_EQ(found.id, 42);
  EXPECT_EQ(found.name, "nightly");
  EXPECT_EQ(found.column, bad.column);
  EXPECT_THAT(found.message, AllOf(HasSubstr(bad.named), HasSubstr(bad.allowed)));
  EXPECT_EQ(found.message.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    RowParsing, BadCells,
    ::testing::Values(
        BadCell{Column::enabled, "yes", "\"yes\"", "true and false"}, BadCell{Column::enabled, "", "\"\"", "true and false"},
        BadCell{Column::merge_missed, "2", "\"2\"", "true and false"},
        BadCell{Column::merge_missed, "truex", "\"truex\"", "true and false"},
        BadCell{Column::actuality_time, "", "\"\"", "whole number of seconds"},
        BadCell{Column::actuality_time, "-", "\"-\"", "whole number of seconds"},
        BadCell{Column::actuality_time, "1.5", "\"1.5\"", "whole number of seconds"},
        BadCell{Column::actuality_time, "+1", "\"+1\"", "whole number of seconds"},
        BadCell{Column::actuality_time, " 1", "\" 1\"", "whole number of seconds"},
        BadCell{Column::actuality_time, "9223372036854775808", "\"9223372036854775808\"", "whole number of seconds"},
        BadCell{Column::topic, "", "\"\"", "1 to 249 letters"}, BadCell{Column::topic, ".", "\".\"", "1 to 249 letters"},
        BadCell{Column::topic, "..", "\"..\"", "1 to 249 letters"},
        BadCell{Column::topic, "a b", "\"a b\"", "letters, digits, '.', '_' and '-'"},
        BadCell{Column::topic, "й", "\"й\"", "letters, digits, '.', '_' and '-'"},
        BadCell{Column::topic, std::string(250, 'x'), "...\"", "1 to 249 letters"},
        BadCell{Column::headers, "", "not valid JSON", ""}, BadCell{Column::headers, "[]", "an array", "object of strings"},
        BadCell{Column::headers, "\"a\"", "\"a\"", "object of strings"},
        BadCell{Column::headers, R"({"a":1})", "header \"a\": 1", "not a string"},
        BadCell{Column::headers, R"({"a":null})", "header \"a\": null", "not a string"},
        BadCell{Column::headers, R"({"a":["b"]})", "header \"a\": an array", "not a string"},
        BadCell{Column::headers, R"({"":"b"})", "empty name", ""},
        BadCell{Column::headers, R"({"a":"1","a":"2"})", "\"a\"", "twice"},
        BadCell{Column::headers, "{\"a\":\"\xff\"}", "not valid JSON", ""}, BadCell{Column::cron, "", "not valid JSON", ""},
        BadCell{Column::cron, "[]", "an array", "object"},
        BadCell{Column::cron, R"({"format":"quartz","params":{}})", "\"quartz\"", "unix"},
        BadCell{Column::cron, R"({"format":"unix","params":{"value":"61 * * * *"}})", "61", "0-59"},
        BadCell{Column::timezone, "Mars/Base", "\"Mars/Base\"", "unknown time zone"},
        BadCell{Column::timezone, "", "\"\"", "unknown time zone"}));

TEST_F(RowParsing, BoundsTheNumberOfHeaders) {
  const auto headers = [](int count) {
    std::string text = "{";
    for (int i = 0; i < count; ++i) text += (i > 0 ? ",\"h" : "\"h") + std::to_string(i) + "\":\"\"";
    return text + "}";
  };
  EXPECT_EQ(good(row_with(Column::headers, headers(100))).text.headers().size(), 100U);
  EXPECT_THAT(fault(row_with(Column::headers, headers(101))).message, HasSubstr("more than 100"));
  EXPECT_FALSE(good(row_with(Column::headers, "null")).text.has_headers());
}

TEST_F(RowParsing, DescribesAFaultInOneLineThatARowCannotForge) {
  Row bad = row_with(Column::topic, "a\nb");
  bad[Column::name] = "x\ny";
  EXPECT_THAT(fault(bad).describe(), AllOf(HasSubstr(R"(row 42 ("x\ny"), column topic: "a\nb")"), Not(HasSubstr("\n"))));
}

TEST_F(RowParsing, ReadsABadZoneEvenWhereTheScheduleHasAGoodOne) {
  EXPECT_THAT(fault(row_with(Column::timezone, "Nowhere")).message, HasSubstr("Nowhere"));
}

TEST_F(RowParsing, KeepsTheFaultOfTheScheduleWhereTheZoneIsGood) {
  Row bad = row_with(Column::cron, unix_cron("* * * *"));
  bad[Column::timezone] = "UTC";
  EXPECT_EQ(fault(bad).column, Column::cron);
}

// Counts who asks for zones: a schedule that is parsed asks.
class CountingZones : public ZoneSource {
 public:
  Result<const Zone*> find(std::string_view name) override {
    ++asked;
    return fake_zones().find(name);
  }
  int asked = 0;
};

TEST(RowParser, ParsesEqualScheduleTextsOnce) {
  CountingZones zones;
  RowParser parser({{}, ""}, zones);
  const auto parse = [&](const Row& row) { return std::get<Action>(parser.parse(row.view())); };
  const Action first = parse(row(1));
  const int asked = zones.asked;
  EXPECT_EQ(parse(row(2)).trigger, first.trigger);
  EXPECT_EQ(zones.asked, asked);
  Row elsewhere = row(3);
  elsewhere[Column::cron] = R"({"format":"unix","params":{"value":"0 3 * * *"}})";
  const Trigger utc = parse(elsewhere).trigger;
  elsewhere[Column::timezone] = "Europe/Berlin";
  EXPECT_FALSE(parse(elsewhere).trigger == utc) << "the column is part of what is remembered";
}

TEST(RowParser, RemembersFaultsToo) {
  CountingZones zones;
  RowParser parser({{}, ""}, zones);
  const Row bad = row_with(Column::cron, unix_cron("61 * * * *"));
  const ParsedRow first = parser.parse(bad.view());
  const int asked = zones.asked;
  const ParsedRow second = parser.parse(bad.view());
  EXPECT_EQ(std::get<RowFault>(first), std::get<RowFault>(second));
  EXPECT_EQ(zones.asked, asked);
}

TEST(RowParser, NeedsTheConfiguredZoneToo) {
  RowParser parser({{}, "Nowhere"}, fake_zones());
  const ParsedRow parsed = parser.parse(row().view());
  ASSERT_TRUE(std::holds_alternative<RowFault>(parsed));
  EXPECT_EQ(std::get<RowFault>(parsed).column, Column::cron);
}

}  // namespace
}  // namespace action_scheduler::testing
