#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(OnTime, AFireIsDeliveredAtItsInstantAndNotBefore) {
  World world;
  world.put(1, every(10));
  world.start();
  world.clock.advance(std::chrono::milliseconds{9999});
  world.settle();
  EXPECT_THAT(world.arrived(), IsEmpty());
  world.clock.advance(std::chrono::milliseconds{1});
  world.settle();
  EXPECT_THAT(world.arrived(), ElementsAre("1@10"));
}

TEST(OnTime, TheIdleEngineSleepsUntilTheNextFireButAMinuteAtMost) {
  World world;
  world.put(1, every(10));
  world.start();
  EXPECT_EQ(world.settle().wake_at, WallTime{at(10)});
  world.table.clear();
  world.put(1, every(3600));
  world.poll();
  EXPECT_EQ(world.settle().wake_at, WallTime{at(60)});
}

TEST(OnTime, ActionsDueTogetherComeInOrderOfTheirIds) {
  World world;
  for (const ActionId id : {5, 3, 9, 1}) world.put(id, every(id == 3 ? 5 : 10));
  world.start();
  world.run_until(at(10));
  EXPECT_THAT(world.arrived(), ElementsAre("3@5", "1@10", "3@10", "5@10", "9@10"));
}

TEST(OnTime, EqualSchedulesAreOneTrigger) {
  World world;
  for (ActionId id = 1; id <= 100; ++id) world.put(id, every(id % 4 == 0 ? 10 : 20));
  world.start();
  world.settle();
  EXPECT_EQ(world.engine->schedule().actions().size(), 100U);
  EXPECT_EQ(world.engine->schedule().actions().trigger_count(), 2U);
}

TEST(OnTime, ABurstWhoseEndIsPlannedAfterItsBeginningIsOneHandOver) {
  for (const Delivery delivery : {Delivery::exactly_once, Delivery::at_least_once}) {
    World world(delivery);
    world.options.head_fires = 100;
    world.transaction_fires_max = 70;
    for (ActionId id = 1; id <= 500; ++id) world.put(id, every(id % 2 == 0 ? 10 : 5));
    world.start();
    world.settle();
    const std::size_t before = world.durable.durable_writes();
    world.run_until(at(5));
    EXPECT_EQ(world.receiver.fires.size(), 250U);
    world.run_until(at(10));
    EXPECT_EQ(world.receiver.fires.size(), 750U);
    for (const auto& [id, times] : world.arrivals()) EXPECT_EQ(times, 1) << id;
    EXPECT_TRUE(
        std::ranges::is_sorted(world.receiver.fires, {}, [](const RecordedFire& one) { return position_after(one.fire); }));
    EXPECT_EQ(world.receiver.hand_overs, 2U);
    EXPECT_EQ(world.durable.durable_writes(), before + 2);
    EXPECT_EQ(world.engine->counters().delivered, 750U);
  }
}

TEST(OnTime, ABurstThatFailsHalfWayComesWhole) {
  using Script = RecordedReceiver::Step;
  for (const Delivery delivery : {Delivery::exactly_once, Delivery::at_least_once}) {
    for (const Script fault :
         {Script::unavailable, Script::unavailable_halfway, Script::lost_in_doubt, Script::arrives_in_doubt}) {
      World world(delivery);
      world.options.head_fires = 10;
      world.transaction_fires_max = 7;
      for (ActionId id = 1; id <= 50; ++id) world.put(id, every(10), false, -1);
      world.start();
      world.settle();
      world.receiver.script = {fault};
      world.run_until(at(15));
      EXPECT_EQ(world.arrivals().size(), 50U);
      if (delivery == Delivery::exactly_once || fault != Script::arrives_in_doubt) {
        EXPECT_EQ(world.receiver.fires.size(), 50U);
      }
    }
  }
}

// Takes what is planned already, and does not ask whether there is more.
class Hasty : public Callback {
 public:
  std::variant<Claim, ClaimFailure> claim() override { return Claim{}; }
  DeliveryReport deliver(const Batch& batch) override {
    for (std::size_t i = 0; i < batch.fires.ready(); ++i) fires.push_back(batch.fires[i].action);
    return {};
  }
  DeliveryReport renew(Position) override { return {}; }
  void interrupt(std::chrono::milliseconds) override {}

  std::vector<ActionId> fires;
};

TEST(OnTime, WhatAReceiverDidNotAskForIsNotTakenForDelivered) {
  SteppedClock clock{at(0)};
  MemoryLedger ledger;
  Hasty callback;
  SystemZones zones;
  RowParser parser({}, zones);
  RecordingLog log;
  Engine::Options options;
  options.head_fires = 10;
  Engine engine(options, {clock, ledger, callback, parser, log});
  ASSERT_TRUE(engine.open().ok());
  World rows;
  ScriptedSource source;
  for (ActionId id = 1; id <= 50; ++id) {
    rows.put(id, every(10));
    source.upsert(rows.table.at(id));
  }
  RowsToRetry retry;
  engine.offer(*poll_changes(source, parser, retry, engine.knows_nothing()));
  while (engine.step().kind == Step::Kind::again) {
  }
  clock.set_wall(at(10));
  while (engine.step().kind == Step::Kind::again) {
  }
  EXPECT_EQ(callback.fires.size(), 50U);
  EXPECT_EQ(std::set(callback.fires.begin(), callback.fires.end()).size(), 50U);
}

TEST(OnTime, ATickCostsOneDurableWriteHoweverManyActionsFire) {
  World world;
  for (ActionId id = 1; id <= 500; ++id) world.put(id, every(10));
  world.start();
  world.settle();
  const std::size_t before = world.durable.durable_writes();
  world.run_until(at(10));
  EXPECT_EQ(world.receiver.fires.size(), 500U);
  EXPECT_EQ(world.durable.durable_writes(), before + 1);
}

TEST(OnTime, NothingIsWrittenWhileNothingFires) {
  World world;
  world.put(1, every(3600));
  world.start();
  world.settle();
  const std::size_t before = world.durable.writes();
  world.run_until(at(3599));
  EXPECT_EQ(world.durable.writes(), before);
}

TEST(OnTime, ASlowReceiverDoesNotMakeFiresLate) {
  World world;
  world.put(1, every(1), true);
  world.start();
  world.settle();
  world.run_until(at(1));
  // Our own delivery took until here, so the next step comes late by its own fault.
  world.clock.advance(std::chrono::milliseconds{3000});
  world.settle();
  EXPECT_THAT(world.arrived(), ElementsAre("1@1", "1@2", "1@3", "1@4"));
}

TEST(OnTime, JitterDelaysTheSameFireByTheSameTimeWithinItsBound) {
  World world;
  const std::string cron = R"({"format":"interval","params":{"seconds":100,"jitter":50}})";
  for (ActionId id = 1; id <= 20; ++id) world.put(id, cron);
  world.start();
  world.run_until(at(160));
  ASSERT_EQ(world.receiver.fires.size(), 20U);
  for (const RecordedFire& recorded : world.receiver.fires) {
    EXPECT_EQ(recorded.fire.time, at(100));
    EXPECT_EQ(recorded.fire.due, due_instant(recorded.fire.action, at(100), Seconds{50}));
    EXPECT_LE(recorded.fire.due, at(150));
  }
}

}  // namespace
}  // namespace action_scheduler::testing
