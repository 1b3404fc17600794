// Schedules that match rarely or never, and plans of many missed fires: exact answers, found in a bounded number of steps. The
// core's sources are compiled into this program once more, with their steps counted.
#include "core/search_steps.h"

#include <algorithm>
#include <iostream>

#include "action_scheduler/plan.h"
#include "tests/core/allocations.h"
#include "tests/core/plan_testing.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <class Work>
std::uint64_t steps_of(Work work) {
  search_steps = 0;
  work();
  return search_steps;
}

// Months of at most two years, the words that hold 400 years, the spans around one local time.
constexpr std::uint64_t kSearchSteps = 60;

struct RareSchedule {
  std::string name;
  std::string cron;
  Texts first;  // the first three from 2026 on
  std::string latest_before_2026;
  std::string last;                    // the last one of all
  std::uint64_t steps = kSearchSteps;  // that one search may take
};

class RareSchedules : public ::testing::TestWithParam<RareSchedule> {};

std::string text_of(const std::optional<Instant>& t) { return t ? format_utc(*t) : ""; }

TEST_P(RareSchedules, AreFoundExactlyInBoundedSteps) {
  const RareSchedule& rare = GetParam();
  const Trigger trigger = trigger_of(rare.cron);
  Texts found;
  Instant t = at("2025-12-31T23:59:59Z");
  for (int i = 0; i < 3; ++i) {
    std::optional<Instant> next;
    EXPECT_LE(steps_of([&] { next = trigger.next(t); }), rare.steps) << "after " << format_utc(t);
    if (!next) break;
    found.push_back(format_utc(*next));
    t = *next;
  }
  EXPECT_EQ(found, rare.first);
  std::optional<Instant> found_one;
  EXPECT_LE(steps_of([&] { found_one = trigger.previous(at("2026-01-01T00:00:00Z")); }), rare.steps);
  EXPECT_EQ(text_of(found_one), rare.latest_before_2026);
  EXPECT_LE(steps_of([&] { found_one = trigger.previous(kLastInstant); }), rare.steps);
  EXPECT_EQ(text_of(found_one), rare.last);
  EXPECT_LE(steps_of([&] { found_one = trigger.next(kFirstInstant); }), rare.steps);
  EXPECT_EQ(found_one.has_value(), !rare.last.empty());
}

std::string apscheduler(const std::string& members) { return cron_of("apscheduler", members); }

INSTANTIATE_TEST_SUITE_P(
    Never, RareSchedules,
    ::testing::Values(
        RareSchedule{"ThirtiethOfFebruary", unix_cron("0 0 30 2 *"), {}, "", ""},
        RareSchedule{"ThirtiethOfFebruaryEachMinute", unix_cron("*/5 0-5 30 2 *", "Europe/Berlin"), {}, "", ""},
        RareSchedule{"ThirtyFirstOfAShortMonth", unix_cron("* * 31 4,6,9,11 *", "America/New_York"), {}, "", ""},
        RareSchedule{
            "FifthMondayOfFebruaryOnATuesday", apscheduler(R"("month":2,"day":"5th mon","day_of_week":"tue")"), {}, "", ""},
        RareSchedule{"Week53InJuly", apscheduler(R"("month":7,"week":53,"timezone":"Europe/Berlin")"), {}, "", ""},
        RareSchedule{"Week53OnTheFifthOfJanuary", apscheduler(R"("month":1,"day":"4-31","week":53)"), {}, "", ""},
        RareSchedule{"FirstWeekOnAChristmasDay", apscheduler(R"("month":12,"day":"1-28","week":1)"), {}, "", ""},
        RareSchedule{
            "EndBeforeStart", unix_cron("* * * * *", "UTC", R"(,"start_date":"2026-06-02","end_date":"2026-06-01")"), {}, "", ""},
        RareSchedule{"IntervalThatEndsBeforeItStarts",
                     cron_of("interval", R"("seconds":1,"start_date":"2026-06-02","end_date":"2026-06-01")"),
                     {},
                     "",
                     ""},
        RareSchedule{"LeapDayOfOddYears",
                     apscheduler(R"("year":"1971-9999/2","month":2,"day":29)"),
                     {},
                     "",
                     "",
                     // A year is asked after each leap year: 8030 / 4 twice, with one range of years.
                     8'000}),
    [](const auto& rare) { return rare.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Rarely, RareSchedules,
    ::testing::Values(
        RareSchedule{"LeapDay",
                     unix_cron("0 0 29 2 *"),
                     {"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z", "2036-02-29T00:00:00Z"},
                     "2024-02-29T00:00:00Z",
                     "9996-02-29T00:00:00Z"},
        RareSchedule{"LeapDayOnAMonday",
                     apscheduler(R"("month":"feb","day":29,"day_of_week":"mon")"),
                     {"2044-02-29T00:00:00Z", "2072-02-29T00:00:00Z", "2112-02-29T00:00:00Z"},
                     "2016-02-29T00:00:00Z",
                     "9988-02-29T00:00:00Z"},
        RareSchedule{"LeapDayOnAMondayInBerlinEachFiveMinutesOfAnHour",
                     apscheduler(R"("month":2,"day":29,"day_of_week":0,"hour":2,"minute":"*/30","timezone":"Europe/Berlin")"),
                     {"2044-02-29T01:00:00Z", "2044-02-29T01:30:00Z", "2072-02-29T01:00:00Z"},
                     "2016-02-29T01:30:00Z",
                     "9988-02-29T01:30:00Z"},
        RareSchedule{"FifthMondayOfFebruary",
                     apscheduler(R"("month":2,"day":"5th mon")"),
                     {"2044-02-29T00:00:00Z", "2072-02-29T00:00:00Z", "2112-02-29T00:00:00Z"},
                     "2016-02-29T00:00:00Z",
                     "9988-02-29T00:00:00Z"},
        RareSchedule{"Week53",
                     apscheduler(R"("week":53,"day_of_week":"sun")"),
                     {"2027-01-03T00:00:00Z", "2033-01-02T00:00:00Z", "2038-01-03T00:00:00Z"},
                     "2021-01-03T00:00:00Z",
                     "9999-01-03T00:00:00Z"},
        RareSchedule{"SaturdayOfWeek53OnNewYearsDay",
                     apscheduler(R"("week":53,"month":1,"day":1,"day_of_week":"sat")"),
                     {"2033-01-01T00:00:00Z", "2061-01-01T00:00:00Z", "2089-01-01T00:00:00Z"},
                     "2005-01-01T00:00:00Z",
                     "9977-01-01T00:00:00Z"},
        RareSchedule{"LastFridayOfFebruaryInTheNinthWeekOfALeapYear",
                     apscheduler(R"("month":2,"day":"last fri","day_of_week":"fri","week":9,"year":"2000/4")"),
                     {"2032-02-27T00:00:00Z", "2036-02-29T00:00:00Z", "2048-02-28T00:00:00Z"},
                     "2020-02-28T00:00:00Z",
                     "9992-02-28T00:00:00Z"},
        RareSchedule{"AYearThatIsPast", apscheduler(R"("year":2020)"), {}, "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"},
        RareSchedule{"OneYearFarAhead",
                     apscheduler(R"("year":9996,"month":2,"day":"last","timezone":"America/New_York")"),
                     {"9996-02-29T05:00:00Z"},
                     "",
                     "9996-02-29T05:00:00Z"},
        RareSchedule{
            "DateThatIsPast", cron_of("date", R"("run_date":"2020-02-29")"), {}, "2020-02-29T00:00:00Z", "2020-02-29T00:00:00Z"}),
    [](const auto& rare) { return rare.param.name; });

// The most years that can be listed one by one, and a day that none of them has.
TEST(Search, OfALeapDayInThousandsOfListedYearsIsBounded) {
  std::string years;
  for (int year = 1970; year <= 9999; ++year) {
    if (year % 4 == 1 || year % 12 == 3) years += (years.empty() ? "" : ",") + std::to_string(year);
  }
  const Trigger trigger = trigger_of(apscheduler(R"("year":")" + years + R"(","month":2,"day":29)"));
  std::optional<Instant> found = kFirstInstant;
  const std::uint64_t steps = steps_of([&] { found = trigger.next(at("1971-01-01T00:00:00Z")); });
  EXPECT_EQ(found, std::nullopt);
  EXPECT_LE(steps, 8030U * 16);  // each year once, found in the list by halving it
}

TEST(Search, ForAnIntervalTakesTheSameStepsHoweverFarItLooks) {
  const Trigger trigger = trigger_of(cron_of("interval", R"("seconds":1,"start_date":"0001-01-01")"));
  EXPECT_EQ(steps_of([&] { EXPECT_EQ(trigger.next(kLastInstant - Seconds{1}), kLastInstant); }), 1U);
  EXPECT_EQ(steps_of([&] { EXPECT_EQ(trigger.count(kFirstInstant, kLastInstant), 315537897599U); }), 1U);
}

// Months and spans are visited, not fire times: a year of New York has three spans, each of which is cut from one piece of it.
TEST(Search, CountsAYearOfSecondsMonthByMonth) {
  for (const char* zone : {"UTC", "America/New_York", "Australia/Lord_Howe"}) {
    const Trigger trigger = trigger_of(apscheduler(R"("second":"*","timezone":")" + std::string(zone) + '"'));
    std::uint64_t seconds = 0;
    EXPECT_LE(steps_of([&] { seconds = trigger.count(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")); }), 60U) << zone;
    EXPECT_EQ(seconds, 365U * 86400) << zone;
  }
}

class MonthMissed : public ::testing::TestWithParam<const char*> {
 protected:
  static Trigger each_second(const std::string& more = "") {
    return trigger_of(apscheduler(R"("second":"*","timezone":")" + std::string(GetParam()) + '"' + more));
  }
  void put(ActionId id, const Trigger& trigger, MissedPolicy policy) {
    actions_.put(planned_action(id, trigger, policy), window_.from.instant);
  }
  Plan planned(std::size_t fires_max, Position cursor) {
    return plan(actions_, all_triggers(actions_), window_, cursor, {}, fires_max);
  }

  ActionSet actions_;
  const Instant from_ = at("2026-10-15T00:00:00Z");  // both zones change their clocks within
  const Instant until_ = at("2026-11-15T00:00:00Z");
  const PlanWindow window_{{from_}, until_, until_, until_, {}};
};

INSTANTIATE_TEST_SUITE_P(Zones, MonthMissed, ::testing::Values("UTC", "Europe/Berlin", "America/New_York"),
                         [](const auto& zone) { return std::string(zone.param).substr(0, 3); });

TEST_P(MonthMissed, OfEachSecondIsMergedWithoutWalkingIt) {
  put(1, each_second(), {true, std::nullopt});
  Plan plan;
  const std::size_t bytes = allocations().bytes;
  EXPECT_LE(steps_of([&] { plan = planned(1000, window_.from); }), 60U);
  EXPECT_LE(allocations().bytes - bytes, 2000U);
  ASSERT_EQ(plan.fires.size(), 1U);
  EXPECT_EQ(plan.fires[0].time, until_);
  EXPECT_EQ(plan.fires[0].merged_count, 31U * 86400 - 1);
  EXPECT_EQ(plan.fires[0].first_missed, from_ + Seconds{1});
  const std::vector<NotedOutcome> outcomes = plan.take_outcomes();
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].count, 31U * 86400 - 1);
}

TEST_P(MonthMissed, OfEachSecondExpiresWithoutWalkingIt) {
  put(1, each_second(), {false, Seconds{9}});
  put(2, each_second(), {true, Seconds{9}});
  Plan plan;
  const std::size_t bytes = allocations().bytes;
  EXPECT_LE(steps_of([&] { plan = planned(1000, window_.from); }), 150U);
  EXPECT_LE(allocations().bytes - bytes, 10'000U);
  EXPECT_EQ(plan.fires.size(), 10U + 1U);
  const std::vector<NotedOutcome> outcomes = plan.take_outcomes();
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_EQ(outcomes[0].count, 31U * 86400 - 10);
}

TEST_P(MonthMissed, IsDeliveredInPiecesOfBoundedWorkAndMemory) {
  put(1, each_second(), {false, std::nullopt});
  Position cursor = window_.from;
  for (int piece = 0; piece < 20; ++piece) {
    const std::size_t bytes = allocations().bytes;
    Plan plan;
    const std::uint64_t steps = steps_of([&] { plan = planned(1000, cursor); });
    EXPECT_EQ(plan.fires.size(), 1000U);
    EXPECT_LE(steps, 4000U);  // to find the end of the piece, and a few for each fire
    EXPECT_LE(allocations().bytes - bytes, 400'000U);
    cursor = plan.reached;
  }
}

// Only the fire times within one jitter of either end are looked at one by one.
TEST_P(MonthMissed, WithJitterIsMergedByWalkingOneJitter) {
  put(1, each_second(R"(,"jitter":60)"), {true, std::nullopt});
  Plan plan;
  const std::size_t bytes = allocations().bytes;
  EXPECT_LE(steps_of([&] { plan = planned(1000, window_.from); }), 600U);
  EXPECT_LE(allocations().bytes - bytes, 2000U);
  ASSERT_EQ(plan.fires.size(), 1U);
  EXPECT_GT(plan.fires[0].merged_count, 31U * 86400 - 120);
}

}  // namespace
}  // namespace action_scheduler::testing
