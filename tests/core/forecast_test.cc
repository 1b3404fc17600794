// Counting beside stepping.
#include "action_scheduler/forecast.h"

#include <map>

#include "tests/core/schedule_comparison.h"
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

void put(ActionSet& set, ActionId id, const std::string& cron) {
  set.put({id, ActionText({"name", "run", {}, {}, {}}), {}, trigger_of(cron)}, kFirstInstant);
}

ForecastRange range(std::string_view from, std::string_view to, Seconds bin) { return {at(from), at(to), bin}; }

TEST(Forecast, CountsFiresInBinsThatIncludeTheirBeginning) {
  ActionSet set;
  put(set, 1, unix_cron("0 * * * *"));
  put(set, 2, unix_cron("0 * * * *"));
  put(set, 3, unix_cron("30 11 * * *"));
  const Forecast all = forecast(set, range("2026-11-21T10:00:00Z", "2026-11-21T12:30:00Z", Seconds{3600}));
  EXPECT_EQ(all.fires, 7U);
  EXPECT_THAT(all.bins, ElementsAre(2, 3, 2));
  EXPECT_EQ(all.silent_actions, 0U);
}

TEST(Forecast, NamesThePeakAndTheEarliestOfSeveral) {
  ActionSet set;
  put(set, 1, cron_of("apscheduler", R"("second":"*")"));
  for (ActionId id = 2; id < 10; ++id) put(set, id, unix_cron("7 12 * * *"));
  const Forecast all = forecast(set, range("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", Seconds{86400}));
  ASSERT_TRUE(all.peak);
  EXPECT_EQ(format_utc(all.peak->at), "2026-11-01T12:07:00Z");
  EXPECT_EQ(all.peak->fires, 9U);
}

TEST(Forecast, NamesTheBusiestActionsByFiresAndThenById) {
  ActionSet set;
  for (const ActionId id : {5, 3, 9}) put(set, id, unix_cron("0 * * * *"));
  put(set, 7, unix_cron("*/10 * * * *"));
  put(set, 8, unix_cron("0 0 30 2 *"));
  const Forecast all = forecast(set, range("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z", Seconds{3600}), 3);
  ASSERT_EQ(all.busiest.size(), 3U);
  EXPECT_EQ(all.busiest[0].id, 7);
  EXPECT_EQ(all.busiest[0].fires, 144U);
  EXPECT_EQ(all.busiest[1].id, 3);
  EXPECT_EQ(all.busiest[2].id, 5);
  EXPECT_EQ(all.silent_actions, 1U);
}

TEST(Forecast, OfNothingIsEmpty) {
  const Forecast all = forecast(ActionSet(), range("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z", Seconds{3600}));
  EXPECT_EQ(all.fires, 0U);
  EXPECT_FALSE(all.peak);
  EXPECT_EQ(all.bins.size(), 24U);
  EXPECT_THAT(all.bins, Each(0U));
}

TEST(Forecast, IsWhatSteppingThroughEachFireGives) {
  RandomRounds rounds(60);
  while (rounds.next()) {
    Random& random = rounds.random();
    ActionSet set;
    const std::int64_t begin = pick(random, 1'700'000'000, 1'800'000'000);
    for (ActionId id = 1; id <= 12; ++id) {
      put(set, id, random_cron(random, {chance(random, 50) ? "UTC" : "America/New_York", begin}));
    }
    const Instant from = instant_from_unix(begin);
    const ForecastRange asked{from, from + Seconds{pick(random, 1, 40'000)}, Seconds{pick(random, 1, 5'000)}};

    Forecast stepped;
    stepped.bins.resize(static_cast<std::size_t>((asked.to - asked.from + asked.bin - Seconds{1}) / asked.bin));
    std::map<ActionId, std::uint64_t> of_action;
    FireWalk walk(set, asked.from, asked.to);
    std::vector<ActionId> ids;
    while (const auto t = walk.next(ids)) {
      ASSERT_TRUE(*t >= asked.from && *t < asked.to);
      ASSERT_TRUE(std::ranges::is_sorted(ids));
      stepped.fires += ids.size();
      stepped.bins[static_cast<std::size_t>((*t - asked.from) / asked.bin)] += ids.size();
      if (!stepped.peak || ids.size() > stepped.peak->fires) stepped.peak = Forecast::Peak{*t, ids.size()};
      for (const ActionId id : ids) ++of_action[id];
    }
    const Forecast counted = forecast(set, asked, 12);
    ASSERT_EQ(counted.fires, stepped.fires);
    ASSERT_EQ(counted.bins, stepped.bins);
    ASSERT_EQ(counted.silent_actions, 12 - of_action.size());
    ASSERT_EQ(counted.peak.has_value(), stepped.peak.has_value());
    if (counted.peak) {
      ASSERT_EQ(counted.peak->at, stepped.peak->at);
      ASSERT_EQ(counted.peak->fires, stepped.peak->fires);
    }
    ASSERT_EQ(counted.busiest.size(), of_action.size());
    for (const Forecast::Busy& busy : counted.busiest) ASSERT_EQ(busy.fires, of_action[busy.id]);
  }
}

TEST(FireWalk, GoesInOrderOfTimeAndThenOfId) {
  ActionSet set;
  put(set, 20, unix_cron("0 * * * *"));
  put(set, 3, unix_cron("0,30 * * * *"));
  FireWalk walk(set, at("2026-11-21T10:00:00Z"), at("2026-11-21T11:00:00Z"));
  std::vector<ActionId> ids;
  EXPECT_EQ(walk.next(ids), at("2026-11-21T10:00:00Z"));
  EXPECT_THAT(ids, ElementsAre(3, 20));
  EXPECT_EQ(walk.next(ids), at("2026-11-21T10:30:00Z"));
  EXPECT_THAT(ids, ElementsAre(3));
  EXPECT_EQ(walk.next(ids), std::nullopt);
}

}  // namespace
}  // namespace action_scheduler::testing
