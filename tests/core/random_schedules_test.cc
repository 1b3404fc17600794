// The triggers against the reference, at random.
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "tests/core/reference_schedule.h"
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

constexpr std::int64_t kDay = 86400;

// SCHEDULES_SEED repeats a run, SCHEDULES_ROUNDS makes it longer.
std::uint64_t seed() {
  const char* given = std::getenv("SCHEDULES_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "SCHEDULES_SEED=" << seed << '\n';
  return seed;
}

int rounds(int usual) {
  const char* given = std::getenv("SCHEDULES_ROUNDS");
  return given != nullptr ? std::atoi(given) : usual;
}

// Offsets of quarters of an hour that change every few days to weeks, by up to a day.
ZoneData random_zone(Random& random) {
  const auto pick = [&random](int least, int greatest) { return std::uniform_int_distribution<int>(least, greatest)(random); };
  ZoneData zone;
  int offset = pick(-40, 40);
  zone.first_offset = Seconds{offset * 900};
  Instant t = instant_from_unix(946684800 + pick(0, 5000) * 900LL);  // 2000
  for (int i = 0; i < 300; ++i) {
    const int shift = pick(1, 10) == 1 ? 96 : pick(1, 10) > 3 ? 4 : pick(1, 12);
    const int changed = offset + (offset > 50 ? -shift : offset < -50 || pick(0, 1) == 0 ? shift : -shift);
    zone.transitions.push_back({t, Seconds{changed * 900}});
    offset = changed;
    t += Seconds{(pick(0, 3) == 0 ? pick(200, 600) : pick(1000, 9000)) * 900LL};
  }
  return zone;
}

Instant random_instant(Random& random, const ZoneData& zone) {
  std::uniform_int_distribution<std::int64_t> years(1041379200, 1767225600);  // 2003 to 2025
  if (zone.transitions.empty() || random() % 4 == 0) return instant_from_unix(years(random));
  // Most of what can go wrong does so near a change.
  const std::size_t reach = std::min<std::size_t>(zone.transitions.size(), 60);
  return zone.transitions[random() % reach].at + Seconds{static_cast<std::int64_t>(random() % (6 * kDay)) - 3 * kDay};
}

std::vector<std::int64_t> forward(const Trigger& trigger, std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> found;
  for (auto t = trigger.next(instant_from_unix(first - 1)); t && unix_seconds(*t) <= last; t = trigger.next(*t)) {
    found.push_back(unix_seconds(*t));
  }
  return found;
}

std::vector<std::int64_t> backward(const Trigger& trigger, std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> found;
  for (auto t = trigger.previous(instant_from_unix(last + 1)); t && unix_seconds(*t) >= first; t = trigger.previous(*t)) {
    found.push_back(unix_seconds(*t));
  }
  std::reverse(found.begin(), found.end());
  return found;
}

void compare(Random& random, const ReferenceSchedule& schedule, const ZoneData& zone, FakeZones& zones, std::int64_t length,
             int step_s) {
  const Trigger trigger = trigger_of(schedule.cron, {}, zones);
  const std::int64_t middle = unix_seconds(random_instant(random, zone)) / 900 * 900;
  const std::int64_t first = middle - length / 2;
  const std::int64_t last = middle + length / 2;
  const std::vector<std::int64_t> expected = schedule.fires(zone, first, last, step_s);
  SCOPED_TRACE(schedule.cron + " from " + format_utc(instant_from_unix(first)));
  ASSERT_EQ(forward(trigger, first, last), expected);
  ASSERT_EQ(backward(trigger, first, last), expected);
  for (int i = 0; i < 8; ++i) {
    const std::int64_t a = first - 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(length));
    const std::int64_t b = a + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(last - a + 1));
    const auto from = std::upper_bound(expected.begin(), expected.end(), a);
    const auto to = std::upper_bound(expected.begin(), expected.end(), b);
    ASSERT_EQ(trigger.count(instant_from_unix(a), instant_from_unix(b)), static_cast<std::uint64_t>(to - from)) << a << ' ' << b;
  }
  for (int i = 0; i < 200; ++i) {  // from anywhere, the midst of gaps and overlaps included
    const std::int64_t t = first + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(length));
    const auto later = std::upper_bound(expected.begin(), expected.end(), t);
    const auto earlier = std::lower_bound(expected.begin(), expected.end(), t);
    // Beyond the window nothing is known.
    const std::int64_t next = unix_seconds(trigger.next(instant_from_unix(t)).value_or(kLastInstant));
    const std::int64_t previous = unix_seconds(trigger.previous(instant_from_unix(t)).value_or(kFirstInstant));
    ASSERT_EQ(std::min(next, last + 1), later == expected.end() ? last + 1 : *later) << format_utc(instant_from_unix(t));
    ASSERT_EQ(std::max(previous, first - 1), earlier == expected.begin() ? first - 1 : *(earlier - 1))
        << format_utc(instant_from_unix(t));
  }
  const Trigger again = trigger_of(trigger.canonical(), {}, zones);
  ASSERT_EQ(again.canonical(), trigger.canonical());
  ASSERT_EQ(again, trigger) << trigger.canonical();
  ASSERT_EQ(again.hash(), trigger.hash()) << trigger.canonical();
  ASSERT_EQ(forward(again, first, last), expected) << trigger.canonical();
}

TEST(RandomSchedules, FireAsTheReferenceSaysMinuteByMinute) {
  Random random(seed());
  FakeZones zones;
  Texts names = {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo"};
  for (int i = 0; i < 6; ++i) {
    names.push_back("Random/" + std::to_string(i));
    zones.add(names.back(), random_zone(random));
  }
  for (int round = 0, end = rounds(300); round < end && !HasFatalFailure(); ++round) {
    const std::string& name = names[random() % names.size()];
    const ReferenceSchedule schedule =
        random() % 2 == 0 ? random_unix_schedule(random, name) : random_apscheduler_schedule(random, name, true);
    compare(random, schedule, zones.data(name), zones, 12 * kDay, 60);
  }
}

TEST(RandomSchedules, FireAsTheReferenceSaysSecondBySecond) {
  Random random(seed());
  FakeZones zones;
  Texts names = {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"};
  for (int round = 0, end = rounds(300) / 20; round < end && !HasFatalFailure(); ++round) {
    const std::string& name = names[random() % names.size()];
    compare(random, random_apscheduler_schedule(random, name, false), zones.data(name), zones, 6 * 3600, 1);
  }
}

// Whole years, day by day: leap days, ISO weeks, last weekdays.
TEST(RandomSchedules, FireOnTheDaysThatTheReferenceNames) {
  Random random(seed());
  FakeZones zones;
  zones.add("Days", {});
  for (int round = 0, end = rounds(300); round < end && !HasFatalFailure(); ++round) {
    ReferenceSchedule schedule =
        random() % 2 == 0 ? random_unix_schedule(random, "Days") : random_apscheduler_schedule(random, "Days", true);
    const Trigger trigger = trigger_of(schedule.cron, {}, zones);
    schedule.hours = schedule.minutes = schedule.seconds = {0};
    const std::int64_t first = unix_seconds(random_instant(random, {})) / kDay * kDay;
    const std::int64_t last = first + 1500 * kDay;
    const std::vector<std::int64_t> days = schedule.fires({}, first, last, static_cast<int>(kDay / 4));
    std::vector<std::int64_t> found;
    for (auto t = trigger.next(instant_from_unix(first - 1)); t && unix_seconds(*t) < last + kDay;) {
      found.push_back(unix_seconds(*t) / kDay * kDay);
      t = trigger.next(instant_from_unix(found.back() + kDay - 1));
    }
    ASSERT_EQ(found, days) << schedule.cron;
  }
}

}  // namespace
}  // namespace action_scheduler::testing
