// What triggers cost: memory and allocations. Time is measured in bench/.
#include "tests/core/allocations.h"
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

const Texts& typical_schedules() {
  static const Texts kSchedules = {
      unix_cron("* * * * *"),
      unix_cron("*/5 9-17 * * mon-fri", "America/New_York"),
      unix_cron("@daily", "Europe/Berlin", R"(,"jitter":600)"),
      unix_cron("0,15,30,45 0-6,18-23 1,15 jan,apr,jul,oct *", "UTC", R"(,"start_date":"2026-01-01","end_date":"2027-01-01")"),
      cron_of("apscheduler", R"("second":"*")"),
      cron_of("apscheduler", R"("month":2,"day":29,"day_of_week":"mon","timezone":"Europe/Berlin")"),
      cron_of("apscheduler", R"("day":"last, 2nd fri","hour":"*/2","minute":"59","jitter":30)"),
      cron_of("apscheduler", R"("week":"53","day_of_week":"0-4","hour":23,"start_date":"2026-01-01 10:00:00")"),
      cron_of("interval", R"("hours":1,"minutes":30)"),
      cron_of("interval", R"("weeks":2,"start_date":"2026-01-01T10:00:00+03:00","timezone":"Europe/Berlin","jitter":5)"),
      cron_of("date", R"("run_date":"2026-12-31T23:59:00")"),
      cron_of("date", R"("run_date":"2026-12-31","timezone":"America/New_York","jitter":60)"),
  };
  return kSchedules;
}

TEST(TriggerCost, IsAtMost128BytesOfHeapInOnePiece) {
  for (const std::string& cron : typical_schedules()) {
    (void)trigger_of(cron);  // its zone is read now
    const Allocations before = allocations();
    const Trigger trigger = trigger_of(cron);
    EXPECT_LE(allocations().live_bytes - before.live_bytes, 128U) << cron;
  }
}

TEST(TriggerCost, OfAListOfYearsIsThatListMore) {
  const std::string cron = cron_of("apscheduler", R"("year":"2026,2028-2030,2035,2040","hour":9)");
  (void)trigger_of(cron);
  const Allocations before = allocations();
  const Result<Trigger> trigger = parse_cron(cron, {}, fake_zones());
  EXPECT_LE(allocations().live_bytes - before.live_bytes, 128U + 88U);
  EXPECT_LE(allocations().count - before.count, 3U + 1U);  // the trigger, its list, the list's ranges, and one to collect them
  EXPECT_TRUE(trigger);
}

TEST(TriggerCost, OfParsingIsNoAllocationButTheTriggersOwn) {
  for (const std::string& cron : typical_schedules()) {
    (void)trigger_of(cron);
    const Allocations before = allocations();
    const Result<Trigger> trigger = parse_cron(cron, {}, fake_zones());
    EXPECT_EQ(allocations().count - before.count, 1U) << cron;
    EXPECT_TRUE(trigger);
  }
}

TEST(TriggerCost, OfATextThatHoldsTheTextOfTheScheduleIsOneAllocationMore) {
  const std::string cron = R"("{\"format\":\"unix\",\"params\":{\"value\":\"*/5 * * * *\",\"timezone\":\"UTC\"}}")";
  const Allocations before = allocations();
  const Result<Trigger> trigger = parse_cron(cron, {}, fake_zones());
  EXPECT_EQ(allocations().count - before.count, 2U);
  EXPECT_TRUE(trigger);
}

TEST(TriggerCost, OfFireTimesIsNoAllocation) {
  for (const std::string& cron : typical_schedules()) {
    const Trigger trigger = trigger_of(cron);
    const Allocations before = allocations();
    std::optional<Instant> t = at("2026-01-01T00:00:00Z");
    for (int i = 0; t && i < 100; ++i) t = trigger.next(*t);
    (void)trigger.previous(at("2050-01-01T00:00:00Z"));
    (void)trigger.count(at("2026-01-01T00:00:00Z"), at("2050-01-01T00:00:00Z"));
    EXPECT_EQ(allocations().count, before.count) << cron;
  }
}

}  // namespace
}  // namespace action_scheduler::testing
