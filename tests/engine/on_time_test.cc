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
