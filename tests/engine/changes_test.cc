#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/engine/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Changes, ANewActionCountsFromTheMomentItIsSeen) {
  World world;
  world.start();
  world.run_until(at(100));
  world.put(1, every(60));
  world.poll();
  world.run_until(at(180));
  EXPECT_THAT(world.arrived(), ElementsAre("1@120", "1@180"));
}

// Zones of the system, of which one cannot be read for a while.
class ReluctantZones : public ZoneSource {
 public:
  Result<const Zone*> find(std::string_view name) override {
    if (unreadable && name == "Asia/Tokyo") return Error{"the file cannot be read now", true};
    return zones_.find(name);
  }

  bool unreadable = true;

 private:
  SystemZones zones_;
};

TEST(Changes, ARowWhoseZoneCannotBeReadNowIsLookedAtAgainWithoutAnEdit) {
  ReluctantZones zones;
  RowParser parser({}, zones);
  ScriptedSource source;
  RowsToRetry retry;
  for (const ActionId id : {1, 2, 3}) {
    Row row = ScriptedSource::row(id, daily_cron("0 9 * * *"));
    if (id != 3) row[Column::timezone] = "Asia/Tokyo";
    source.upsert(row);
  }
  Result<ChangeSet> changes = poll_changes(source, parser, retry);
  ASSERT_EQ(changes->parsed.size(), 3U);
  EXPECT_TRUE(std::get<RowFault>(changes->parsed[0]).passing);
  EXPECT_EQ(retry.size(), 2U);

  source.fail_next_polls(1);
  EXPECT_FALSE(poll_changes(source, parser, retry));
  EXPECT_TRUE(poll_changes(source, parser, retry)->parsed.empty()) << "nothing new";
  source.erase(2);
  zones.unreadable = false;
  changes = poll_changes(source, parser, retry);
  ASSERT_EQ(changes->parsed.size(), 1U);
  EXPECT_EQ(std::get<Action>(changes->parsed[0]).id, 1);
  EXPECT_EQ(changes->rows[0].id, 1);
  EXPECT_TRUE(retry.empty());
}

TEST(Changes, WhatWasMissedIsNotForgottenIfTheZoneCannotBeReadAtTheStart) {
  World world;
  ReluctantZones zones;
  zones.unreadable = false;
  world.zone_source = &zones;
  world.put(1, every(60), false, -1);
  world.table[1][Column::timezone] = "Asia/Tokyo";
  world.start();
  world.run_until(at(61));
  world.kill();
  world.clock.advance(std::chrono::seconds{120});
  zones.unreadable = true;
  world.start(false);
  zones.unreadable = false;
  world.poll();
  world.run_until(at(185));
  EXPECT_THAT(world.arrived(), ElementsAre("1@60", "1@120 late", "1@180 late"));
}

TEST(Changes, AChangedScheduleCountsFromTheMomentItIsSeen) {
  World world;
  world.put(1, every(60));
  world.start();
  world.run_until(at(61));
  world.put(1, every(40));
  world.poll();
  world.run_until(at(120));
  EXPECT_THAT(world.arrived(), ElementsAre("1@60", "1@80", "1@120"));
}

TEST(Changes, AChangeOfNameCommandOrPolicyResetsNothing) {
  World world;
  world.put(1, every(60), false, -1);
  world.start();
  world.run_until(at(61));
  world.receiver.down = true;
  world.run_until(at(121));
  Row& row = world.table[1];
  row[Column::name] = "renamed";
  row[Column::command] = "another";
  world.poll();
  world.run_until(at(130));
  world.receiver.down = false;
  world.run_until(at(135));
  EXPECT_THAT(world.arrived(), ElementsAre("1@60", "1@120 late"));
  EXPECT_EQ(world.receiver.fires.back().command, "another");
  EXPECT_EQ(world.receiver.fires.back().name, "renamed");
}

TEST(Changes, DeletingStopsAtOnceWhatIsNotYetHandedOver) {
  World world;
  world.put(1, every(60), false, -1);
  world.put(2, every(60), false, -1);
  world.start();
  world.receiver.down = true;
  world.run_until(at(125));
  world.table.erase(1);
  world.poll();
  world.receiver.down = false;
  world.run_until(at(130));
  EXPECT_THAT(world.arrived(), ElementsAre("2@60 late", "2@120 late"));
  const auto outcomes = world.outcomes();
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].outcome, Outcome::disabled);
  EXPECT_EQ(outcomes[0].count, 2U);
  EXPECT_EQ(outcomes[0].reason, "deleted");
}

// A crash between the two would leave fires without an outcome.
TEST(Changes, AreOneWriteWithTheOutcomesOfWhatTheyEnd) {
  World world;
  world.put(1, every(60), false, -1);
  world.start();
  world.settle();
  world.receiver.down = true;
  world.run_until(at(125));
  world.table[1][Column::cron] = every(50);
  const std::size_t before = world.durable.writes();
  world.poll();
  world.settle();
  EXPECT_EQ(world.durable.writes() - before, 1U);
  ASSERT_EQ(world.outcomes().size(), 1U);
  EXPECT_EQ(world.outcomes()[0].reason, "its schedule was changed");
  EXPECT_EQ(world.engine->counters().disabled, 2U);
}

TEST(Changes, OfManyRowsAtOnceLetWhatIsDueGoBetween) {
  constexpr ActionId kRows = 2 * ActionId{kSliceRowsMax} + 500;
  World world;
  for (ActionId id = 1; id <= kRows; ++id) world.put(id, every(60));
  world.start();
  world.run_until(at(30));
  for (ActionId id = 1; id <= kRows; ++id) world.table[id][Column::command] = "another";
  world.poll();
  world.clock.advance(std::chrono::seconds(30));
  const auto with_another_command = [&world] {
    return static_cast<std::size_t>(
        std::ranges::count_if(world.receiver.fires, [](const RecordedFire& fire) { return fire.command == "another"; }));
  };
  EXPECT_EQ(world.engine->step().kind, Step::Kind::again);
  EXPECT_EQ(world.receiver.fires.size(), static_cast<std::size_t>(kRows));
  EXPECT_EQ(with_another_command(), kSliceRowsMax);
  world.run_until(at(120));
  EXPECT_EQ(world.receiver.fires.size(), 2 * static_cast<std::size_t>(kRows));
  EXPECT_EQ(with_another_command(), kSliceRowsMax + static_cast<std::size_t>(kRows));
}

TEST(Changes, EnablingAgainDoesNotCatchUp) {
  World world;
  world.put(1, every(60), false, -1);
  world.start();
  world.run_until(at(61));
  world.table[1][Column::enabled] = "f";
  world.poll();
  world.run_until(at(200));
  world.table[1][Column::enabled] = "t";
  world.poll();
  world.run_until(at(240));
  EXPECT_THAT(world.arrived(), ElementsAre("1@60", "1@240"));
}

TEST(Changes, ARowDeletedWhileWeWereDownDoesNotFire) {
  World world;
  world.put(1, every(60), false, -1);
  world.put(2, every(60), false, -1);
  world.start();
  world.run_until(at(61));
  world.kill();
  world.receiver.fires.clear();
  world.table.erase(1);
  world.clock.advance(std::chrono::minutes{1});
  world.start();
  world.settle();
  EXPECT_THAT(world.arrived(), ElementsAre("2@120 late"));
}

TEST(Changes, AnActionAddedWhileWeWereDownCountsFromTheStart) {
  World world;
  world.put(2, every(60), false, -1);
  world.start();
  world.run_until(at(61));
  world.kill();
  world.put(1, every(60), false, -1);
  world.clock.advance(std::chrono::minutes{1});
  world.start();
  world.run_until(at(180));
  EXPECT_THAT(world.arrived(), ElementsAre("2@60", "2@120 late", "1@180", "2@180"));
}

TEST(Changes, BadRowsAreReportedOnceAndHurtNobody) {
  World world;
  for (ActionId id = 1; id <= 1000; ++id) world.put(id, every(60));
  for (ActionId id = 2001; id <= 2050; ++id) world.put(id, daily_cron("61 * * * *"));
  world.start();
  world.run_until(at(30));
  world.poll();
  world.run_until(at(60));
  EXPECT_EQ(world.receiver.fires.size(), 1000U);
  EXPECT_EQ(world.log.count("action cannot be scheduled"), 50U);
  EXPECT_EQ(world.engine->schedule().faults().size(), 50U);
  world.kill();
  world.start();
  world.settle();
  EXPECT_EQ(world.receiver.fires.size(), 1000U);
}

TEST(Changes, AMendedRowFiresAndAFaultThatChangesIsReportedAgain) {
  World world;
  world.put(1, daily_cron("61 * * * *"));
  world.start();
  world.settle();
  world.put(1, daily_cron("62 * * * *"));
  world.poll();
  world.settle();
  EXPECT_EQ(world.log.count("action cannot be scheduled"), 2U);
  world.put(1, every(60));
  world.poll();
  world.run_until(at(60));
  EXPECT_THAT(world.arrived(), ElementsAre("1@60"));
  EXPECT_TRUE(world.engine->schedule().faults().empty());
}

TEST(Changes, AFailedPollChangesNothing) {
  World world;
  world.put(1, every(60));
  world.start();
  world.settle();
  world.table.clear();
  world.source->fail_next_polls(1);
  world.poll();
  world.run_until(at(60));
  EXPECT_THAT(world.arrived(), ElementsAre("1@60"));
}

TEST(Changes, AChangeIsDurableBeforeItIsInEffect) {
  World world;
  world.put(1, every(60));
  world.durable.fail_next_writes(1);
  world.start();
  world.settle();
  EXPECT_EQ(world.engine->schedule().actions().size(), 0U);
  world.run_until(at(60));
  EXPECT_THAT(world.arrived(), ElementsAre("1@60"));
}

TEST(Changes, ALargeTableIsDurableBeforeItIsInEffect) {
  constexpr ActionId kRows = 12'000;
  World world;
  for (ActionId id = 1; id <= kRows; ++id) world.put(id, every(id % 2 == 0 ? 60 : 90));
  world.put(7, daily_cron("61 * * * *"));
  world.table[8][Column::enabled] = "f";
  world.durable.fail_next_writes(2);
  world.start();
  world.settle();
  EXPECT_EQ(world.engine->schedule().actions().size(), 0U);
  world.run_until(at(60));
  EXPECT_EQ(world.engine->schedule().actions().size(), static_cast<std::size_t>(kRows) - 2);
  EXPECT_EQ(world.receiver.fires.size(), static_cast<std::size_t>(kRows) / 2 - 1);
  EXPECT_EQ(world.engine->schedule().faults().size(), 1U);
  world.kill();
  world.start(false);
  EXPECT_EQ(world.engine->schedule().actions().size(), static_cast<std::size_t>(kRows) - 2);
}

TEST(Changes, ManyAreTakenUpInTheOrderOfTheirIds) {
  constexpr std::size_t kRows = 2 * kSliceRowsMax + 7;
  SystemZones zones;
  RowParser parser({}, zones);
  ChangeSet changes;
  for (std::size_t i = 0; i < kRows; ++i) {
    const Row row = ScriptedSource::row(static_cast<ActionId>(i * 7919 % kRows), every(60), "command " + std::to_string(i));
    changes.rows.add(row.view());
    changes.parsed.push_back(parser.parse(row.view()));
  }
  changes.removed = {5000, 4000};
  const std::vector<ChangeSet> slices = in_slices(std::move(changes));
  ASSERT_EQ(slices.size(), 3U);
  ActionId id = 0;
  for (const ChangeSet& slice : slices) {
    EXPECT_EQ(slice.continues, &slice != &slices.back());
    for (std::size_t i = 0; i < slice.parsed.size(); ++i, ++id) {
      ASSERT_EQ(slice.rows.id(i), id);
      ASSERT_EQ(std::get<Action>(slice.parsed[i]).id, id);
    }
  }
  EXPECT_EQ(static_cast<std::size_t>(id), kRows);
}

TEST(PackedRows, GiveEachRowBack) {
  PackedRows packed;
  std::vector<Row> rows;
  for (ActionId id = -1; id < 300; ++id) {
    Row row;
    row.id = id;
    for (std::size_t i = 0; i < kColumnCount; ++i) {
      const auto seed = static_cast<std::size_t>(id + 1) * 7 + i * 3;
      if (seed % 5 == 0) continue;
      row.cells[i] = std::string(seed % 90 * (seed % 90 == 89 ? 100 : 1), static_cast<char>('a' + seed % 4));
    }
    rows.push_back(row);
    packed.add(row.view());
  }
  const PackedRows moved = std::move(packed);
  ASSERT_EQ(moved.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(moved[i], rows[i].view());
    EXPECT_EQ(moved.id(i), rows[i].id);
  }
}

// How many fire times of action 1 ended, in whatever way.
std::uint64_t ended_of_1(World& world) {
  std::uint64_t ended = 0;
  for (const RecordedFire& recorded : world.receiver.fires) ended += recorded.fire.action == 1 ? 1U : 0U;
  for (const NotedOutcome& outcome : world.outcomes()) ended += outcome.action == 1 ? outcome.count : 0U;
  return ended;
}

// A hundred seconds were missed. Of the ten fire times of each action two are settled when a poll shows action 1 as `merge`.
class MidWay : public ::testing::TestWithParam<Delivery> {
 protected:
  MidWay() : world(GetParam()) { world.options.piece_fires_max = 1; }

  void begin(bool merge) {
    world.put(1, every(10), merge, -1);
    world.put(2, every(10), false, -1);
    world.start();
    world.settle();
    world.clock.set_wall(at(100));
    for (int pieces = 0; pieces < 2; ++pieces) world.engine->step();
  }

  World world;
};

INSTANTIATE_TEST_SUITE_P(Deliveries, MidWay, ::testing::Values(Delivery::exactly_once, Delivery::at_least_once));

TEST_P(MidWay, AnActionThatMergesFromNowOnMergesOnlyWhatIsLeft) {
  begin(false);
  world.put(1, every(10), true, -1);
  world.poll();
  world.run_until(at(101));
  EXPECT_EQ(world.arrivals().at(fire_id(1, at(100))), 1);
  EXPECT_EQ(ended_of_1(world), 10U);
}

TEST_P(MidWay, AnActionThatMergesNoLongerLeavesNothingBehind) {
  begin(true);
  world.put(1, every(10), false, -1);
  world.poll();
  world.run_until(at(101));
  EXPECT_EQ(world.arrivals().count(fire_id(1, at(90))), 1U);
  EXPECT_EQ(ended_of_1(world), 10U);
}

TEST_P(MidWay, AnActionThatChangesItsMindIsNotForgottenByACrash) {
  for (const bool merge : {false, true}) {
    world.receiver = {};
    world.ledger = MemoryLedger{};
    world.clock.set_wall(at(0));
    begin(merge);
    world.put(1, every(10), !merge, -1);
    world.poll();
    world.engine->step();
    world.kill();
    world.start();
    world.run_until(at(101));
    std::set<std::string> arrived;
    for (const RecordedFire& recorded : world.receiver.fires) {
      if (recorded.fire.action == 1) arrived.insert(recorded.id());
    }
    std::uint64_t ended = arrived.size();
    for (const NotedOutcome& outcome : world.outcomes()) ended += outcome.action == 1 ? outcome.count : 0U;
    EXPECT_EQ(ended, 10U) << merge;
  }
}

TEST_P(MidWay, WhatWaitedForALaterFireEndsWithItsAction) {
  begin(true);
  world.table.erase(1);
  world.poll();
  world.run_until(at(101));
  EXPECT_EQ(ended_of_1(world), 10U);
}

}  // namespace
}  // namespace action_scheduler::testing
