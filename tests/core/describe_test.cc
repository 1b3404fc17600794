#include "action_scheduler/describe.h"

#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Effect = ClockChangeWords::Effect;

struct Said {
  const char* schedule;  // fields of `unix`, or the members of another format's params
  const char* words;
};

class UnixWords : public ::testing::TestWithParam<Said> {};
TEST_P(UnixWords, Are) {
  EXPECT_EQ(describe(trigger_of(unix_cron(GetParam().schedule))), GetParam().words + std::string(", UTC"));
}

INSTANTIATE_TEST_SUITE_P(
    Times, UnixWords,
    ::testing::Values(
        Said{"*/5 9-17 * * *", "every 5 minutes from 09:00 to 17:55 every day"}, Said{"* * * * *", "every minute"},
        Said{"0 * * * *", "every hour on the hour"}, Said{"7 * * * *", "at 7 minutes past every hour"},
        Said{"1 * * * *", "at 1 minute past every hour"}, Said{"*/5 * * * *", "every 5 minutes"},
        Said{"*/30 * * * *", "every 30 minutes"}, Said{"0,30 * * * *", "every 30 minutes"},
        Said{"*/7 * * * *", "at every 7th minute from 0 to 56 of every hour"},
        Said{"3-59/5 * * * *", "every 5 minutes from 00:03 to 23:58 every day"},
        Said{"5,35 * * * *", "at minutes 5 and 35 of every hour"},
        Said{"0,20 9-17 * * *", "at minutes 0 and 20 of hours 9 to 17 every day"},
        Said{"0 */2 * * *", "every 2 hours from 00:00 to 22:00 every day"},
        Said{"0 */6 * * *", "every 6 hours from 00:00 to 18:00 every day"},
        Said{"0 */8 * * *", "at 00:00, 08:00 and 16:00 every day"},
        Said{"0 */5 * * *", "every 5 hours from 00:00 to 20:00 every day"},
        Said{"7 */2 * * *", "every 2 hours from 00:07 to 22:07 every day"},
        Said{"30 8-17/3 * * *", "every 3 hours from 08:30 to 17:30 every day"},
        Said{"*/15 2 * * *", "every 15 minutes from 02:00 to 02:45 every day"},
        Said{"*/20 2 * * *", "at 02:00, 02:20 and 02:40 every day"}, Said{"0 9 * * *", "at 09:00 every day"},
        Said{"0 9,12,15 * * *", "at 09:00, 12:00 and 15:00 every day"}, Said{"30 9,17 * * *", "at 09:30 and 17:30 every day"},
        Said{"0 9-17,20 * * *", "every hour from 09:00 to 17:00 and at 20:00 every day"},
        Said{"*/5 9-11,14-17 * * *", "every 5 minutes from 09:00 to 11:55 and from 14:00 to 17:55 every day"},
        Said{"0 1-5,9-17,20,22 * * *", "every hour from 01:00 to 05:00 and from 09:00 to 17:00 and at 20:00 and 22:00 every day"},
        Said{"* 9 * * *", "every minute from 09:00 to 09:59 every day"},
        Said{"* 0-22/2 * * *", "every minute of every 2nd hour from 0 to 22 every day"},
        Said{"* 1,3,5,7,9 * * *", "every minute of every 2nd hour from 1 to 9 every day"},
        Said{"5 1-3,7 * * *", "at 01:05, 02:05, 03:05 and 07:05 every day"},
        Said{"0,1,2,10 4 * * *", "at 04:00, 04:01, 04:02 and 04:10 every day"},
        Said{"1,2,3,5,8,13,21,34,55 3,7 * * *", "at minutes 1 to 3, 5, 8, 13, 21, 34 and 55 of hours 3 and 7 every day"},
        Said{"*/7 3 * * *", "every 7 minutes from 03:00 to 03:56 every day"},
        Said{"0-30 * * * *", "at minutes 0 to 30 of every hour"},
        Said{"0-30/10,45 6 * * *", "at 06:00, 06:10, 06:20, 06:30 and 06:45 every day"},
        Said{"59 23 * * *", "at 23:59 every day"},
        Said{"0,1,2,4,7,10,13,16,19,22,25 * * * *", "at minutes 0 to 2 and every 3rd minute from 4 to 25 of every hour"}));

INSTANTIATE_TEST_SUITE_P(
    Days, UnixWords,
    ::testing::Values(
        Said{"0 9 * * mon-fri", "at 09:00 on weekdays"}, Said{"0 9 * * 1", "at 09:00 on Mondays"},
        Said{"0 9 * * sat,sun", "at 09:00 on Saturdays and Sundays"}, Said{"0 9 * * sun", "at 09:00 on Sundays"},
        Said{"0 9 * * 7", "at 09:00 on Sundays"}, Said{"0 9 * * mon,wed,fri", "at 09:00 on Mondays, Wednesdays and Fridays"},
        Said{"0 9 * * mon-thu", "at 09:00 from Monday to Thursday"}, Said{"0 9 * * fri-sun", "at 09:00 from Friday to Sunday"},
        Said{"0 9 * * 0,1,6", "at 09:00 from Saturday to Monday"}, Said{"0 9 * * 1-6", "at 09:00 every day except Sunday"},
        Said{"0 9 * * 0-3,5,6", "at 09:00 every day except Thursday"},
        Said{"0 0 1,15 * fri", "at 00:00 on the 1st and 15th of every month and on Fridays"},
        Said{"0 0 1,15 6 fri", "at 00:00 on the 1st and 15th of June and on Fridays in June"},
        Said{"0 0 1,15 1,3 fri-sun",
             "at 00:00 on the 1st and 15th of January and March and on days from Friday to Sunday in the same months"},
        Said{"0 0 1 * 1-6", "at 00:00 on the 1st of every month and on days other than Sundays"},
        Said{"0 0 */2 * 1", "at 00:00 on Mondays that fall on every 2nd day from the 1st to the 31st of every month"},
        Said{"0 0 1-7 * */7", "at 00:00 on Sundays that fall on the 1st to 7th of every month"},
        Said{"0 9 1-31 * 1", "at 09:00 every day"}, Said{"0 0 1 * *", "at 00:00 on the 1st of every month"},
        Said{"0 0 1-7 * *", "at 00:00 on the 1st to 7th of every month"},
        Said{"0 0 1-5,15,20-31 * *", "at 00:00 on the 1st to 5th, 15th and 20th to 31st of every month"},
        Said{"0 0 */10 * *", "at 00:00 on the 1st, 11th, 21st and 31st of every month"},
        Said{"0 0 */2 * *", "at 00:00 on every 2nd day from the 1st to the 31st of every month"},
        Said{"0 0 1,2,10-30/5 * *", "at 00:00 on the 1st and 2nd and every 5th day from the 10th to the 30th of every month"},
        Said{"0 0 29 2 *", "at 00:00 on the 29th of February"}, Said{"0 0 31 * *", "at 00:00 on the 31st of every month"},
        Said{"0 0 1 jan,apr,jul,oct *", "at 00:00 on the 1st of January, April, July and October"},
        Said{"0 0 1 */2 *", "at 00:00 on the 1st of every 2nd month from January to November"},
        Said{"0 6 * 3-5,9 1-6", "at 06:00 every day except Sunday in March to May and September"},
        Said{"0 9 * 12 *", "at 09:00 every day in December"},
        Said{"0 9 * nov,dec,jan,feb *", "at 09:00 every day in January, February, November and December"},
        Said{"*/5 * * * sun", "every 5 minutes on Sundays"}, Said{"0 * * * 1-5", "every hour on the hour, on weekdays"},
        Said{"0 * * 6 *", "every hour on the hour, every day in June"}, Said{"@yearly", "at 00:00 on the 1st of January"},
        Said{"@annually", "at 00:00 on the 1st of January"}, Said{"@monthly", "at 00:00 on the 1st of every month"},
        Said{"@weekly", "at 00:00 on Sundays"}, Said{"@daily", "at 00:00 every day"}, Said{"@midnight", "at 00:00 every day"},
        Said{"@hourly", "every hour on the hour"}, Said{"0 0 30 2 *", "at 00:00 on the 30th of February"},
        Said{"0 0 11-13,21-23 * *", "at 00:00 on the 11th to 13th and 21st to 23rd of every month"}));

class ApschedulerWords : public ::testing::TestWithParam<Said> {};
TEST_P(ApschedulerWords, Are) {
  EXPECT_EQ(describe(trigger_of(cron_of("apscheduler", GetParam().schedule))), GetParam().words + std::string(", UTC"));
}

INSTANTIATE_TEST_SUITE_P(
    Many, ApschedulerWords,
    ::testing::Values(
        Said{R"("day":"last")", "at 00:00 on the last day of every month"},
        Said{R"("day":"last fri","hour":18,"minute":30)", "at 18:30 on the last Friday of every month"},
        Said{R"("day":"2nd fri, last mon","hour":9)", "at 09:00 on the 2nd Friday and the last Monday of every month"},
        Said{R"("day":"1,last,3rd wed")", "at 00:00 on the 1st day, the 3rd Wednesday and the last day of every month"},
        Said{R"("day":"1-31/2,last")", "at 00:00 on the last day and every 2nd day from the 1st to the 31st of every month"},
        Said{R"("day":13,"day_of_week":"fri","hour":6)", "at 06:00 on Fridays that fall on the 13th of every month"},
        Said{R"("day":"last fri","day_of_week":"fri")", "at 00:00 on Fridays that fall on the last Friday of every month"},
        Said{R"("week":53)", "at 00:00 every day in ISO week 53"},
        Said{R"("week":"*/2","day_of_week":"mon","hour":7)", "at 07:00 on Mondays, only in every 2nd ISO week from 1 to 53"},
        Said{R"("week":"10-20","month":3)", "at 00:00 every day in March, only in ISO weeks 10 to 20"},
        Said{R"("week":"1,2","day":"1-7","day_of_week":"mon")",
             "at 00:00 on Mondays that fall on the 1st to 7th of every month, only in ISO weeks 1 and 2"},
        Said{R"("minute":"50/4")", "at minutes 50, 54 and 58 of every hour"}, Said{R"("second":"*/20")", "every 20 seconds"},
        Said{R"("second":"*")", "every second"}, Said{R"("second":30)", "every minute at second 30"},
        Said{R"("second":"5,35")", "at seconds 5 and 35 of every minute"},
        Said{R"("second":"5/15")", "at seconds 5, 20, 35 and 50 of every minute"},
        Said{R"("second":"10-20")", "at seconds 10 to 20 of every minute"},
        Said{R"("minute":5,"second":"30")", "at 5 minutes 30 seconds past every hour"},
        Said{R"("minute":5,"second":"0,30")", "at seconds 0 and 30 of minute 5 of every hour"},
        Said{R"("minute":"*/20","second":"7")", "at second 7 of minutes 0, 20 and 40 of every hour"},
        Said{R"("hour":5,"second":"*/20")", "every 20 seconds from 05:00:00 to 05:59:40 every day"},
        Said{R"("hour":5,"minute":0,"second":"*/20")", "at 05:00:00, 05:00:20 and 05:00:40 every day"},
        Said{R"("hour":5,"minute":0,"second":"*/15")", "every 15 seconds from 05:00:00 to 05:00:45 every day"},
        Said{R"("hour":5,"minute":7,"second":9)", "at 05:07:09 every day"},
        Said{R"("hour":"9-17","second":"*")", "every second from 09:00:00 to 17:59:59 every day"},
        Said{R"("hour":"9-17","minute":"0,7","second":"*")", "every second of minutes 0 and 7 of hours 9 to 17 every day"},
        Said{R"("hour":"9-17","minute":"*","second":"3")", "every minute from 09:00:03 to 17:59:03 every day"},
        Said{R"("month":6)", "at 00:00 on the 1st of June"}, Said{R"("day_of_week":0)", "at 00:00 on Mondays"},
        Said{R"("year":2030)", "at 00:00 on the 1st of January, only in 2030"},
        Said{R"("year":"2030-2040/5")", "at 00:00 on the 1st of January, only in 2030, 2035 and 2040"},
        Said{R"("year":"2030-2090/5,2095-2099,2026")",
             "at 00:00 on the 1st of January, only in 2026, 2096 to 2099 and every 5th year from 2030 to 2095"},
        Said{R"("year":"2030-9999")", "at 00:00 on the 1st of January, from 2030 on"},
        Said{R"("year":"*/2")", "at 00:00 on the 1st of January, only in every 2nd year from 1970 to 9998"},
        Said{R"("year":"2030","hour":"*")", "every hour on the hour, only in 2030"},
        Said{R"("year":2028,"month":2,"day":29)", "at 00:00 on the 29th of February, only in 2028"},
        Said{R"("day_of_week":"sat-sun","minute":"*/10")", "every 10 minutes on Saturdays and Sundays"},
        Said{R"("month":"jan-mar,oct","week":"1-10","year":"2027-2029")",
             "at 00:00 every day in January to March and October, only in ISO weeks 1 to 10, only in 2027 to 2029"}));

class IntervalWords : public ::testing::TestWithParam<Said> {};
TEST_P(IntervalWords, Are) { EXPECT_EQ(describe(trigger_of(cron_of("interval", GetParam().schedule))), GetParam().words); }

INSTANTIATE_TEST_SUITE_P(
    Many, IntervalWords,
    ::testing::Values(
        Said{R"("days":1)", "every day at 00:00 UTC"}, Said{R"("weeks":1)", "every week on Thursdays at 00:00 UTC"},
        Said{R"("weeks":2)", "every 2 weeks on Thursdays at 00:00 UTC, counted from 00:00 on 1 January 1970 UTC"},
        Said{R"("days":3)", "every 3 days at 00:00 UTC, counted from 00:00 on 1 January 1970 UTC"},
        Said{R"("days":1,"start_date":"2026-03-07T09:30:00")", "every day at 09:30 UTC, from 09:30 on 7 March 2026 UTC on"},
        Said{R"("weeks":2,"start_date":"2026-01-05T08:00:00+01:00")",
             "every 2 weeks on Mondays at 07:00 UTC, from 07:00 on 5 January 2026 UTC on"},
        Said{R"("hours":1)", "every hour, counted from 00:00 UTC of each day"},
        Said{R"("hours":6)", "every 6 hours at 00:00, 06:00, 12:00 and 18:00 UTC"},
        Said{R"("hours":12,"start_date":"2026-01-01T07:00:00")",
             "every 12 hours at 07:00 and 19:00 UTC, from 07:00 on 1 January 2026 UTC on"},
        Said{R"("hours":2)", "every 2 hours, counted from 00:00 UTC of each day"},
        Said{R"("hours":5)", "every 5 hours, counted from 00:00 on 1 January 1970 UTC"},
        Said{R"("hours":1,"minutes":30)", "every 90 minutes, counted from 00:00 UTC of each day"},
        Said{R"("minutes":5)", "every 5 minutes, counted from 00:00 UTC of each day"},
        Said{R"("minutes":7)", "every 7 minutes, counted from 00:00 on 1 January 1970 UTC"},
        Said{R"("seconds":1)", "every second"}, Said{R"("seconds":90)", "every 90 seconds, counted from 00:00 UTC of each day"},
        Said{R"("seconds":86401)", "every 1 day 1 second, counted from 00:00 on 1 January 1970 UTC"},
        Said{R"("days":2,"hours":3,"seconds":4)", "every 2 days 3 hours 4 seconds, counted from 00:00 on 1 January 1970 UTC"},
        Said{R"("hours":36)", "every 36 hours, counted from 00:00 on 1 January 1970 UTC"},
        Said{R"("days":365)", "every 365 days at 00:00 UTC, counted from 00:00 on 1 January 1970 UTC"},
        Said{R"("minutes":1,"end_date":"2026-12-31T12:00:00")",
             "every minute, counted from 00:00 UTC of each day, until 12:00 on 31 December 2026 UTC"},
        Said{R"("hours":1,"start_date":"2026-01-01","end_date":"2026-12-31","jitter":300)",
             "every hour, counted from 00:00 UTC of each day, from 00:00 on 1 January 2026 UTC until 00:00 on 31 December 2026 "
             "UTC, each up to 5 minutes later (jitter)"},
        Said{R"("days":7)", "every week on Thursdays at 00:00 UTC"}));

class OtherWords : public ::testing::TestWithParam<Said> {};
TEST_P(OtherWords, Are) { EXPECT_EQ(describe(trigger_of(GetParam().schedule)), GetParam().words); }

INSTANTIATE_TEST_SUITE_P(
    ZonesBoundsAndDates, OtherWords,
    ::testing::Values(
        Said{R"({"format":"unix","params":{"value":"0 9 * * mon-fri","timezone":"America/New_York"}})",
             "at 09:00 on weekdays, New York time"},
        Said{R"({"format":"unix","params":{"value":"0 9 * * *","timezone":"America/New_York","start_date":"2026-06-01"}})",
             "at 09:00 every day, New York time, from 00:00 on 1 June 2026"},
        Said{R"({"format":"unix","params":{"value":"0 9 * * *","timezone":"America/New_York","end_date":"2026-06-01T12:30:15"}})",
             "at 09:00 every day, New York time, until 12:30:15 on 1 June 2026"},
        Said{
            R"({"format":"unix","params":{"value":"0 9 * * *","timezone":"America/New_York","start_date":"2026-06-01","end_date":"2026-07-01T12:00:00Z","jitter":86400}})",
            "at 09:00 every day, New York time, from 00:00 on 1 June 2026 until 08:00 on 1 July 2026, each up to 1 day later "
            "(jitter)"},
        Said{R"({"format":"date","params":{"run_date":"2026-12-31T23:59:00","timezone":"America/New_York"}})",
             "once, at 23:59 on 31 December 2026, New York time"},
        Said{R"({"format":"date","params":{"run_date":"2026-12-31T23:59:30"}})", "once, at 23:59:30 on 31 December 2026, UTC"},
        Said{R"({"format":"date","params":{"run_date":"2026-11-01T01:30:00","timezone":"America/New_York"}})",
             "once, at 01:30 on 1 November 2026, New York time"},
        Said{R"({"format":"date","params":{"run_date":"2026-11-01T06:30:00Z","timezone":"America/New_York"}})",
             "once, at 01:30 (UTC-05:00) on 1 November 2026, New York time"},
        Said{R"({"format":"date","params":{"run_date":"2026-12-31","jitter":90}})",
             "once, at 00:00 on 31 December 2026, UTC, each up to 90 seconds later (jitter)"},
        Said{R"({"format":"date","params":{"run_date":"9999-12-31T23:59:59Z","timezone":"Europe/Berlin"}})",
             "once, at 9999-12-31T23:59:59Z, Berlin time"},
        Said{R"({"format":"unix","params":{"value":"*/5 9-17 * * mon-fri","timezone":"Australia/Lord_Howe"}})",
             "every 5 minutes from 09:00 to 17:55 on weekdays, Lord Howe time"}));

TEST(Describe, NamesPlacesAsPeopleDo) {
  const auto words = [](const char* name) { return zone_words(Zone(name, Seconds{0}, {}, Instant::max())); };
  EXPECT_EQ(words("UTC"), "UTC");
  EXPECT_EQ(words("America/New_York"), "New York time");
  EXPECT_EQ(words("America/Argentina/Buenos_Aires"), "Buenos Aires (Argentina) time");
  EXPECT_EQ(words("America/North_Dakota/Center"), "Center (North Dakota) time");
  EXPECT_EQ(words("Etc/GMT+5"), "Etc/GMT+5 time");
  EXPECT_EQ(words("EST5EDT"), "EST5EDT time");
}

TEST(Remarks, TellHowTheDayFieldsGoTogether) {
  const auto of = [](const std::string& cron) { return remarks(trigger_of(cron)); };
  EXPECT_THAT(of(unix_cron("0 0 1,15 * fri")),
              ElementsAre("Both day fields are given and neither begins with `*`, so a day matches when either field does."));
  EXPECT_THAT(of(unix_cron("0 0 */2 * 1")),
              ElementsAre("One of the day fields begins with `*`, so a day has to match both of them."));
  EXPECT_THAT(of(cron_of("apscheduler", R"("day":13,"day_of_week":"fri")")),
              ElementsAre("A day has to match both `day` and `day_of_week`."));
  EXPECT_THAT(of(unix_cron("0 0 1-31 * 1")), IsEmpty());
  EXPECT_THAT(of(unix_cron("0 0 1 * *")), IsEmpty());
}

TEST(Remarks, TellOfMonthsThatLackTheDay) {
  const auto of = [](const std::string& cron) { return remarks(trigger_of(cron)); };
  EXPECT_THAT(of(unix_cron("0 0 31 * *")), ElementsAre("Months without a 31st are passed over."));
  EXPECT_THAT(of(unix_cron("0 0 30,31 * *")), ElementsAre("Months without a 30th are passed over."));
  EXPECT_THAT(of(unix_cron("0 0 29 * *")), ElementsAre("Months without a 29th (February, but in leap years) are passed over."));
  EXPECT_THAT(of(unix_cron("0 0 29 2 *")), ElementsAre("Only leap years have a 29th of February."));
  EXPECT_THAT(of(unix_cron("0 0 31 1,3 *")), IsEmpty());
  EXPECT_THAT(of(unix_cron("0 0 30 4,6 *")), IsEmpty());
  EXPECT_THAT(of(unix_cron("0 0 28-31 * *")), IsEmpty());
  EXPECT_THAT(of(cron_of("apscheduler", R"("day":"5th fri")")),
              ElementsAre("Months without such a 5th weekday are passed over."));
  EXPECT_THAT(of(cron_of("apscheduler", R"("day":"31,last")")), IsEmpty());
}

TEST(Remarks, TellWhatAnIntervalCountsFrom) {
  EXPECT_THAT(remarks(trigger_of(cron_of("interval", R"("days":1)"))),
              ElementsAre("It counts elapsed time from the Unix epoch, 1970-01-01T00:00:00Z, so that no restart shifts it; "
                          "start_date sets another beginning."));
  EXPECT_THAT(remarks(trigger_of(cron_of("interval", R"("days":1,"start_date":"2026-01-01")"))),
              ElementsAre("It counts elapsed time from its start_date; the clock of the zone does not matter."));
}

TEST(Remarks, TellOfAnEndAtMidnightAndOfJitter) {
  EXPECT_THAT(remarks(trigger_of(unix_cron("0 9 * * *", "America/New_York", R"(,"end_date":"2026-06-03","jitter":5)"))),
              ElementsAre("The end_date is 00:00: later times of that day do not fire.",
                          "Fire times are shown without jitter. The delay follows from the fire's id and never changes."));
}

struct Silent {
  const char* schedule;
  const char* reason;
};

class Silence : public ::testing::TestWithParam<Silent> {};
TEST_P(Silence, HasAReason) {
  EXPECT_EQ(why_silent(trigger_of(GetParam().schedule), at("2026-11-21T10:00:00Z")), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Many, Silence,
    ::testing::Values(
        Silent{R"({"format":"unix","params":{"value":"0 0 30 2 *"}})", "February has no 30th"},
        Silent{R"({"format":"unix","params":{"value":"0 0 30,31 2 *"}})", "February has no 30th or 31st"},
        Silent{R"({"format":"unix","params":{"value":"0 0 31 4,6 *"}})", "April and June have no 31st"},
        Silent{R"({"format":"unix","params":{"value":"0 0 31 4,6 */2"}})", "April and June have no 31st"},
        Silent{R"({"format":"apscheduler","params":{"year":"2027","month":2,"day":29}})", "February has no 29th in 2027"},
        Silent{R"({"format":"apscheduler","params":{"year":"1971-2099/4","month":2,"day":29}})",
               "February has no 29th in any of its years"},
        Silent{R"({"format":"apscheduler","params":{"week":1,"month":6}})", "no day is at once in ISO week 1 and in June"},
        Silent{R"({"format":"apscheduler","params":{"week":53,"year":2028}})", "no day is at once in ISO week 53 and in 2028"},
        Silent{R"({"format":"apscheduler","params":{"day":"1","day_of_week":"mon","month":"feb","year":2028}})",
               "no day is at once on the 1st of a month, on a Monday, in February and in 2028"},
        Silent{R"({"format":"apscheduler","params":{"day":"2nd fri","day_of_week":"mon"}})",
               "no day is at once on the 2nd Friday of a month and on a Monday"},
        Silent{R"({"format":"apscheduler","params":{"day":"11-28","week":"1"}})",
               "no day is at once on the 11th to 28th of a month and in ISO week 1"},
        Silent{R"({"format":"apscheduler","params":{"day":"1st fri,20","month":"feb","day_of_week":"sat","year":2028}})",
               "no day is at once on the 20th day and the 1st Friday of a month, on a Saturday, in February and in 2028"},
        Silent{R"({"format":"apscheduler","params":{"year":"2020-2025","day":"last fri","hour":3}})",
               "its years have passed; its last fire time was 03:00 on 26 December 2025"},
        Silent{R"({"format":"unix","params":{"value":"0 0 * * *","end_date":"2025-06-01T12:00:00"}})",
               "its end_date has passed; its last fire time was 00:00 on 1 June 2025"},
        Silent{R"({"format":"unix","params":{"value":"0 0 1 1 *","end_date":"2026-12-01"}})",
               "none of its times lies between now and its end_date; its last fire time was 00:00 on 1 January 2026"},
        Silent{R"({"format":"unix","params":{"value":"0 0 * * *","start_date":"2027-01-01","end_date":"2026-12-01"}})",
               "its end_date lies before its start_date"},
        Silent{R"({"format":"interval","params":{"days":1,"start_date":"2027-01-01","end_date":"2026-12-01"}})",
               "its end_date lies before its start_date"},
        Silent{R"({"format":"unix","params":{"value":"0 0 1 1 *","start_date":"2027-01-02","end_date":"2027-12-01"}})",
               "none of its times lies between its start_date and its end_date"},
        Silent{R"({"format":"date","params":{"run_date":"2026-11-21T10:00:00"}})", "its date has passed"},
        Silent{R"({"format":"interval","params":{"days":3650000}})",
               "its next time lies behind the year 9999; its last fire time was 00:00 on 1 January 1970"},
        Silent{R"({"format":"unix","params":{"value":"0 0 1 1 *","start_date":"9999-01-02"}})",
               "none of its times lies after its start_date"},
        Silent{R"({"format":"apscheduler","params":{"year":2030,"hour":1,"start_date":"2031-01-01"}})",
               "none of its times lies after its start_date"},
        Silent{R"({"format":"interval","params":{"weeks":60000,"end_date":"2027-01-01"}})",
               "none of its times lies between now and its end_date; its last fire time was 00:00 on 1 January 1970"}));

TEST(Silence, HasNoReasonWhereItFires) {
  EXPECT_EQ(why_silent(trigger_of(unix_cron("0 0 29 2 *")), at("2026-11-21T10:00:00Z")), std::nullopt);
  EXPECT_EQ(why_silent(trigger_of(cron_of("date", R"("run_date":"2026-11-21T10:00:01")")), at("2026-11-21T10:00:00Z")),
            std::nullopt);
}

// The effects at the changes after `after`, and their words.
struct Told {
  std::vector<Effect> effects;
  Texts words;
};

Told told(const std::string& cron, std::string_view after, std::size_t count = 2) {
  Told all;
  for (const ClockChangeWords& change : next_clock_changes(trigger_of(cron), at(after), count)) {
    all.effects.push_back(change.effect);
    all.words.push_back(change.words);
  }
  return all;
}

TEST(ClockChangeWords, NameInstantsAndOffsets) {
  const auto changes = next_clock_changes(trigger_of(unix_cron("0 9 * * *", "America/New_York")), at("2026-03-08T06:59:59Z"), 2);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].at, at("2026-03-08T07:00:00Z"));
  EXPECT_EQ(changes[0].offset_before, Seconds{-5 * 3600});
  EXPECT_EQ(changes[0].offset_after, Seconds{-4 * 3600});
  EXPECT_EQ(changes[1].at, at("2026-11-01T06:00:00Z"));
  EXPECT_EQ(changes[1].offset_after, Seconds{-5 * 3600});
  EXPECT_EQ(next_clock_changes(trigger_of(unix_cron("0 9 * * *", "America/New_York")), at("2026-03-08T07:00:00Z"), 1)[0].at,
            at("2026-11-01T06:00:00Z"));
}

TEST(ClockChangeWords, AreNoneWhereTheClockNeverChanges) {
  EXPECT_THAT(next_clock_changes(trigger_of(unix_cron("* * * * *")), at("2026-01-01T00:00:00Z"), 2), IsEmpty());
}

TEST(ClockChangeWords, TellWhatTheCalendarFormatsDo) {
  const char* const before = "2026-01-01T00:00:00Z";
  const auto of = [&](const char* fields) { return told(unix_cron(fields, "America/New_York"), before); };
  Told is = of("0 9 * * *");
  EXPECT_THAT(is.words, ElementsAre("not affected", "not affected"));
  EXPECT_THAT(is.effects, ElementsAre(Effect::none, Effect::none));
  is = of("30 1,2 * * *");
  EXPECT_THAT(is.words, ElementsAre("02:30 is skipped; fires once at 03:00, where the gap ends",
                                    "01:30 is shown twice; fires the first time only"));
  EXPECT_THAT(is.effects, ElementsAre(Effect::gap_end, Effect::first_showing));
  is = of("0 1-3 * * *");
  EXPECT_THAT(is.words, ElementsAre("02:00 is skipped; fires once at 03:00, together with the fire that is due then",
                                    "01:00 is shown twice; fires the first time only"));
  is = of("*/30 0-5 * * *");
  EXPECT_THAT(is.words, ElementsAre("02:00 and 02:30 are skipped; fires once at 03:00, together with the fire that is due then",
                                    "01:00 and 01:30 are shown twice and fire both times"));
  EXPECT_THAT(is.effects, ElementsAre(Effect::gap_end, Effect::both_showings));
  is = of("*/5 1,2 * * *");
  EXPECT_THAT(is.words, ElementsAre("12 times from 02:00 to 02:55 are skipped; fires once at 03:00, where the gap ends",
                                    "12 times from 01:00 to 01:55 are shown twice and fire both times"));
  is = of("15 * * * *");
  EXPECT_THAT(is.words, ElementsAre("02:15 is skipped and does not fire: a schedule of all 24 hours follows elapsed time",
                                    "01:15 is shown twice and fires both times"));
  EXPECT_THAT(is.effects, ElementsAre(Effect::skipped, Effect::both_showings));
}

TEST(ClockChangeWords, TellTheOddZones) {
  EXPECT_THAT(told(unix_cron("15,45 1,2 * * *", "Australia/Lord_Howe"), "2026-01-01T00:00:00Z").words,
              ElementsAre("01:45 is shown twice; fires the first time only",
                          "02:15 is skipped; fires once at 02:30, where the gap ends"));
  EXPECT_THAT(
      told(unix_cron("0 */6 30 12 *", "Pacific/Apia"), "2011-12-01T00:00:00Z", 1).words,
      ElementsAre("00:00, 06:00, 12:00 and 18:00 are skipped; fires once at 00:00 on 31 December 2011, where the gap ends"));
  EXPECT_THAT(told(unix_cron("0 9 * * *", "Pacific/Apia"), "2011-12-01T00:00:00Z", 1).words,
              ElementsAre("09:00 is skipped; fires once at 00:00 on 31 December 2011, where the gap ends"));
}

TEST(ClockChangeWords, TellThatIntervalsAndDatesGoOn) {
  const std::string zone = R"(,"timezone":"America/New_York")";
  const char* const before = "2026-01-01T00:00:00Z";
  EXPECT_THAT(told(cron_of("interval", R"("days":1)" + zone), before).words,
              ElementsAre("counts elapsed time: from then on it fires 1 hour later by the clock",
                          "counts elapsed time: from then on it fires 1 hour earlier by the clock"));
  EXPECT_THAT(told(cron_of("interval", R"("minutes":15)" + zone), before).words,
              ElementsAre("not affected: it counts elapsed time", "not affected: it counts elapsed time"));
  const Told date = told(cron_of("date", R"("run_date":"2026-06-01")" + zone), before);
  EXPECT_THAT(date.words, ElementsAre("does not fire yet by then", "does not fire any more by then"));
  EXPECT_THAT(date.effects, ElementsAre(Effect::inactive, Effect::inactive));
}

TEST(ClockChangeWords, HeedTheBounds) {
  const char* const before = "2026-01-01T00:00:00Z";
  const auto of = [&](const char* fields, const char* bounds) {
    return told(unix_cron(fields, "America/New_York", bounds), before).words;
  };
  EXPECT_THAT(of("30 1,2 * * *", R"(,"start_date":"2026-06-01","end_date":"2026-10-01")"),
              ElementsAre("does not fire yet by then", "does not fire any more by then"));
  EXPECT_THAT(of("30 2 * * *", R"(,"start_date":"2026-03-08T03:00:01")")[0], "does not fire yet by then");
  EXPECT_THAT(of("30 2,3 * * *", R"(,"start_date":"2026-03-08T03:00:01")")[0],
              "02:30 is skipped; the fire where the gap ends lies outside of its bounds");
  EXPECT_THAT(of("*/30 1 * * *", R"(,"end_date":"2026-11-01T06:00:00Z")")[1],
              "01:00 and 01:30 are shown twice; within its bounds 2 fires the first time and 1 the second");
}

}  // namespace
}  // namespace action_scheduler::testing
