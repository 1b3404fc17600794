// The triggers against the reference, at random.
#include <algorithm>

#include "tests/core/reference_schedule.h"
#include "tests/core/schedule_comparison.h"
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

constexpr std::int64_t kDay = 86400;

// Offsets of quarters of an hour that change every few days to weeks, by up to a day.
ZoneData random_zone(Random& random) {
  ZoneData zone;
  std::int64_t offset = pick(random, -40, 40);
  zone.first_offset = Seconds{offset * 900};
  Instant t = instant_from_unix(946684800 + pick(random, 0, 5000) * 900);  // 2000
  for (int i = 0; i < 300; ++i) {
    const std::int64_t shift = chance(random, 10) ? 96 : chance(random, 70) ? 4 : pick(random, 1, 12);
    const std::int64_t changed = offset + (offset > 50 ? -shift : offset < -50 || chance(random, 50) ? shift : -shift);
    zone.transitions.push_back({t, Seconds{changed * 900}});
    offset = changed;
    t += Seconds{(chance(random, 25) ? pick(random, 200, 600) : pick(random, 1000, 9000)) * 900};
  }
  return zone;
}

// Most of what can go wrong does so near a change.
std::int64_t random_instant(Random& random, const ReferenceZone& zone) {
  if (zone.changes.empty() || chance(random, 20)) return pick(random, 1041379200, 1767225600);  // 2003 to 2025
  const std::size_t reach = std::min<std::size_t>(zone.changes.size(), 60);
  return zone.changes[random() % reach].first + pick(random, -kDay, kDay);
}

TEST(RandomSchedules, FireAsTheReferenceSays) {
  RandomRounds rounds(4000);
  Random& random = rounds.random();
  FakeZones zones;
  Texts names = {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo"};
  for (int i = 0; i < 12; ++i) {
    names.push_back("Random/" + std::to_string(i));
    zones.add(names.back(), random_zone(random));
  }
  while (rounds.next()) {
    const std::string& name = names[random() % names.size()];
    const ReferenceZone zone = reference_zone(zones.data(name));
    const std::int64_t middle = random_instant(random, zone) / 900 * 900;
    const bool minutes = chance(random, 85);
    const std::int64_t half = minutes ? pick(random, 12, 72) * 3600 : pick(random, 1, 3) * 3600;
    const std::string cron = random_cron(random, {name, middle, true, minutes});
    compare_with_reference(random, cron, zone, zones, middle - half, middle + half);
  }
}

// Years at a time, day by day, from the year 1 to 9999: leap days, ISO weeks, last weekdays.
TEST(RandomSchedules, FireOnTheDaysThatTheReferenceNames) {
  RandomRounds rounds(1000);
  Random& random = rounds.random();
  const std::int64_t first_day = days_since_1970(1, 1, 1);
  const std::int64_t last_day = days_since_1970(9999, 12, 31);
  while (rounds.next()) {
    const RandomCronOptions options{"UTC", 0, false, false};
    const std::string cron = chance(random, 50) ? random_unix_cron(random, options) : random_apscheduler_cron(random, options);
    SCOPED_TRACE(cron);
    const Trigger trigger = trigger_of(cron);
    const ReferenceSchedule reference = reference_schedule_of(cron);
    std::int64_t first = chance(random, 50) ? pick(random, 0, 30000) : pick(random, first_day, last_day);
    const std::int64_t last = std::min(first + 1200, last_day);
    const std::vector<std::int64_t> expected = reference.days(first, last);
    const std::vector<int> times = reference.times_of_day();

    std::vector<std::int64_t> found;
    for (auto t = trigger.next(instant_from_unix(first * kDay - 1)); t && unix_seconds(*t) < (last + 1) * kDay;) {
      const std::int64_t day = (unix_seconds(*t) + 100'000'000 * kDay) / kDay - 100'000'000;
      ASSERT_EQ(unix_seconds(*t) - day * kDay, times.front());
      found.push_back(day);
      t = trigger.next(instant_from_unix(day * kDay + times.back()));
    }
    ASSERT_EQ(found, expected);
    found.clear();
    for (auto t = trigger.previous(instant_from_unix((last + 1) * kDay)); t && unix_seconds(*t) >= first * kDay;) {
      const std::int64_t day = (unix_seconds(*t) + 100'000'000 * kDay) / kDay - 100'000'000;
      ASSERT_EQ(unix_seconds(*t) - day * kDay, times.back());
      found.push_back(day);
      t = trigger.previous(instant_from_unix(day * kDay + times.front()));
    }
    std::reverse(found.begin(), found.end());
    ASSERT_EQ(found, expected);
    ASSERT_EQ(trigger.count(instant_from_unix(first * kDay - 1), instant_from_unix((last + 1) * kDay - 1)),
              expected.size() * times.size());
  }
}

}  // namespace
}  // namespace action_scheduler::testing
