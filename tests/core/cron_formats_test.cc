// What each format names.
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct SameSchedule {
  std::string one;
  std::string other;
};

class UnixTextsThatMeanTheSame : public ::testing::TestWithParam<SameSchedule> {};

TEST_P(UnixTextsThatMeanTheSame, GiveEqualTriggers) {
  EXPECT_EQ(trigger_of(unix_cron(GetParam().one)).canonical(), trigger_of(unix_cron(GetParam().other)).canonical());
}

INSTANTIATE_TEST_SUITE_P(
    Unix, UnixTextsThatMeanTheSame,
    ::testing::Values(SameSchedule{"0 0 1 1 *", "@Yearly"}, SameSchedule{"0 0 1 1 *", " @ANNUALLY "},
                      SameSchedule{"0 0 1 * *", "@monthly"}, SameSchedule{"0 0 * * 0", "@weekly"},
                      SameSchedule{"0 0 * * *", "@daily"}, SameSchedule{"0 0 * * *", "@midnight"},
                      SameSchedule{"0 * * * *", "@hourly"}, SameSchedule{"0 0 * * 7", "0 0 * * SUN"},
                      SameSchedule{"0 0 * * fri-sun", "0 0 * * 0,5,6"}, SameSchedule{"0 0 * * 6-0", "0 0 * * 6,7"},
                      SameSchedule{"0 0 * * 5-7", "0 0 * * fri-0"}, SameSchedule{"0 0 * * mon-5", "0 0 * * 1-Fri"},
                      SameSchedule{"0 0 1 jan-3,DEC *", "0 0 1 1,2,3,12 *"}, SameSchedule{"*/20 5 * * *", "*/20,40 05 * * *"},
                      SameSchedule{"0 0-23 * * *", "0 */1 * * *"}, SameSchedule{"1-10/3 0 * * *", "1,4,7,10 0 * * *"},
                      SameSchedule{"0 9 */10 * *", "0 9 */10 * *"}, SameSchedule{"  0\\t0  *  * *\\t", "0 0 * * *"},
                      SameSchedule{"0 9 1-31 * 0-6", "0 9 * * *"}, SameSchedule{"0 9 */1 * mon", "0 9 * * 1"}));

TEST(UnixFormat, MatchesADayOnEitherFieldIfNeitherBeginsWithAStar) {
  EXPECT_THAT(fires(unix_cron("0 0 13 * fri"), "2026-02-01T00:00:00Z", 4),
              ElementsAre("2026-02-06T00:00:00Z", "2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z", "2026-02-27T00:00:00Z"));
  EXPECT_THAT(fires(unix_cron("0 0 1-31 * 1"), "2026-02-01T00:00:00Z", 2),
              ElementsAre("2026-02-02T00:00:00Z", "2026-02-03T00:00:00Z"));
}

TEST(UnixFormat, MatchesADayOnBothFieldsIfOneBeginsWithAStar) {
  EXPECT_THAT(fires(unix_cron("0 9 */2 * 1"), "2026-01-01T00:00:00Z", 3),
              ElementsAre("2026-01-05T09:00:00Z", "2026-01-19T09:00:00Z", "2026-02-09T09:00:00Z"));
  EXPECT_THAT(fires(unix_cron("0 9 13 * */5"), "2026-01-01T00:00:00Z", 2),
              ElementsAre("2026-02-13T09:00:00Z", "2026-03-13T09:00:00Z"));
  EXPECT_NE(trigger_of(unix_cron("0 9 1 * *,1")).canonical(), trigger_of(unix_cron("0 9 1 * 1,*")).canonical());
}

TEST(UnixFormat, FindsLeapDaysAndReportsNeverMatchingSchedules) {
  EXPECT_THAT(fires(unix_cron("0 0 29 2 *"), "2096-03-01T00:00:00Z", 1), ElementsAre("2104-02-29T00:00:00Z"));
  EXPECT_THAT(fires(unix_cron("0 0 30 2 *"), "2026-01-01T00:00:00Z", 1), IsEmpty());
  EXPECT_THAT(fires(unix_cron("0 0 31 4,6,9,11 *"), "2026-01-01T00:00:00Z", 1), IsEmpty());
}

TEST(UnixFormat, EndsWithTheLastInstant) {
  EXPECT_THAT(fires(unix_cron("* * * * *"), "9999-12-31T23:58:30Z", 5), ElementsAre("9999-12-31T23:59:00Z"));
  EXPECT_EQ(trigger_of(unix_cron("* * * * *")).next(Instant::max()), std::nullopt);
  EXPECT_EQ(trigger_of(unix_cron("* * * * *")).next(Instant::min()), kFirstInstant);
  EXPECT_EQ(trigger_of(unix_cron("* * * * *")).previous(Instant::min()), std::nullopt);
}

TEST(ApschedulerFormat, TakesIntegersAndStrings) {
  EXPECT_EQ(trigger_of(cron_of("apscheduler", R"("hour":5,"minute":"7")")),
            trigger_of(cron_of("apscheduler", R"("hour":"05","minute":7)")));
}

TEST(ApschedulerFormat, GivesTheFieldsBelowTheLeastSignificantOneTheirMinimum) {
  EXPECT_THAT(fires(cron_of("apscheduler", R"("month":6)"), "2026-01-01T00:00:00Z", 2),
              ElementsAre("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z"));
  EXPECT_THAT(fires(cron_of("apscheduler", R"("year":2030)"), "2026-01-01T00:00:00Z", 2), ElementsAre("2030-01-01T00:00:00Z"));
  EXPECT_THAT(fires(cron_of("apscheduler", R"("day_of_week":0)"), "2026-01-01T00:00:00Z", 1),
              ElementsAre("2026-01-05T00:00:00Z"));
  EXPECT_THAT(fires(cron_of("apscheduler", R"("week":1)"), "2026-01-02T00:00:00Z", 3),
              ElementsAre("2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z", "2027-01-04T00:00:00Z"));
  EXPECT_THAT(fires(cron_of("apscheduler", R"("second":"*/20","minute":null,"hour":null)"), "2026-01-01T00:00:00Z", 3),
              ElementsAre("2026-01-01T00:00:20Z", "2026-01-01T00:00:40Z", "2026-01-01T00:01:00Z"));
}

TEST(ApschedulerFormat, KnowsTheDaysOfAMonthByPosition) {
  EXPECT_THAT(fires(cron_of("apscheduler", R"("day":"LAST , 2nd Fri,last  mon")"), "2026-02-01T00:00:00Z", 4),
              ElementsAre("2026-02-13T00:00:00Z", "2026-02-23T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-13T00:00:00Z"));
  EXPECT_THAT(fires(cron_of("apscheduler", R"("day":"5th thu","month":"1-4")"), "2026-01-01T00:00:00Z", 2),
              ElementsAre("2026-01-29T00:00:00Z", "2026-04-30T00:00:00Z"));
}

TEST(ApschedulerFormat, CountsStepsFromTheFirstValue) {
  EXPECT_THAT(fires(cron_of("apscheduler", R"("minute":"50/4")"), "2026-01-01T00:00:00Z", 4),
              ElementsAre("2026-01-01T00:50:00Z", "2026-01-01T00:54:00Z", "2026-01-01T00:58:00Z", "2026-01-01T01:50:00Z"));
  EXPECT_THAT(fires(cron_of("apscheduler", R"("year":"*/100")"), "2026-01-01T00:00:00Z", 2),
              ElementsAre("2070-01-01T00:00:00Z", "2170-01-01T00:00:00Z"));
}

TEST(ApschedulerFormat, AndsAllFields) {
  EXPECT_THAT(fires(cron_of("apscheduler", R"("month":"feb","day":29,"day_of_week":"mon")"), "2026-01-01T00:00:00Z", 3),
              ElementsAre("2044-02-29T00:00:00Z", "2072-02-29T00:00:00Z", "2112-02-29T00:00:00Z"));
  EXPECT_THAT(fires(cron_of("apscheduler", R"("week":53,"day_of_week":"sun")"), "2026-01-01T00:00:00Z", 3),
              ElementsAre("2027-01-03T00:00:00Z", "2033-01-02T00:00:00Z", "2038-01-03T00:00:00Z"));
}

TEST(ApschedulerFormat, ReportsNeverMatchingSchedules) {
  for (const char* members : {R"("year":2020)", R"("month":2,"day":30)", R"("year":"2027-2099/2","month":2,"day":29)",
                              R"("month":7,"week":2)", R"("hour":1,"start_date":"2027-01-01","end_date":"2026-01-01")"}) {
    EXPECT_THAT(fires(cron_of("apscheduler", members), "2026-01-01T00:00:00Z", 1), IsEmpty()) << members;
  }
}

TEST(ApschedulerFormat, HasNoFireBefore1970) {
  EXPECT_EQ(trigger_of(cron_of("apscheduler", R"("second":"*")")).previous(instant_from_unix(0)), std::nullopt);
  EXPECT_EQ(trigger_of(cron_of("apscheduler", R"("second":"*")")).next(kFirstInstant), instant_from_unix(0));
}

TEST(IntervalFormat, CountsFromTheEpochSoThatNoRestartShiftsIt) {
  EXPECT_THAT(fires(cron_of("interval", R"("days":1,"timezone":"America/New_York")"), "2026-01-01T10:00:00Z", 2),
              ElementsAre("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"));
  EXPECT_EQ(trigger_of(cron_of("interval", R"("seconds":7)")).next(instant_from_unix(-100)), instant_from_unix(0));
}

TEST(IntervalFormat, CountsFromItsStartAndEndsWithItsEnd) {
  const Trigger trigger = trigger_of(cron_of(
      "interval",
      R"("hours":1,"minutes":30,"start_date":"2026-01-01T00:10:00+03:00","end_date":"2026-01-01T00:10:00","weeks":null)"));
  EXPECT_THAT(fires(trigger, "2025-12-31T00:00:00Z", 9),
              ElementsAre("2025-12-31T21:10:00Z", "2025-12-31T22:40:00Z", "2026-01-01T00:10:00Z"));
  EXPECT_EQ(trigger.count(at("2025-12-31T21:10:00Z"), at("2030-01-01T00:00:00Z")), 2U);
  EXPECT_EQ(trigger.previous(at("2030-01-01T00:00:00Z")), at("2026-01-01T00:10:00Z"));
}

TEST(IntervalFormat, ThatStartsAtTheFirstInstantOfAllIsNotTheOneThatStartsAtTheEpoch) {
  const Trigger trigger = trigger_of(cron_of("interval", R"("seconds":1000,"start_date":"0001-01-01")"));
  EXPECT_NE(trigger, trigger_of(cron_of("interval", R"("seconds":1000)")));
  const Trigger again = trigger_of(trigger.canonical());
  EXPECT_EQ(again, trigger);
  EXPECT_EQ(again.next(at("1969-12-31T00:00:00Z")), trigger.next(at("1969-12-31T00:00:00Z")));
}

TEST(DateFormat, FiresOnce) {
  const Trigger trigger = trigger_of(cron_of("date", R"("run_date":"2026-12-31T23:59:00","timezone":"America/New_York")"));
  EXPECT_THAT(fires(trigger, "2026-01-01T00:00:00Z", 2), ElementsAre("2027-01-01T04:59:00Z"));
  EXPECT_THAT(fires(trigger, "2027-01-01T04:59:00Z", 2), IsEmpty());
  EXPECT_THAT(fires(cron_of("date", R"("run_date":" 2026-12-31 ")"), "2026-01-01T00:00:00Z", 2),
              ElementsAre("2026-12-31T00:00:00Z"));
}

TEST(DateFormat, TakesTheEndOfAGapAndTheFirstOccurrenceOfAnOverlap) {
  EXPECT_THAT(fires(cron_of("date", R"("run_date":"2026-03-29 02:30:00","timezone":"Europe/Berlin")"), "2026-01-01T00:00:00Z", 2),
              ElementsAre("2026-03-29T01:00:00Z"));
  EXPECT_THAT(fires(cron_of("date", R"("run_date":"2026-10-25T02:30:00","timezone":"Europe/Berlin")"), "2026-01-01T00:00:00Z", 2),
              ElementsAre("2026-10-25T00:30:00Z"));
}

TEST(Bounds, AreInclusiveAndInTheZoneOfTheTrigger) {
  const std::string bounds = R"(,"start_date":"2026-06-01","end_date":"2026-06-03")";
  EXPECT_THAT(fires(unix_cron("0 0 * * *", "Europe/Berlin", bounds), "2026-01-01T00:00:00Z", 9),
              ElementsAre("2026-05-31T22:00:00Z", "2026-06-01T22:00:00Z", "2026-06-02T22:00:00Z"));
}

TEST(Zones, OfTheParametersGoBeforeTheColumnAndTheColumnBeforeTheConfiguredOne) {
  const auto zone = [](std::string_view members, const CronZones& defaults) {
    return trigger_of(cron_of("unix", R"("value":"0 0 * * *")" + std::string(members)), defaults).zone().name();
  };
  EXPECT_EQ(zone(R"(,"timezone":"Europe/Berlin")", {"Pacific/Apia", "America/New_York"}), "Europe/Berlin");
  EXPECT_EQ(zone(R"(,"timezone":null)", {"Pacific/Apia", "America/New_York"}), "Pacific/Apia");
  EXPECT_EQ(zone("", {"", "America/New_York"}), "America/New_York");
  EXPECT_EQ(zone("", {}), "UTC");
}

TEST(Zones, ThatAreUnknownAreAnErrorEvenWhereAnotherOverridesThem) {
  const std::string cron = unix_cron("0 0 * * *", "Europe/Berlin");
  EXPECT_THAT(fault_of(cron, {"Mars/Base", ""}), HasSubstr("column timezone: unknown time zone \"Mars/Base\""));
  EXPECT_THAT(fault_of(cron, {"", "Mars/Base"}), HasSubstr("Mars/Base"));
  EXPECT_THAT(fault_of(unix_cron("0 0 * * *", "")), HasSubstr("params.timezone"));
}

TEST(Jitter, StaysANumberAndLeavesFireTimesNominal) {
  const Trigger trigger = trigger_of(unix_cron("0 0 * * *", "UTC", R"(,"jitter":86400)"));
  EXPECT_EQ(trigger.jitter(), Seconds{86400});
  EXPECT_THAT(fires(trigger, "2026-01-01T00:00:00Z", 1), ElementsAre("2026-01-02T00:00:00Z"));
  EXPECT_NE(trigger, trigger_of(unix_cron("0 0 * * *")));
}

TEST(CronText, MayBeAJsonStringThatHoldsTheObject) {
  EXPECT_EQ(trigger_of(R"("{\"format\":\"unix\",\"params\":{\"value\":\"0 0 * * *\"}}")"), trigger_of(unix_cron("0 0 * * *")));
}

TEST(Triggers, OfAMonthOfSecondsAreCountedWithoutWalking) {
  const Trigger trigger = trigger_of(cron_of("apscheduler", R"("second":"*","timezone":"Europe/Berlin")"));
  EXPECT_EQ(trigger.count(at("2026-03-01T00:00:00Z"), at("2026-04-01T00:00:00Z")), 31U * 86400);
  EXPECT_EQ(trigger.count(kFirstInstant, kLastInstant), 253402300800U);
}

}  // namespace
}  // namespace action_scheduler::testing
