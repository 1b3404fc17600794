// When two triggers are one.
#include <vector>

#include "action_scheduler/action.h"
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

// Schedules of which none equals another, each with other ways to write it.
std::vector<std::vector<std::string>> schedules() {
  return {
      {unix_cron("*/5 9-17 * * mon-fri"), unix_cron("*/5 9-17 *,1-31 * 1-5"), unix_cron(" */5,0\\t9-13,14-17 * 1-12 MON-FRI ")},
      {unix_cron("*/5 9-17 * * mon-fri", "Europe/Berlin")},
      {unix_cron("0-55/5 9-17 * * mon-fri")},  // the same fields, but another rule for overlaps
      {unix_cron("*/5 9-17 * * mon-fri", "UTC", R"(,"jitter":30)")},
      {unix_cron("*/5 9-17 * * mon-fri", "UTC", R"(,"start_date":"2026-01-01")"),
       unix_cron("*/5 9-17 * * mon-fri", "UTC", R"(,"start_date":"2026-01-01T01:00:00+01:00")")},
      {unix_cron("*/5 9-17 * * mon-fri", "UTC", R"(,"end_date":"2026-01-01")")},
      {unix_cron("0 9 1 * 1"), unix_cron("0 9 1 * mon")},
      {unix_cron("0 9 1 * *"), unix_cron("0 9 1 * *,1")},
      {unix_cron("0 9 */30 * 1")},  // the 1st and the 31st, if Mondays
      {cron_of("apscheduler", R"("day_of_week":"mon-fri","hour":"9-17","minute":"*/5")"),
       cron_of("apscheduler", R"("day_of_week":"0-4","hour":"9-17","minute":"*/5","second":0,"year":"*")")},
      {cron_of("apscheduler", R"("day":"last","hour":9)")},
      {cron_of("apscheduler", R"("day":"last sun","hour":9)"),
       cron_of("apscheduler", R"("day":"LAST SUN","hour":"9","week":"*")")},
      {cron_of("apscheduler", R"("week":"53","hour":9)")},
      {cron_of("apscheduler", R"("year":"2026","hour":9)"), cron_of("apscheduler", R"("year":2026,"hour":9)")},
      {cron_of("apscheduler", R"("year":"2026-2030","hour":9)"),
       cron_of("apscheduler", R"("year":"2026-2028,2029,2030","hour":9)")},
      {cron_of("apscheduler", R"("year":"2026,2030","hour":9)"), cron_of("apscheduler", R"("year":"2026-2030/4","hour":9)")},
      {cron_of("apscheduler", R"("hour":9)"), cron_of("apscheduler", R"("year":"1970-9999","hour":9)")},
      {cron_of("interval", R"("hours":1)"), cron_of("interval", R"("minutes":60)"),
       cron_of("interval", R"("seconds":3600,"start_date":"1970-01-01")")},
      {cron_of("interval", R"("hours":1,"start_date":"1970-01-01T00:00:01")")},
      {cron_of("date", R"("run_date":"2026-12-31")"), cron_of("date", R"("run_date":"2026-12-31 00:00:00Z")")},
      {cron_of("date", R"("run_date":"2026-12-31","jitter":1)")},
  };
}

TEST(TriggerEquality, FollowsFromTheFieldsHoweverTheyAreWritten) {
  for (const auto& spellings : schedules()) {
    const Trigger first = trigger_of(spellings.front());
    for (const std::string& spelling : spellings) {
      const Trigger trigger = trigger_of(spelling);
      EXPECT_EQ(trigger, first) << spelling;
      EXPECT_EQ(trigger.hash(), first.hash()) << spelling;
      EXPECT_EQ(trigger.canonical(), first.canonical()) << spelling;
    }
  }
}

TEST(TriggerEquality, HoldsExactlyWhereTheCanonicalTextsAreTheSame) {
  const auto all = schedules();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const Trigger a = trigger_of(all[i].front());
      const Trigger b = trigger_of(all[j].front());
      EXPECT_FALSE(a == b) << a.canonical() << ' ' << b.canonical();
      EXPECT_NE(a.canonical(), b.canonical());
      EXPECT_NE(a.hash(), b.hash()) << a.canonical() << ' ' << b.canonical();
    }
  }
}

TEST(TriggerEquality, AsksForTheNameOfTheZoneNotForItsPlaceInMemory) {
  FakeZones others;
  const std::string cron = unix_cron("0 9 * * *", "Europe/Berlin");
  EXPECT_EQ(trigger_of(cron), trigger_of(cron, {}, others));
  EXPECT_EQ(trigger_of(cron).hash(), trigger_of(cron, {}, others).hash());
}

TEST(ActionSet, HoldsEqualTriggersOnce) {
  ActionSet actions;
  ActionId id = 0;
  const auto all = schedules();
  for (const auto& spellings : all) {
    TriggerId interned = 0;
    for (const std::string& spelling : spellings) {
      const TriggerId given = actions.put({++id, ActionText(), {}, trigger_of(spelling)}, at("2026-01-01T00:00:00Z"));
      if (&spelling == &spellings.front()) interned = given;
      EXPECT_EQ(given, interned) << spelling;
    }
  }
  EXPECT_EQ(actions.trigger_count(), all.size());
}

}  // namespace
}  // namespace action_scheduler::testing
