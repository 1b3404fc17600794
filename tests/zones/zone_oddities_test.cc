// Schedules in real zones at their odd moments.
#include <filesystem>

#include "tests/core/schedule_testing.h"
#include "zones/system_zones.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;

struct Oddity {
  std::string name;
  std::string zone;
  std::string fields;
  std::string after;
  std::string until;
  Texts expected;
};

class ZoneOddities : public ::testing::TestWithParam<Oddity> {};

TEST_P(ZoneOddities, FireAsTheRulesSay) {
  static SystemZones zones;
  const Oddity& oddity = GetParam();
  const Trigger trigger = trigger_of(unix_cron(oddity.fields, oddity.zone), {}, zones);
  EXPECT_EQ(fires_between(trigger, oddity.after, oddity.until), oddity.expected);
  EXPECT_EQ(trigger.count(at(oddity.after), at(oddity.until)), oddity.expected.size());
}

INSTANTIATE_TEST_SUITE_P(Zones, ZoneOddities,
                         ::testing::Values(Oddity{"LordHoweGapOfHalfAnHour",
                                                  "Australia/Lord_Howe",
                                                  "15 2 * * *",
                                                  "2026-10-03T00:00:00Z",
                                                  "2026-10-04T00:00:00Z",
                                                  {"2026-10-03T15:30:00Z"}},
                                           Oddity{"ApiaSkippedDay",
                                                  "Pacific/Apia",
                                                  "0 12 * * *",
                                                  "2011-12-29T00:00:00Z",
                                                  "2011-12-31T00:00:00Z",
                                                  {"2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"}},
                                           Oddity{"BeirutMidnightGap",
                                                  "Asia/Beirut",
                                                  "30 0 * * *",
                                                  "2022-03-26T12:00:00Z",
                                                  "2022-03-27T12:00:00Z",
                                                  {"2022-03-26T22:00:00Z"}},
                                           Oddity{"HavanaMidnightGap",
                                                  "America/Havana",
                                                  "0 0 * * *",
                                                  "2026-03-07T12:00:00Z",
                                                  "2026-03-08T12:00:00Z",
                                                  {"2026-03-08T05:00:00Z"}},
                                           Oddity{"CairoMidnightGap",
                                                  "Africa/Cairo",
                                                  "0 0 * * *",
                                                  "2023-04-27T12:00:00Z",
                                                  "2023-04-28T12:00:00Z",
                                                  {"2023-04-27T22:00:00Z"}},
                                           Oddity{"SaoPauloMidnightGap",
                                                  "America/Sao_Paulo",
                                                  "0 0 * * *",
                                                  "2018-11-03T12:00:00Z",
                                                  "2018-11-04T12:00:00Z",
                                                  {"2018-11-04T03:00:00Z"}},
                                           Oddity{"SaoPauloMidnightOverlap",
                                                  "America/Sao_Paulo",
                                                  "30 23 * * *",
                                                  "2019-02-16T12:00:00Z",
                                                  "2019-02-17T12:00:00Z",
                                                  {"2019-02-17T01:30:00Z"}},
                                           Oddity{"DublinGap",
                                                  "Europe/Dublin",
                                                  "30 1 * * *",
                                                  "2026-03-28T12:00:00Z",
                                                  "2026-03-29T12:00:00Z",
                                                  {"2026-03-29T01:00:00Z"}},
                                           Oddity{"DublinOverlap",
                                                  "Europe/Dublin",
                                                  "30 1 * * *",
                                                  "2026-10-24T12:00:00Z",
                                                  "2026-10-25T12:00:00Z",
                                                  {"2026-10-25T00:30:00Z"}},
                                           Oddity{"CasablancaRamadanBegins",
                                                  "Africa/Casablanca",
                                                  "30 2 * * *",
                                                  "2025-02-22T12:00:00Z",
                                                  "2025-02-23T12:00:00Z",
                                                  {"2025-02-23T01:30:00Z"}},
                                           Oddity{"CasablancaRamadanEnds",
                                                  "Africa/Casablanca",
                                                  "30 2 * * *",
                                                  "2025-04-05T12:00:00Z",
                                                  "2025-04-06T12:00:00Z",
                                                  {"2025-04-06T02:00:00Z"}},
                                           Oddity{"PyongyangChangeOfStandardTime",
                                                  "Asia/Pyongyang",
                                                  "45 23 * * *",
                                                  "2018-05-03T20:00:00Z",
                                                  "2018-05-05T12:00:00Z",
                                                  {"2018-05-04T15:00:00Z"}},
                                           Oddity{"CaracasChangeOfStandardTime",
                                                  "America/Caracas",
                                                  "45 2 * * *",
                                                  "2016-04-30T12:00:00Z",
                                                  "2016-05-01T12:00:00Z",
                                                  {"2016-05-01T07:00:00Z"}}),
                         [](const auto& oddity) { return oddity.param.name; });

TEST(AllZones, FireOncePerLocalDayAndInOrder) {
  SystemZones zones;
  for (const std::string& name : zones.names()) {
    const Trigger trigger = trigger_of(unix_cron("30 2 * * *", name), {}, zones);
    Instant last = at("1970-01-01T00:00:00Z");
    int fires = 0;
    for (std::optional<Instant> t = trigger.next(last); t && *t < at("2100-01-01T00:00:00Z"); t = trigger.next(*t)) {
      ASSERT_GT(*t, last) << name;
      ASSERT_EQ(trigger.previous(*t + Seconds{1}), *t) << name << ' ' << format_utc(*t);
      if (fires > 0) {
        ASSERT_EQ(trigger.previous(*t), last) << name << ' ' << format_utc(*t);
        ASSERT_LE(*t - last, Seconds{36 * 3600}) << name << ' ' << format_utc(*t);
      }
      last = *t;
      ++fires;
    }
    ASSERT_GE(fires, 47480) << name;  // 47482 days, and a lost or doubled one at the date line
    ASSERT_LE(fires, 47484) << name;
  }
}

}  // namespace
}  // namespace action_scheduler::testing
