#include "zones/system_zones.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include "tests/core/fake_zones.h"
#include "tests/zones/tzif.h"
#include "tests/zones/zone_source_conformance.h"

namespace action_scheduler::testing {
namespace {

using ::testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(Sources, ZoneSourceConformance,
                         ::testing::Values(ZoneSourceMaker{"System", [] { return std::make_unique<SystemZones>(); }},
                                           ZoneSourceMaker{"Fake", [] { return std::make_unique<FakeZones>(); }}),
                         [](const auto& made) { return made.param.name; });

std::string fault(std::string_view name) {
  static SystemZones zones;
  const Result<const Zone*> found = zones.find(name);
  return found ? std::string() : found.error().message;
}

TEST(SystemZones, RefusesWhatIsNoNameOfAZone) {
  for (const char* name : {"right/Europe/Berlin",
                           "posix/Europe/Berlin",
                           "localtime",
                           "posixrules",
                           "/usr/share/zoneinfo/UTC",
                           "/UTC",
                           "../zoneinfo/UTC",
                           "Europe/../UTC",
                           "./UTC",
                           "Europe//Berlin",
                           "tzdata.zi",
                           "zone.tab",
                           "leapseconds",
                           "leap-seconds.list",
                           "EUROPE/BERLIN",
                           "Europe/berlin",
                           "UTC0",
                           "EST5EDT,M3.2.0,M11.1.0",
                           "<+03>-3",
                           "GMT+3",
                           "+0300",
                           "Z",
                           "file:Europe/Berlin",
                           "Fixed/UTC+03:00:00",
                           "America",
                           "America/",
                           ":UTC"}) {
    EXPECT_THAT(fault(name), HasSubstr("unknown time zone")) << name;
  }
  EXPECT_NE(fault(std::string("UTC\0", 4)), "");
}

TEST(SystemZones, TakesNamesOfAllShapesThatTheDatabaseHas) {
  for (const char* name :
       {"Etc/GMT+5", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/UTC", "Africa/Abidjan"}) {
    EXPECT_EQ(fault(name), "") << name;
  }
}

TEST(SystemZones, SuggestsANearName) {
  EXPECT_THAT(fault("Europe/Berln"), HasSubstr("did you mean \"Europe/Berlin\""));
  EXPECT_THAT(fault("america/new_york"), HasSubstr("did you mean \"America/New_York\""));
}

// A table may have another bad name in each of its rows, and walking through the directory for each would take minutes.
TEST(SystemZones, LooksForNearNamesInTheDirectoryOnce) {
  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() / ("zones_test_" + std::to_string(std::random_device{}()));
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "Somewhere") << "TZif2";
  SystemZones zones(directory);
  EXPECT_THAT(zones.find("Somewher").error().message, HasSubstr("did you mean \"Somewhere\""));
  std::filesystem::remove(directory / "Somewhere");
  EXPECT_THAT(zones.find("Somewhre").error().message, HasSubstr("did you mean \"Somewhere\""));
  EXPECT_THAT(zones.find("Somewhere").error().message, HasSubstr("unknown time zone")) << "that is looked at each time";
  std::filesystem::remove_all(directory);
}

TEST(SystemZones, KnowsUtcWithoutADatabaseAndSaysThatThereIsNone) {
  SystemZones zones("/nonexistent");
  EXPECT_TRUE(zones.find("UTC").ok());
  EXPECT_THAT(zones.find("Europe/Berlin").error().message, HasSubstr("/nonexistent"));
}

TEST(SystemZones, ReportsAFileThatIsBroken) {
  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() / ("zones_test_" + std::to_string(std::random_device{}()));
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "Broken") << "TZif2 and no more";
  std::ofstream(directory / "Text") << "nothing";
  SystemZones zones(directory);
  EXPECT_THAT(zones.find("Broken").error().message, HasSubstr("cannot be read"));
  EXPECT_THAT(zones.find("Text").error().message, HasSubstr("unknown time zone"));
  EXPECT_THAT(zones.names(), ::testing::ElementsAre("Broken", "UTC"));
  std::filesystem::remove_all(directory);
}

TEST(SystemZones, TriesAgainWhatCouldNotBeReadForWantOfADescriptor) {
  SystemZones zones;
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{0, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const Result<const Zone*> refused = zones.find("Asia/Kathmandu");
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().passing);
  EXPECT_THAT(refused.error().message, HasSubstr("cannot be read now (Too many open files)"));
  EXPECT_TRUE(zones.find("Asia/Kathmandu"));
  EXPECT_FALSE(zones.find("Asia/Nowhere").error().passing);
}

TEST(SystemZones, TakesAFileThatWasMended) {
  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() / ("zones_test_" + std::to_string(std::random_device{}()));
  std::filesystem::create_directories(directory);
  SystemZones zones(directory);
  std::ofstream(directory / "Mended") << "TZif2 and no more";
  const Result<const Zone*> refused = zones.find("Mended");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().passing);
  std::filesystem::copy_file(tzdata_directory() / "Asia/Tokyo", directory / "Mended",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(zones.find("Mended"));
  std::filesystem::remove_all(directory);
}

TEST(SystemZones, GivesOneZoneToManyThreads) {
  SystemZones zones;
  std::vector<const Zone*> found(8);
  std::vector<std::thread> threads;
  for (const Zone*& place : found) threads.emplace_back([&] { place = *zones.find("Asia/Tokyo"); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(found.begin(), found.end(), found.front()), 8);
}

// The C library reads the same files with code of its own.
TEST(SystemZones, AgreeWithTheCLibraryInEveryZone) {
  const auto seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  SystemZones zones;
  for (const std::string& name : zones.names()) {
    setenv("TZ", name.c_str(), 1);
    tzset();
    const Zone& zone = **zones.find(name);
    const auto agree = [&](Instant t) {
      const std::time_t seconds = unix_seconds(t);
      std::tm local{};
      localtime_r(&seconds, &local);
      EXPECT_EQ(zone.span_at(t).offset.count(), local.tm_gmtoff) << name << ' ' << format_utc(t);
    };
    for (int i = 0; i < 20 && !HasFailure(); ++i) {
      // 1900 to 2900
      const Instant t = instant_from_unix(std::uniform_int_distribution<std::int64_t>(-2208988800, 29348006400)(random));
      agree(t);
      const Zone::Span span = zone.span_at(t);
      if (span.begin > kFirstInstant) agree(span.begin), agree(span.begin - Seconds{1});
    }
  }
  unsetenv("TZ");
  tzset();
}

}  // namespace
}  // namespace action_scheduler::testing
