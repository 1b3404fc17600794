#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Script = RecordedReceiver::Step;

class Parked : public ::testing::TestWithParam<Delivery> {
 protected:
  Parked() : world(GetParam()) {}

  // Action 1's topic is bad until mend().
  void spoil() {
    world.receiver.refuse = [](const Fire& fire, const ActionText&) -> std::optional<Refusal> {
      if (fire.action != 1) return std::nullopt;
      Refusal refusal;
      refusal.reason = "unknown topic";
      refusal.whole_topic = true;
      return refusal;
    };
  }
  void mend() { world.receiver.refuse = nullptr; }

  World world;
};

INSTANTIATE_TEST_SUITE_P(Deliveries, Parked, ::testing::Values(Delivery::exactly_once, Delivery::at_least_once));

TEST_P(Parked, OneBadTopicStopsNoOther) {
  world.put(1, every(60), false, -1);
  world.put(2, every(60), false, -1);
  world.start();
  spoil();
  world.run_until(at(125));
  EXPECT_THAT(world.arrived(), ElementsAre("2@60", "2@120"));
  EXPECT_EQ(world.engine->parking().size(), 2U);
}

TEST_P(Parked, AMendedTopicGetsItsFiresOldestFirst) {
  world.put(1, every(60), false, -1);
  world.start();
  spoil();
  world.run_until(at(125));
  mend();
  world.run_until(at(179));
  EXPECT_THAT(world.arrived(), UnorderedElementsAre("1@60 late", "1@120 late"));
  EXPECT_EQ(world.engine->parking().size(), 0U);
  EXPECT_TRUE(world.ledger.load()->parked.empty());
}

// What had been merged into it before the clock was set back comes again.
TEST_P(Parked, AFireThatIsParkedAheadOfTheClockStandsForNoneButItself) {
  world.put(1, every(60), true, -1);
  world.start();
  world.settle();
  world.receiver.down = true;
  world.run_until(at(300));
  world.receiver.down = false;
  spoil();
  world.run_until(at(310));
  ASSERT_EQ(world.engine->parking().size(), 1U);
  world.put(1, every(60), false, -1);
  world.poll();
  world.settle();
  world.clock.set_wall(at(-4 * 3600));
  world.settle();
  world.clock.set_wall(at(400));
  mend();
  world.run_until(at(500));
  EXPECT_EQ(world.arrivals().size(), (4U * 3600 + 480) / 60);
  EXPECT_EQ(world.engine->parking().size(), 0U);
}

TEST_P(Parked, AMergingActionKeepsTheLatest) {
  world.put(1, every(60), true, -1);
  world.start();
  spoil();
  world.run_until(at(185));
  EXPECT_EQ(world.engine->parking().size(), 1U);
  EXPECT_EQ(world.engine->counters().merged, 2U);
  mend();
  world.run_until(at(239));
  EXPECT_THAT(world.arrived(), ElementsAre("1@180 merged 2 from 60"));
}

TEST_P(Parked, WhatWasMergedWhileParkedIsToldAfterARestart) {
  world.put(1, every(60), true, -1);
  world.put(2, every(60), false, -1);
  world.start();
  world.settle();
  world.kill();
  // 60 and 120 are merged into 180 before that is parked.
  world.clock.advance(std::chrono::seconds{185});
  spoil();
  world.start();
  world.run_until(at(245));
  world.kill();
  world.start();
  world.run_until(at(305));
  mend();
  world.run_until(at(359));
  const RecordedFire& merged = world.receiver.fires.back();
  EXPECT_EQ(merged.id(), fire_id(1, at(300)));
  EXPECT_EQ(merged.fire.reason, FireReason::merged);
  EXPECT_EQ(merged.fire.merged_count, 4U);
  EXPECT_EQ(seconds_of(merged.fire.first_missed), 60);
  EXPECT_EQ(world.engine->counters().merged, 1U);  // of this life
}

TEST_P(Parked, WhatExpiredWhileParkedIsNotMerged) {
  world.put(1, every(60), true, 30);
  world.start();
  world.run_until(at(59));
  spoil();
  // Tried again at 65, 75, 95, and not before the next one is parked.
  world.run_until(at(185));
  EXPECT_EQ(world.engine->counters().expired, 2U);
  EXPECT_EQ(world.engine->counters().merged, 0U);
  mend();
  world.run_until(at(200));
  EXPECT_THAT(world.arrived(), ElementsAre("1@180 late"));
}

TEST_P(Parked, WhatIsMergedIntoOneOfSeveralIsCountedOnce) {
  world.put(1, every(1), true, -1);
  world.start();
  world.run_until(at(0));
  spoil();
  world.run_until(at(1));
  // A burst of our own: three of them are parked at once.
  world.clock.advance(std::chrono::seconds{3});
  world.run_until(at(4));
  mend();
  world.run_until(at(40));
  EXPECT_EQ(world.engine->counters().merged + world.engine->counters().delivered, 40U);
  std::uint64_t told = 0;
  for (const RecordedFire& recorded : world.receiver.fires) told += recorded.fire.merged_count;
  EXPECT_EQ(told, world.engine->counters().merged);
}

TEST_P(Parked, WhatIsLeftOfAFormerScheduleIsNotMergedIntoTheNewOne) {
  world.put(1, every(60), false, -1);
  world.start();
  spoil();
  world.run_until(at(61));
  world.put(1, every(2), true, -1);
  world.poll();
  world.run_until(at(64));
  EXPECT_EQ(world.engine->counters().disabled, 1U);
  EXPECT_EQ(world.engine->counters().merged, 1U);
}

TEST_P(Parked, WhatExpiredBeforeALateFireThatIsParkedIsNoted) {
  world.put(1, every(60), true, 30);
  world.put(2, every(60), false, -1);
  world.start();
  world.settle();
  world.kill();
  world.clock.advance(std::chrono::seconds{185});
  spoil();
  world.start();
  world.run_until(at(186));
  EXPECT_EQ(world.engine->parking().size(), 1U);
  EXPECT_EQ(world.engine->counters().expired, 2U);
}

TEST_P(Parked, ParkedFiresExpire) {
  world.put(1, every(600), false, 30);
  world.start();
  spoil();
  world.run_until(at(700));
  EXPECT_EQ(world.engine->parking().size(), 0U);
  EXPECT_EQ(world.engine->counters().expired, 1U);
}

TEST_P(Parked, ParkedFiresSurviveACrash) {
  world.put(1, every(60), false, -1);
  world.start();
  spoil();
  world.run_until(at(65));
  world.kill();
  mend();
  world.start();
  world.run_until(at(70));
  ASSERT_EQ(world.receiver.fires.size(), 1U);
  EXPECT_EQ(world.receiver.fires[0].id(), "1@2026-11-21T10:01:00Z");
}

TEST_P(Parked, TheFiresOfADeletedActionAreDropped) {
  world.put(1, every(60), false, -1);
  world.start();
  spoil();
  world.run_until(at(65));
  world.table.clear();
  world.poll();
  mend();
  world.run_until(at(200));
  EXPECT_THAT(world.arrived(), IsEmpty());
  EXPECT_EQ(world.engine->parking().size(), 0U);
  EXPECT_EQ(world.engine->counters().disabled, 1U);
}

TEST_P(Parked, TheFiresOfAFormerScheduleAreDropped) {
  world.put(1, every(60), false, -1);
  world.start();
  spoil();
  world.run_until(at(65));
  world.put(1, every(600), false, -1);
  world.poll();
  mend();
  world.run_until(at(200));
  EXPECT_THAT(world.arrived(), IsEmpty());
  EXPECT_EQ(world.engine->parking().size(), 0U);
  EXPECT_EQ(world.engine->counters().disabled, 1U);
}

TEST_P(Parked, AReusedIdDoesNotInheritFires) {
  world.put(1, every(60), false, -1);
  world.start();
  spoil();
  world.run_until(at(65));
  world.table.clear();
  world.poll();
  world.settle();
  world.put(1, every(60), false, -1);
  world.poll();
  mend();
  world.run_until(at(110));
  EXPECT_THAT(world.arrived(), IsEmpty());
  world.run_until(at(130));
  EXPECT_THAT(world.arrived(), ElementsAre("1@120"));
}

// The fire of action 2 at 60 is refused, that of action 1 in front of it is not handed over: the watermark has passed neither.
void park_ahead_of_the_watermark(World& world) {
  world.start();
  world.run_until(at(59));
  world.receiver.refuse = [](const Fire& fire, const ActionText&) -> std::optional<Refusal> {
    if (fire.action != 2) return std::nullopt;
    return Refusal{0, "no", true, false};
  };
  world.receiver.script = {Script::deliver, Script::unavailable};
  world.run_until(at(60));
  ASSERT_EQ(world.engine->parking().size(), 1U);
  world.receiver.refuse = nullptr;
}

TEST_P(Parked, WhatIsDueAgainAfterTheClockWasSetBackComesOnceAndNotEarlier) {
  for (const std::int64_t back_s : {600, 5 * 3600}) {
    World rewound(GetParam());
    rewound.put(1, every(60), false, -1);
    rewound.put(2, every(60), false, -1);
    park_ahead_of_the_watermark(rewound);
    rewound.clock.set_wall(at(60 - back_s));
    rewound.run_until(at(59));
    EXPECT_FALSE(rewound.arrivals().contains(fire_id(2, at(60)))) << back_s;
    rewound.run_until(at(130));
    EXPECT_EQ(rewound.arrivals()[fire_id(2, at(60))], 1) << back_s;
  }
}

// What the clock of a hand-over's end says of waits is no reason to go on at that of its beginning.
TEST(ParkedExactlyOnce, WhatIsAheadOfTheWatermarkDoesNotExpireWhenTheClockIsSetBackDuringAHandOver) {
  World world(Delivery::exactly_once);
  world.put(1, every(60), false, -1);
  world.put(2, every(60), false, 30);
  park_ahead_of_the_watermark(world);
  world.receiver.down = true;
  world.run_until(at(159));
  ASSERT_EQ(world.engine->parking().size(), 1U);
  world.receiver.down = false;
  world.receiver.script = {Script::unavailable_halfway};
  world.receiver.refuse = [&](const Fire&, const ActionText&) -> std::optional<Refusal> {
    world.clock.set_wall(at(100));
    return std::nullopt;
  };
  world.clock.set_wall(at(160));
  world.engine->step();
  ASSERT_EQ(world.clock.second(), at(100));
  world.receiver.refuse = nullptr;
  world.run_until(at(250));
  EXPECT_EQ(world.engine->counters().expired, 1U);
}

TEST_P(Parked, WhatWasDueIsTriedSoonAfterTheClockWasSetFarBack) {
  constexpr std::int64_t kMidnight = 14 * 3600;
  world.put(1, every(24 * 3600), false, -1);
  world.start();
  spoil();
  world.run_until(at(kMidnight + 5 * 3600));
  mend();
  world.clock.set_wall(at(kMidnight + 3600));
  world.run_until(at(kMidnight + 3600 + 70));
  EXPECT_EQ(world.engine->parking().size(), 0U);
  EXPECT_THAT(world.arrived(), ElementsAre("1@50400 late"));
}

// Otherwise it would be planned, and end, once more.
TEST(Parking, WhatIsAheadOfTheWatermarkIsNotMergedYet) {
  SystemZones zones;
  RowParser parser({}, zones);
  Row row = ScriptedSource::row(1, every(1), "command");
  row[Column::merge_missed] = "t";
  ActionSet actions;
  actions.put(std::get<Action>(parser.parse(row.view())), at(0));
  Parking parking;
  const auto fire = [](std::int64_t seconds) {
    ParkedFire parked;
    parked.fire.action = 1;
    parked.fire.time = parked.fire.due = at(seconds);
    return parked;
  };
  LedgerChange first;
  parking.describe_parking({fire(10), fire(11)}, actions, {at(10)}, at(12), first);
  parking.take(first, at(12));
  LedgerChange second;
  parking.describe_parking({fire(12)}, actions, {at(10)}, at(12), second);
  ASSERT_EQ(second.outcomes.size(), 1U);
  EXPECT_EQ(second.outcomes[0].first, at(10));
  EXPECT_EQ(second.park.at(0).fire.merged_count, 1U);
  parking.take(second, at(12));
  EXPECT_NE(parking.find(fire(11).fire), nullptr);
}

TEST(ParkedAtLeastOnce, ARepeatOfAParkedFireIsMarked) {
  World world(Delivery::at_least_once);
  world.put(1, every(60), false, -1);
  world.start();
  world.settle();
  world.receiver.refuse = [](const Fire&, const ActionText&) -> std::optional<Refusal> {
    Refusal refusal;
    refusal.reason = "unknown topic";
    return refusal;
  };
  world.run_until(at(62));
  world.receiver.refuse = nullptr;
  world.receiver.script = {Script::arrives_in_doubt};
  world.run_until(at(100));
  EXPECT_THAT(world.arrived(), ElementsAre("1@60 late", "1@60 late #2"));
}

// What a piece holds of a merging action beside a fire that is refused is decided with it, expired ones too.
TEST(ParkedExactlyOnce, WhatExpiredBesideARefusedFireIsNoted) {
  World world;
  world.transaction_fires_max = 1;
  world.put(1, every(7), false, -1);
  world.put(2, every(10), true, 0);
  world.start();
  world.settle();
  world.receiver.down = true;
  world.run_until(at(38));
  world.receiver.down = false;
  world.receiver.refuse = [&](const Fire& fire, const ActionText&) -> std::optional<Refusal> {
    if (fire.action != 2) return std::nullopt;
    return Refusal{0, "no", true, false};
  };
  world.run_until(at(60));
  world.receiver.refuse = nullptr;
  world.run_until(at(200));
  std::uint64_t ended = 0;
  for (const RecordedFire& recorded : world.receiver.fires) ended += recorded.fire.action == 2 ? 1U : 0U;
  for (const NotedOutcome& outcome : world.outcomes()) ended += outcome.action == 2 ? outcome.count : 0U;
  EXPECT_EQ(ended, 20U);
}

// What was merged into a fire that is refused ahead of others stays so when its row merges no more before they are taken.
TEST(ParkedExactlyOnce, WhatWasMergedIntoARefusedFireStaysSoWhenItsRowMergesNoMore) {
  for (const bool crash : {false, true}) {
    World world;
    world.put(1, every(7), false, -1);
    world.put(2, every(10), true, -1);
    world.start();
    world.settle();
    world.receiver.down = true;
    world.run_until(at(38));
    world.receiver.down = false;
    world.receiver.refuse = [](const Fire& fire, const ActionText&) -> std::optional<Refusal> {
      if (fire.action != 2) return std::nullopt;
      return Refusal{0, "no", true, false};
    };
    for (int steps = 0; world.engine->parking().size() == 0; ++steps) {
      ASSERT_LT(steps, 10);
      world.engine->step();
      world.clock.advance(std::chrono::milliseconds{500});
    }
    ASSERT_LT(world.engine->watermark().instant, at(10)) << "others lie before what was merged";
    if (crash) {
      world.kill();
      world.start(false);
    }
    world.put(2, every(10), false, -1);
    world.poll();
    world.receiver.refuse = nullptr;
    world.run_until(at(65));
    std::vector<std::string> of_2;
    for (const std::string& arrived : world.arrived()) {
      if (arrived.starts_with("2@")) of_2.push_back(arrived);
    }
    EXPECT_THAT(of_2, UnorderedElementsAre("2@30 merged 2 from 10", "2@40", "2@50", "2@60")) << "with a crash: " << crash;
    const std::vector<NotedOutcome> noted = world.outcomes();
    ASSERT_EQ(noted.size(), 1U);
    EXPECT_EQ(noted.front().outcome, Outcome::merged);
    EXPECT_EQ(noted.front().count, 2U);
  }
}

TEST(ParkedExactlyOnce, ABatchOfParkedFiresIsNotRepeatedByACrashAfterIt) {
  for (const Script death : {Script::die_before, Script::die_after}) {
    World world;
    world.put(1, every(60), false, -1);
    world.start();
    world.receiver.refuse = [](const Fire&, const ActionText&) -> std::optional<Refusal> {
      return Refusal{0, "no", true, false};
    };
    world.run_until(at(64));
    ASSERT_EQ(world.engine->parking().size(), 1U);
    world.receiver.refuse = nullptr;
    world.receiver.script = {death};
    EXPECT_THROW(world.run_until(at(100)), SimulatedDeath);
    world.kill();
    world.start();
    world.run_until(at(110));
    EXPECT_EQ(world.receiver.fires.size(), 1U);
    EXPECT_TRUE(world.ledger.load()->parked.empty());
  }
}

TEST(ParkedExactlyOnce, AFireThatAnEarlierBatchWasRefusedForIsNotTakenForDelivered) {
  World world;
  world.put(1, every(60), false, -1);
  world.put(2, every(60), false, -1);
  world.start();
  const auto refuse_from = [&](ActionId least, ActionId greatest) {
    world.receiver.refuse = [=](const Fire& fire, const ActionText&) -> std::optional<Refusal> {
      if (fire.action < least || fire.action > greatest) return std::nullopt;
      return Refusal{0, "no", true, false};
    };
  };
  refuse_from(1, 2);
  world.run_until(at(64));
  refuse_from(1, 1);
  world.run_until(at(66));
  ASSERT_THAT(world.arrived(), ElementsAre("2@60 late"));
  world.kill();
  world.start();
  world.receiver.refuse = nullptr;
  world.run_until(at(119));
  EXPECT_THAT(world.arrived(), ElementsAre("2@60 late", "1@60 late #2"));
}

}  // namespace
}  // namespace action_scheduler::testing
