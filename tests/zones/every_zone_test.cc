// Every zone of the tz database, legacy names included, and every change of its clock from 1970 to 2100.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "tests/core/schedule_comparison.h"
#include "tests/core/schedule_testing.h"
#include "tests/zones/tzif.h"
#include "zones/system_zones.h"

namespace action_scheduler::testing {
namespace {

constexpr std::int64_t kDaySeconds = 86400;
constexpr std::int64_t kFirst = 0;            // 1970-01-01
constexpr std::int64_t kLast = 4102444800;    // 2100-01-01
constexpr std::int64_t kKnown = 16725225600;  // 2500-01-01, as far as the reference goes

struct NamedZone {
  std::string name;
  ReferenceZone reference;
};

SystemZones& system_zones() {
  static SystemZones zones;
  return zones;
}

const std::vector<NamedZone>& all_zones() {
  static const std::vector<NamedZone> kZones = [] {
    std::vector<NamedZone> zones;
    for (const std::string& name : tzdata_names(tzdata_directory())) {
      // Distributions may leave the legacy names to another package.
      if (std::filesystem::exists(tzdata_directory() / name)) zones.push_back({name, read_tzif(tzdata_directory() / name)});
    }
    return zones;
  }();
  return kZones;
}

// One of each set of zones whose clocks are alike.
std::vector<const NamedZone*> distinct_zones() {
  std::set<std::pair<std::int64_t, std::vector<std::pair<std::int64_t, std::int64_t>>>> seen;
  std::vector<const NamedZone*> zones;
  for (const NamedZone& zone : all_zones()) {
    if (seen.emplace(zone.reference.first_offset, zone.reference.changes).second) zones.push_back(&zone);
  }
  return zones;
}

TEST(EveryZone, OfTheDatabaseIsKnownByItsName) {
  EXPECT_GE(all_zones().size(), 400U);
  for (const NamedZone& zone : all_zones()) EXPECT_TRUE(system_zones().find(zone.name).ok()) << zone.name;
  std::set<std::string> names;
  for (const NamedZone& zone : all_zones()) names.insert(zone.name);
  for (const std::string& name : system_zones().names()) EXPECT_TRUE(names.contains(name)) << name;
}

TEST(EveryZone, ChangesItsClockWhenItsFileSays) {
  for (const NamedZone& zone : all_zones()) {
    const Zone& found = **system_zones().find(zone.name);
    Zone::Span span = found.span_at(kFirstInstant);
    EXPECT_EQ(span.offset.count(), zone.reference.offset_at(unix_seconds(kFirstInstant))) << zone.name;
    for (const auto& [at, offset] : zone.reference.changes) {
      if (at <= unix_seconds(kFirstInstant) || at >= kKnown) continue;
      ASSERT_EQ(span.end, instant_from_unix(at)) << zone.name << ' ' << format_utc(instant_from_unix(at));
      span = found.span_at(span.end);
      ASSERT_EQ(span.offset.count(), offset) << zone.name << ' ' << format_utc(instant_from_unix(at));
    }
    ASSERT_GE(span.end, instant_from_unix(kKnown)) << zone.name;
  }
}

// How many noons the clock shows or jumps over in a time at whose ends no clock changes: one a day, lost days included.
TEST(EveryZone, HasNoDayWithoutItsFireAndNoneWithTwo) {
  const auto noons_until = [](std::int64_t local) { return (local + kDaySeconds / 2) / kDaySeconds; };
  for (const NamedZone& zone : all_zones()) {
    const Trigger trigger = trigger_of(unix_cron("0 12 * * *", zone.name), {}, system_zones());
    for (const auto& [from, until] : {std::pair(kFirst, kLast), {-1577923200L, kFirst}, {kLast, kKnown}}) {  // 1920
      const std::int64_t expected = noons_until(until + zone.reference.offset_at(until) + 100 * 366 * kDaySeconds) -
                                    noons_until(from + zone.reference.offset_at(from) + 100 * 366 * kDaySeconds);
      EXPECT_EQ(trigger.count(instant_from_unix(from), instant_from_unix(until)), expected) << zone.name << ' ' << from;
    }
  }
}

// Schedules that ask for the time of day alone, and how far around a change of the clock they are looked at.
struct TimedSchedule {
  std::string format;
  std::string members;
  std::int64_t reach_s;  // and the length of the change beyond it
};

const std::vector<TimedSchedule>& timed_schedules() {
  static const std::vector<TimedSchedule> kSchedules = {
      {"unix", R"("value":"0 0 * * *")", 27 * 3600},
      {"unix", R"("value":"30 2 * * *")", 27 * 3600},
      {"unix", R"("value":"30 23 * * *")", 27 * 3600},
      {"unix", R"("value":"0,30 0-3 * * *")", 27 * 3600},
      {"unix", R"("value":"*/5 0-5 * * *")", 6 * 3600},
      {"unix", R"("value":"0 * * * *")", 3 * 3600},
      {"unix", R"("value":"*/5 * * * *")", 3600},
      {"unix", R"("value":"7-59/13 */2 * * *")", 4 * 3600},
      {"apscheduler", R"("hour":"1,2,3,23")", 27 * 3600},
      {"apscheduler", R"("hour":"*/3","minute":"15,45")", 5 * 3600},
      {"apscheduler", R"("hour":"0-22","minute":59,"second":59)", 4 * 3600},
      {"apscheduler", R"("hour":"0-4","minute":"*","second":30)", 2 * 3600},
      {"apscheduler", R"("second":"*/20")", 600},
      {"apscheduler", R"("hour":"0-5","minute":"0,30","second":"*/30")", 3 * 3600},
      {"apscheduler", R"("hour":"2-3","second":"10-50/20")", 1800},
  };
  return kSchedules;
}

// All that decides when such a schedule fires near a change: the time of day at which it comes and its length, and the same of
// other changes near by.
using Shape = std::vector<std::int64_t>;

Shape shape_of(const ReferenceZone& zone, std::size_t change) {
  const std::int64_t at = zone.changes[change].first;
  std::int64_t before = change == 0 ? zone.first_offset : zone.changes[change - 1].second;
  Shape shape = {((at + before) % kDaySeconds + kDaySeconds) % kDaySeconds, zone.changes[change].second - before};
  before = zone.first_offset;
  for (const auto& [other, offset] : zone.changes) {
    if (other != at && std::abs(other - at) < 9 * kDaySeconds) shape.insert(shape.end(), {other - at, offset - before});
    before = offset;
  }
  return shape;
}

// With SCHEDULES_EVERY_TRANSITION set, steps through all fires near every change; else near the first one of each shape in each
// zone, and counts near the others.
TEST(EveryZone, FiresAsTheReferenceSaysAroundEachChangeOfItsClock) {
  const bool every_one = std::getenv("SCHEDULES_EVERY_TRANSITION") != nullptr;
  std::map<std::pair<Shape, std::size_t>, std::vector<std::int64_t>> expected_by_shape;  // from the change on
  std::size_t changes = 0;
  for (const NamedZone* zone : distinct_zones()) {
    std::vector<Trigger> triggers;
    std::vector<std::string> crons;
    for (const TimedSchedule& schedule : timed_schedules()) {
      crons.push_back(cron_of(schedule.format, schedule.members + R"(,"timezone":")" + zone->name + '"'));
      triggers.push_back(trigger_of(crons.back(), {}, system_zones()));
    }
    std::set<Shape> stepped;
    for (std::size_t change = 0; change < zone->reference.changes.size(); ++change) {
      const std::int64_t at = zone->reference.changes[change].first;
      if (at < kFirst || at >= kLast) continue;
      ++changes;
      const Shape shape = shape_of(zone->reference, change);
      const bool step = stepped.insert(shape).second || every_one;
      for (std::size_t i = 0; i < triggers.size(); ++i) {
        const std::int64_t reach = timed_schedules()[i].reach_s + std::abs(shape[1]);
        const auto [known, is_new] = expected_by_shape.try_emplace({shape, i});
        if (is_new) {
          known->second = reference_schedule_of(crons[i]).fires(zone->reference, at - reach, at + reach);
          for (std::int64_t& t : known->second) t -= at;
        }
        SCOPED_TRACE(crons[i] + " at " + format_utc(instant_from_unix(at)));
        const Instant first = instant_from_unix(at - reach - 1);
        ASSERT_EQ(triggers[i].count(first, instant_from_unix(at + reach)), known->second.size());
        ASSERT_EQ(triggers[i].count(first, instant_from_unix(at)),
                  std::upper_bound(known->second.begin(), known->second.end(), 0) - known->second.begin());
        if (!step) continue;
        std::vector<std::int64_t> expected = known->second;
        for (std::int64_t& t : expected) t += at;
        ASSERT_NO_FATAL_FAILURE(expect_fires(triggers[i], expected, at - reach, at + reach));
      }
    }
  }
  EXPECT_GT(changes, 10'000U);
  EXPECT_GT(expected_by_shape.size(), 50 * timed_schedules().size());
}

TEST(EveryZone, FiresAsTheReferenceSaysAtRandom) {
  RandomRounds rounds(1000);
  Random& random = rounds.random();
  const std::vector<const NamedZone*> zones = distinct_zones();
  while (rounds.next()) {
    const NamedZone& zone = *zones[random() % zones.size()];
    std::int64_t middle = pick(random, kFirst, kLast);
    if (!zone.reference.changes.empty() && chance(random, 85)) {
      const std::size_t change = random() % std::min<std::size_t>(zone.reference.changes.size(), 300);
      middle = zone.reference.changes[change].first + pick(random, -kDaySeconds, kDaySeconds);
    }
    middle = std::max(middle, -3'000'000'000) / 60 * 60;
    const bool minutes = zone.reference.offset_at(middle) % 60 == 0 && chance(random, 85);
    const std::int64_t half = minutes ? pick(random, 12, 48) * 3600 : pick(random, 1, 3) * 3600;
    const std::string cron = random_cron(random, {zone.name, middle, true, minutes});
    compare_with_reference(random, cron, zone.reference, system_zones(), middle - half, middle + half);
  }
}

}  // namespace
}  // namespace action_scheduler::testing
