// The words of what is refused: field, text, position, what is allowed, and for people who come from elsewhere what to write
// here.
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

// Of the value of the format `unix`.
std::string unix_fault(const std::string& value) {
  const std::string fault = fault_of(unix_cron(value));
  constexpr std::string_view kWhere = "params.value: ";
  return fault.starts_with(kWhere) ? fault.substr(kWhere.size()) : "elsewhere: " + fault;
}

// Of parameters of the format `apscheduler`.
std::string apscheduler_fault(const std::string& params) {
  const std::string fault = fault_of(cron_of("apscheduler", params));
  constexpr std::string_view kWhere = "params.";
  return fault.starts_with(kWhere) ? fault.substr(kWhere.size()) : "elsewhere: " + fault;
}

std::string zone_fault(const std::string& name) {
  const std::string fault = fault_of(unix_cron("* * * * *", name));
  const std::string where = "params.timezone: unknown time zone \"" + name + "\"";
  return fault.starts_with(where) ? fault.substr(where.size()) : "elsewhere: " + fault;
}

TEST(CronMessages, TellAStepThatIsLargerThanItsRange) {
  EXPECT_EQ(
      unix_fault("*/75 * * * *"),
      "\"*/75\" in minute at character 1: step is larger than the range 0-59: from 0 it leads to 75; allowed are steps 1-59");
  EXPECT_EQ(
      unix_fault("0 0 1 */12 *"),
      "\"*/12\" in month at character 7: step is larger than the range 1-12: from 1 it leads to 13; allowed are steps 1-11");
  EXPECT_EQ(unix_fault("0 8,10-11/2 * * *"),
            "\"10-11/2\" in hour at character 5: step is larger than the range 10-11: from 10 it leads to 12; allowed is 1");
  EXPECT_EQ(apscheduler_fault(R"("minute":"59/1")"),
            "minute: \"59/1\" at character 1: step is larger than the range 59-59: from 59 it leads to 60; leave it out");
  EXPECT_EQ(apscheduler_fault(R"("hour":"*/99999999999999999999")"),
            "hour: \"*/99999999999999999999\" at character 1: step is larger than the range 0-23; allowed are steps 1-23");
}

TEST(CronMessages, TellTheStepZero) {
  EXPECT_EQ(unix_fault("*/0 * * * *"), "\"*/0\" in minute at character 1: the step is 0; the least is 1");
  EXPECT_EQ(apscheduler_fault(R"("second":"0-30/0")"), "second: \"0-30/0\" at character 1: the step is 0; the least is 1");
}

TEST(CronMessages, TellAReversedRangeAndWriteItInTwo) {
  EXPECT_EQ(unix_fault("0 22-2 * * *"),
            "\"22-2\" in hour at character 3: the range is reversed: it has to ascend; write `22-23,0-2`");
  EXPECT_EQ(unix_fault("0 0 * * fri-mon"),
            "\"fri-mon\" in day of week at character 9: the range is reversed: it has to ascend; write `fri-sat,sun-mon`");
  EXPECT_EQ(unix_fault("0 0 * * 7-1"),
            "\"7-1\" in day of week at character 9: the range is reversed: it has to ascend; write `7,0-1`");
  EXPECT_EQ(apscheduler_fault(R"("day_of_week":"fri-mon")"),
            "day_of_week: \"fri-mon\" at character 1: the range is reversed: it has to ascend; write `fri-sun,mon`");
  EXPECT_EQ(apscheduler_fault(R"("hour":"22-2/2")"), "hour: \"22-2/2\" at character 1: the range is reversed: it has to ascend");
  EXPECT_EQ(apscheduler_fault(R"("year":"2030-2020")"),
            "year: \"2030-2020\" at character 1: the range is reversed: it has to ascend");
}

TEST(CronMessages, OfferRangesInTwoThatAreTaken) {
  for (const char* value : {"0 22-23,0-2 * * *", "0 0 * * fri-sat,sun-mon", "0 0 * * 7,0-1"}) {
    EXPECT_EQ(fault_of(unix_cron(value)), "") << value;
  }
  EXPECT_EQ(fault_of(cron_of("apscheduler", R"("day_of_week":"fri-sun,mon")")), "");
}

TEST(CronMessages, CountThePositionInTheValue) {
  EXPECT_EQ(unix_fault("  0\\t0  1,5,32 * *"), "\"32\" in day of month at character 12: 32 is out of range; allowed are 1-31");
  EXPECT_EQ(unix_fault("0 0 * 1,,3 *"), "\"1,,3\" in month at character 9: an element of its list is empty");
  EXPECT_EQ(unix_fault("1, 2 * * *"), "\"1,\" in minute at character 3: an element of its list is empty");
  EXPECT_EQ(apscheduler_fault(R"("month":" jan , foo")"),
            "month: \"foo\" at character 8: unknown name \"foo\"; allowed are 1-12 and jan-dec");
  EXPECT_EQ(apscheduler_fault(R"("hour":24)"), "hour: 24 is out of range; allowed are 0-23");
}

TEST(CronMessages, TellNumbersOutOfRange) {
  EXPECT_EQ(unix_fault("0 0 * * 8"), "\"8\" in day of week at character 9: 8 is out of range; allowed are 0-7 and sun-sat");
  EXPECT_EQ(unix_fault("99999999999999999999 * * * *"),
            "\"99999999999999999999\" in minute at character 1: the number is out of range; allowed are 0-59");
  EXPECT_EQ(apscheduler_fault(R"("week":"54")"), "week: \"54\" at character 1: 54 is out of range; allowed are 1-53");
}

TEST(CronMessages, TellUnknownNames) {
  EXPECT_EQ(
      unix_fault("0 0 * * monday"),
      "\"monday\" in day of week at character 9: unknown name \"monday\" (did you mean \"mon\"?); allowed are 0-7 and sun-sat");
  EXPECT_EQ(
      unix_fault("0 jan * * *"),
      "\"jan\" in hour at character 3: this field has no names; allowed are `*`, numbers and ranges within 0-23, lists of them, "
      "and a step behind `*` or a range");
  EXPECT_EQ(apscheduler_fault(R"("day":"2nd friday")"),
            "day: \"2nd friday\" at character 1: unknown name \"friday\" (did you mean \"fri\"?); allowed are mon-sun");
  EXPECT_EQ(
      apscheduler_fault(R"("day":"fri")"),
      "day: \"fri\" at character 1: every `fri` is the field `day_of_week`; `day` takes `1st fri` to `5th fri` and `last fri`; "
      "allowed are `*`, `*/a`, `a`, `a-b`, `a-b/c` and `a/c` with numbers in 1-31, `2nd fri`, `last fri` and `last`, and lists "
      "of them");
}

TEST(CronMessages, TellWhatIsLeftOver) {
  EXPECT_EQ(apscheduler_fault(R"("day_of_week":"mon-fri/2")"),
            "day_of_week: \"mon-fri/2\" at character 1: \"/2\" is left over; names take no step, numbers do: `0-4/2`");
  EXPECT_EQ(apscheduler_fault(R"("month":"jan-5")"),
            "month: \"jan-5\" at character 1: \"-5\" is left over; a range is of two numbers or of two names");
  EXPECT_EQ(apscheduler_fault(R"("day":"lastfoo")"),
            "day: \"lastfoo\" at character 1: \"foo\" is left over; `last` takes a weekday, as in `last fri`, or nothing");
  EXPECT_EQ(apscheduler_fault(R"("day":"2nd fri foo")"),
            "day: \"2nd fri foo\" at character 1: \" foo\" is left over; `2nd` takes a weekday, as in `2nd fri`");
  EXPECT_EQ(apscheduler_fault(R"("hour":"1 - 2")"),
            "hour: \"1 - 2\" at character 1: \" - 2\" is left over; blanks stand around commas only");
  EXPECT_EQ(apscheduler_fault(R"("hour":"5.0")"), "hour: \"5.0\" at character 1: \".0\" is left over; numbers are whole");
  EXPECT_EQ(
      unix_fault("1-2-3 * * * *"),
      "\"1-2-3\" in minute at character 1: \"-3\" is left over; allowed are `*`, numbers and ranges within 0-59, lists of them, "
      "and a step behind `*` or a range");
}

TEST(CronMessages, TellWrongTypesOfJson) {
  EXPECT_EQ(apscheduler_fault(R"("hour":[1])"), "hour: an array; expected is an integer or a string");
  EXPECT_EQ(apscheduler_fault(R"("hour":5.0)"),
            "hour: 5.0 is a number with a fraction or exponent; expected is an integer or a string");
  EXPECT_EQ(apscheduler_fault(R"("hour":true)"), "hour: true is a boolean; expected is an integer or a string");
  EXPECT_EQ(fault_of(R"({"format":"unix","params":{"value":["* * * * *"]}})"),
            "params.value: an array; expected is a text such as \"0 9 * * 1-5\"");
  EXPECT_EQ(fault_of(cron_of("interval", R"("seconds":{})")), "params.seconds: an object; expected is an integer of seconds");
}

TEST(CronMessages, KnowSundayAsSeven) {
  const std::string reason =
      "7 is out of range; allowed are 0-6 and mon-sun: this format counts from Monday = 0, so Sunday is 6 or `sun` (the format "
      "`unix` takes 7)";
  EXPECT_EQ(apscheduler_fault(R"("day_of_week":7)"), "day_of_week: " + reason);
  EXPECT_EQ(apscheduler_fault(R"("day_of_week":"0,5-7")"), "day_of_week: \"5-7\" at character 3: " + reason);
}

TEST(CronMessages, KnowQuartz) {
  EXPECT_EQ(unix_fault("0 0 ? * *"), "\"?\" in day of month at character 5: `?` is Quartz's; write `*`");
  for (const char* item : {"L", "L-3", "5L"}) {
    EXPECT_EQ(unix_fault(std::string("0 0 ") + item + " * *"),
              "\"" + std::string(item) +
                  "\" in day of month at character 5: `L` is Quartz's; the format `apscheduler` has it as "
                  "`last` and `last fri` in its field `day`");
  }
  for (const char* item : {"15W", "LW"}) {
    EXPECT_EQ(unix_fault(std::string("0 0 ") + item + " * *"),
              "\"" + std::string(item) +
                  "\" in day of month at character 5: `W` (the nearest working day) is Quartz's, and none of "
                  "the formats here has it");
  }
  EXPECT_EQ(
      unix_fault("0 0 * * 5#2"),
      "\"5#2\" in day of week at character 9: `#` is Quartz's; the format `apscheduler` has it as `2nd fri` in its field `day`");
  EXPECT_EQ(
      unix_fault("0 0 * * friL"),
      "\"friL\" in day of week at character 9: `L` is Quartz's; the format `apscheduler` has it as `last` and `last fri` in "
      "its field `day`");
  EXPECT_EQ(
      unix_fault("5/15 * * * *"),
      "\"5/15\" in minute at character 1: a single value takes no step; write `5-59/15` (the format `apscheduler` takes it as "
      "it is)");
  EXPECT_EQ(unix_fault("0 0 * * 3/2"), "\"3/2\" in day of week at character 9: a single value takes no step; write `3-7/2`");
  EXPECT_EQ(unix_fault("30/30 * * * *"), "\"30/30\" in minute at character 1: a single value takes no step; write `30`");
  EXPECT_EQ(unix_fault("0 0 31/1 * *"), "\"31/1\" in day of month at character 5: a single value takes no step; write `31`");
  EXPECT_THAT(unix_fault("60/70 * * * *"), ::testing::HasSubstr("out of range"));
  EXPECT_EQ(unix_fault("0 0 12 * * ?"),
            "\"0 0 12 * * ?\" has 6 fields; expected are 5: minute hour day-of-month month day-of-week, such as \"0 9 * * 1-5\"; "
            "seconds (the first of six, as in Quartz) and years (the last) are the fields `second` and `year` of the format "
            "`apscheduler`");
  EXPECT_EQ(unix_fault("1, 2 * * * *"),
            "\"1, 2 * * * *\" has 6 fields; expected are 5: minute hour day-of-month month day-of-week, such as \"0 9 * * 1-5\"; "
            "a list stands without blanks, such as `1,2`");
  EXPECT_THAT(apscheduler_fault(R"("day":"second fri")"),
              ::testing::StartsWith("day: \"second fri\" at character 1: positions are 1st, 2nd, 3rd, 4th, 5th and last;"));
  EXPECT_THAT(apscheduler_fault(R"("day":"?")"), ::testing::StartsWith("day: \"?\" at character 1: `?` is Quartz's; write `*`"));
  for (const char* item : {"L", "LW", "15W", "5L", "5#2"}) {
    for (const char* field : {"day", "day_of_week"}) {
      const std::string fault = apscheduler_fault('"' + std::string(field) + "\":\"" + item + '"');
      EXPECT_THAT(fault, ::testing::HasSubstr("is Quartz's")) << field << ' ' << item;
    }
  }
}

TEST(CronMessages, KnowOtherCrons) {
  EXPECT_EQ(unix_fault("~ * * * *"),
            "\"~\" in minute at character 1: `~` (a random value) is cronie's; here the parameter `jitter` spreads fires");
  EXPECT_EQ(
      unix_fault("H/15 * * * *"),
      "\"H/15\" in minute at character 1: `H` (a value from a hash) is Jenkins'; here the parameter `jitter` spreads fires");
  const std::string allowed = "; allowed are @yearly @annually @monthly @weekly @daily @midnight @hourly";
  EXPECT_EQ(unix_fault("@reboot"),
            "\"@reboot\" at character 1 is not known: it names no time, and none of the formats has it" + allowed);
  EXPECT_EQ(unix_fault("@every 5m"),
            "\"@every 5m\" at character 1 is not known: it is the format `interval`, such as {\"minutes\": 5}" + allowed);
  EXPECT_EQ(unix_fault(" @dialy"), "\"@dialy\" at character 2 is not known (did you mean \"@daily\"?)" + allowed);
  EXPECT_THAT(unix_fault("CRON_TZ=Asia/Tokyo 0 9 * * *"),
              ::testing::EndsWith("; the zone does not stand in the value: it is the parameter `timezone`"));
  EXPECT_THAT(apscheduler_fault(R"("hour":"@daily")"), ::testing::HasSubstr("names with `@` are the format `unix`"));
}

TEST(CronMessages, PointAtWhatSeparatesNoFields) {
  EXPECT_THAT(unix_fault("0 0 *\\n* *"),
              ::testing::EndsWith("; only blanks and tabs separate them, and there is \"\\n\" at character 6"));
  EXPECT_THAT(unix_fault("0\u00a00 * * *"),
              ::testing::EndsWith("; only blanks and tabs separate them, and there is \"\u00a0\" at character 2"));
  EXPECT_EQ(unix_fault("\u0665 * * * *"), "\"\u0665\" in minute at character 1: digits and letters are those of ASCII");
}

// Found by the fuzzer: a DEL, and with it whatever steers a terminal, went into the message as it was.
TEST(CronMessages, EscapeControlCharacters) {
  EXPECT_THAT(fault_of("\x7f"), ::testing::HasSubstr("near \"\\u007f\""));
  EXPECT_THAT(unix_fault("\u009b31m * * * *"), ::testing::StartsWith("\"\\u009b31m\" in minute"));
  EXPECT_THAT(unix_fault("1\u2028 * * * *"), ::testing::StartsWith("\"1\\u2028\" in minute"));
  EXPECT_THAT(unix_fault("\u202e1 * * * *"), ::testing::StartsWith("\"\\u202e1\" in minute"));
  EXPECT_THAT(unix_fault("\u00e9 * * * *"), ::testing::StartsWith("\"\u00e9\" in minute"));
}

TEST(CronMessages, NameTheFormatThatHasAParameter) {
  EXPECT_THAT(fault_of(R"({"format":"unix","params":{"hour":1}})"),
              ::testing::StartsWith("params: unknown key \"hour\" (the format `apscheduler` has it); allowed are value"));
  EXPECT_THAT(fault_of(cron_of("apscheduler", R"("value":"* * * * *")")), ::testing::HasSubstr("the format `unix` has it"));
  EXPECT_THAT(fault_of(cron_of("date", R"("hours":1)")), ::testing::HasSubstr("the format `interval` has it"));
  EXPECT_THAT(fault_of(cron_of("interval", R"("run_date":"2026-01-01")")), ::testing::HasSubstr("the format `date` has it"));
}

TEST(CronMessages, KnowWhatIsNoTimeZone) {
  EXPECT_EQ(zone_fault("+03:00"), "; an offset is no zone: the one that is always at +03:00 is \"Etc/GMT-3\"");
  EXPECT_EQ(zone_fault("UTC-5"), "; an offset is no zone: the one that is always at -05:00 is \"Etc/GMT+5\"");
  EXPECT_EQ(zone_fault("+0530"), "; an offset is no zone, a place is");
  EXPECT_EQ(zone_fault("CET-1CEST,M3.5.0,M10.5.0/3"), "; a POSIX rule is no zone");
  EXPECT_EQ(zone_fault("<+03>-3"), "; a POSIX rule is no zone");
  EXPECT_EQ(zone_fault("Z"), "; write \"UTC\"");
  EXPECT_EQ(zone_fault("posix/Europe/Berlin"), "; write it without \"posix/\"");
  EXPECT_THAT(zone_fault("localtime"), ::testing::StartsWith("; name the zone itself"));
  EXPECT_EQ(zone_fault("Europe/Berln"), "");
}

TEST(CronMessages, TellTheZoneOfTheColumnToo) {
  EXPECT_EQ(
      fault_of(cron_of("interval", R"("days":1)"), {.column = "+01:00", .configured = {}}),
      "column timezone: unknown time zone \"+01:00\"; an offset is no zone: the one that is always at +01:00 is \"Etc/GMT-1\"");
}

}  // namespace
}  // namespace action_scheduler::testing
