// The four rules for changes of a zone's offset.
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Texts between(std::string_view fields, std::string_view zone, std::string_view after, std::string_view until) {
  return fires_between(trigger_of(unix_cron(fields, zone)), after, until);
}

TEST(Gap, FiresASkippedTimeOnceWhereTheGapEnds) {
  EXPECT_THAT(between("30 2 * * *", "America/New_York", "2026-03-08T05:00:00Z", "2026-03-09T05:00:00Z"),
              ElementsAre("2026-03-08T07:00:00Z"));
  EXPECT_THAT(between("0 2,3 * * *", "America/New_York", "2026-03-08T05:00:00Z", "2026-03-09T05:00:00Z"),
              ElementsAre("2026-03-08T07:00:00Z"));
  EXPECT_THAT(between("*/5 2 * * *", "America/New_York", "2026-03-08T05:00:00Z", "2026-03-09T05:00:00Z"),
              ElementsAre("2026-03-08T07:00:00Z"));
}

TEST(Gap, ADayLongOneFiresOnce) {
  EXPECT_THAT(between("0 */6 30 12 *", "Pacific/Apia", "2011-01-01T00:00:00Z", "2012-02-01T00:00:00Z"),
              ElementsAre("2011-12-30T10:00:00Z"));
}

TEST(Gap, HasNothingExtraForAScheduleOfAllHours) {
  EXPECT_THAT(between("30 * * * *", "America/New_York", "2026-03-08T06:00:00Z", "2026-03-08T08:00:00Z"),
              ElementsAre("2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z"));
}

TEST(Gap, AtMidnightMovesTheDaysFirstFireToOneOClock) {
  EXPECT_THAT(between("0 0 * * *", "America/Sao_Paulo", "2018-11-03T04:00:00Z", "2018-11-05T04:00:00Z"),
              ElementsAre("2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"));
}

TEST(Overlap, FiresATimeOnceAtItsFirstOccurrence) {
  EXPECT_THAT(between("30 1 * * *", "America/New_York", "2026-11-01T04:00:00Z", "2026-11-02T04:00:00Z"),
              ElementsAre("2026-11-01T05:30:00Z"));
  EXPECT_THAT(between("30 1 * * *", "America/New_York", "2026-11-01T05:45:00Z", "2026-11-02T04:00:00Z"), IsEmpty());
  EXPECT_THAT(between("0,30 1-2 * * *", "America/New_York", "2026-11-01T04:00:00Z", "2026-11-02T04:00:00Z"),
              ElementsAre("2026-11-01T05:00:00Z", "2026-11-01T05:30:00Z", "2026-11-01T07:00:00Z", "2026-11-01T07:30:00Z"));
}

TEST(Overlap, AtMidnightDoesNotRepeatTheDayBefore) {
  EXPECT_THAT(between("30 23 * * *", "America/Sao_Paulo", "2019-02-16T12:00:00Z", "2019-02-17T12:00:00Z"),
              ElementsAre("2019-02-17T01:30:00Z"));
}

TEST(Overlap, OfAScheduleOfAllHoursFiresBothTimes) {
  EXPECT_THAT(between("30 * * * *", "America/New_York", "2026-11-01T05:00:00Z", "2026-11-01T07:00:00Z"),
              ElementsAre("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"));
  EXPECT_THAT(between("30 0-23 * * *", "Australia/Lord_Howe", "2026-04-04T14:00:00Z", "2026-04-04T15:59:00Z"),
              ElementsAre("2026-04-04T14:30:00Z", "2026-04-04T15:00:00Z"));
}

TEST(Overlap, OfAScheduleThatRepeatsWithinTheHourFiresBothTimes) {
  EXPECT_THAT(between("*/30 0-5 * * *", "America/New_York", "2026-11-01T05:00:00Z", "2026-11-01T07:00:00Z"),
              ElementsAre("2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z"));
  EXPECT_THAT(between("0,30 0-5 * * *", "America/New_York", "2026-11-01T05:00:00Z", "2026-11-01T07:00:00Z"),
              ElementsAre("2026-11-01T05:30:00Z", "2026-11-01T07:00:00Z"));
}

TEST(Overlap, CountsAFieldThatIsNotGivenAboveTheLeastSignificantAsAStar) {
  const auto count = [](std::string_view members) {
    return trigger_of(cron_of("apscheduler", std::string(members) + R"(,"timezone":"America/New_York")"))
        .count(at("2026-11-01T04:59:59Z"), at("2026-11-01T06:59:59Z"));
  };
  EXPECT_EQ(count(R"("hour":1,"second":0)"), 120U);                // the minute is a star
  EXPECT_EQ(count(R"("hour":1,"minute":"0-59")"), 60U);            // no star
  EXPECT_EQ(count(R"("hour":1,"minute":0,"second":"*/30")"), 4U);  // the second is one
  EXPECT_EQ(count(R"("hour":1)"), 1U);
}

TEST(LordHowe, MovesItsClockByHalfAnHour) {
  EXPECT_THAT(between("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", "2026-10-04T00:00:00Z"),
              ElementsAre("2026-10-03T15:30:00Z"));
  EXPECT_THAT(between("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", "2026-04-05T00:00:00Z"),
              ElementsAre("2026-04-04T14:45:00Z"));
}

TEST(Rules, GoOnFarBeyondTheListedTransitions) {
  EXPECT_THAT(between("30 2 * * *", "Europe/Berlin", "9998-03-28T12:00:00Z", "9998-03-29T12:00:00Z"),
              ElementsAre("9998-03-29T01:00:00Z"));
}

}  // namespace
}  // namespace action_scheduler::testing
