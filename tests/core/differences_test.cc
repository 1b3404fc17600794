// Where the fire times are deliberately not those of another scheduler. The comparison with them (tests/oracles) goes around
// these.
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;

std::string apscheduler(std::string_view params) { return cron_of("apscheduler", params); }

// There "/2", "-5" and whatever else stands behind a valid beginning are dropped, and `lastfoo` is `last`.
TEST(DifferenceToApscheduler, WhatStandsBehindAValidBeginningIsRefused) {
  for (const char* params :
       {R"("day_of_week":"mon-fri/2")", R"("month":"jan-5")", R"("day":"lastfoo")", R"("day":"2nd fri foo")"}) {
    EXPECT_NE(fault_of(apscheduler(params)), "") << params;
  }
}

// There it fires every second.
TEST(DifferenceToApscheduler, NoFieldAtAllIsRefused) { EXPECT_NE(fault_of(apscheduler("")), ""); }

// There digits of any script are taken.
TEST(DifferenceToApscheduler, DigitsAreThoseOfAscii) { EXPECT_NE(fault_of(apscheduler("\"hour\":\"\u0665\"")), ""); }

// There a skipped 02:30 fires at 03:30 local time, 07:30 UTC.
TEST(DifferenceToApscheduler, ASkippedTimeFiresWhereTheGapEnds) {
  EXPECT_THAT(fires(apscheduler(R"("hour":2,"minute":30,"timezone":"America/New_York")"), "2026-03-08T00:00:00Z", 1),
              ElementsAre("2026-03-08T07:00:00Z"));
}

// There 01:30 fires in both of its occurrences.
TEST(DifferenceToApscheduler, ATimeThatOccursTwiceFiresOnce) {
  EXPECT_THAT(fires(apscheduler(R"("hour":1,"minute":30,"timezone":"America/New_York")"), "2026-11-01T00:00:00Z", 2),
              ElementsAre("2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"));
}

// There an interval without start_date counts from the moment at which it was made.
TEST(DifferenceToApscheduler, AnIntervalWithoutAStartCountsFrom1970) {
  EXPECT_THAT(fires(cron_of("interval", R"("hours":5)"), "2026-01-01T00:00:00Z", 1), ElementsAre("2026-01-01T04:00:00Z"));
}

// There the zone of the machine stands in.
TEST(DifferenceToApscheduler, WithoutAZoneItIsUtc) {
  EXPECT_THAT(fires(apscheduler(R"("hour":5)"), "2026-01-01T00:00:00Z", 1), ElementsAre("2026-01-01T05:00:00Z"));
}

// There, in from_crontab(), 1 is Tuesday.
TEST(DifferenceToApscheduler, OneIsMondayInUnix) {
  EXPECT_THAT(fires(unix_cron("0 0 * * 1"), "2026-01-01T00:00:00Z", 1), ElementsAre("2026-01-05T00:00:00Z"));
}

// There `5-5` is every value of the field.
TEST(DifferenceToCroniter, ARangeOfOneValueIsThatValue) {
  EXPECT_THAT(fires(unix_cron("0 0 1 7-7 *"), "2026-01-01T00:00:00Z", 2),
              ElementsAre("2026-07-01T00:00:00Z", "2027-07-01T00:00:00Z"));
}

// There a list that comes to all weekdays, `4,0-6` or `fri,*`, is a star, and the day of the month alone decides.
TEST(DifferenceToCroniter, OnlyAFieldThatBeginsWithAStarIsAStar) {
  for (const char* value : {"0 0 13 * 4,0-6", "0 0 13 * fri,*"}) {
    EXPECT_THAT(fires(unix_cron(value), "2026-01-01T00:00:00Z", 2), ElementsAre("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"))
        << value;
  }
}

// There nothing at all is found, because November has no 31st.
TEST(DifferenceToCroniter, ADayThatNeverComesLeavesTheDayOfTheWeek) {
  EXPECT_THAT(fires(unix_cron("0 0 31 11 4"), "2026-01-01T00:00:00Z", 2),
              ElementsAre("2026-11-05T00:00:00Z", "2026-11-12T00:00:00Z"));
}

// There `*/2` in a day field is no star unless it is asked for (implement_cron_bug): either field would match.
TEST(DifferenceToCroniter, AStarWithAStepIsAStar) {
  EXPECT_THAT(fires(unix_cron("0 9 */2 * 1"), "2026-01-01T00:00:00Z", 2),
              ElementsAre("2026-01-05T09:00:00Z", "2026-01-19T09:00:00Z"));
}

// There the search ends after 50 years.
TEST(DifferenceToCroniter, RareDatesAreFound) {
  EXPECT_THAT(fires(apscheduler(R"("month":2,"day":29,"day_of_week":"mon")"), "2100-01-01T00:00:00Z", 1),
              ElementsAre("2112-02-29T00:00:00Z"));
}

}  // namespace
}  // namespace action_scheduler::testing
