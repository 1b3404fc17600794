#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tests/engine/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using Script = RecordedReceiver::Step;

// Runs until the receiver lets the process die, then starts it again `down` later.
void die_and_return(World& world, Instant until, std::chrono::seconds down) {
  EXPECT_THROW(world.run_until(until), SimulatedDeath);
  world.kill();
  world.clock.advance(down);
  world.start();
  world.settle();
}

TEST(Crash, WithExactlyOnceEachFireArrivesOnceWhereverTheProcessDies) {
  for (const Script death : {Script::die_before, Script::die_halfway, Script::die_after}) {
    World world;
    world.transaction_fires_max = 3;
    for (ActionId id = 1; id <= 10; ++id) world.put(id, every(60), id % 2 == 0, -1);
    world.start();
    world.settle();
    world.receiver.script = {death};
    die_and_return(world, at(60), std::chrono::seconds{5});
    EXPECT_EQ(world.receiver.fires.size(), 10U);
    for (const auto& [id, times] : world.arrivals()) EXPECT_EQ(times, 1) << id;
  }
}

TEST(Crash, WithAtLeastOnceNothingIsLostAndRepeatsAreMarked) {
  for (const Script death : {Script::die_before, Script::die_halfway, Script::die_after}) {
    World world(Delivery::at_least_once);
    for (ActionId id = 1; id <= 10; ++id) world.put(id, every(60), false, -1);
    world.start();
    world.settle();
    world.receiver.script = {death};
    die_and_return(world, at(60), std::chrono::seconds{5});
    EXPECT_EQ(world.arrivals().size(), 10U);
    std::map<std::string, int> attempts;
    for (const RecordedFire& recorded : world.receiver.fires) {
      const int attempt = ++attempts[recorded.id()];
      EXPECT_EQ(recorded.fire.attempt, attempt == 1 ? recorded.fire.attempt : 2);
    }
  }
}

TEST(Crash, TheSameFiresOfAMergeAreSentAgain) {
  World world(Delivery::at_least_once);
  world.put(1, every(60), true, -1);
  world.start();
  world.run_until(at(60));
  world.kill();
  world.clock.advance(std::chrono::seconds{300});
  world.receiver.script = {Script::die_after};
  world.start();
  EXPECT_THROW(world.settle(), SimulatedDeath);
  world.kill();
  world.clock.advance(std::chrono::seconds{120});
  world.start();
  world.settle();
  EXPECT_THAT(world.arrived(),
              ElementsAre("1@60", "1@360 merged 4 from 120", "1@360 merged 4 from 120 #2", "1@480 merged 1 from 420"));
}

TEST(Crash, TheLostLedgerIsReplacedByThePositionOfTheReceiver) {
  World world;
  world.put(1, every(60), false, -1);
  world.start();
  world.run_until(at(61));
  world.kill();
  world.ledger = MemoryLedger{};
  world.clock.advance(std::chrono::minutes{3});
  world.receiver.fires.clear();
  world.start();
  world.settle();
  EXPECT_THAT(world.arrived(), ElementsAre("1@120 late", "1@180 late", "1@240 late"));
}

TEST(Crash, WithALostLedgerWhatAPositionWithinAnInstantLeavesOpenIsDelivered) {
  World world;
  world.transaction_fires_max = 1;
  for (ActionId id = 1; id <= 3; ++id) world.put(id, every(60), false, -1);
  world.start();
  world.settle();
  world.receiver.script = {Script::die_halfway};
  EXPECT_THROW(world.run_until(at(61)), SimulatedDeath);
  world.kill();
  world.ledger = MemoryLedger{};
  world.clock.advance(std::chrono::seconds{5});
  world.start();
  world.settle();
  EXPECT_EQ(world.receiver.fires.size(), 3U);
  EXPECT_EQ(world.arrivals().size(), 3U);
}

TEST(Crash, WithALostLedgerWhatJitterHoldsBackIsDelivered) {
  World world;
  world.put(1, R"({"format":"interval","params":{"seconds":600,"jitter":300}})", false, -1);
  world.put(2, every(1), false, -1);
  world.start();
  ASSERT_GT(due_instant(1, at(600), Seconds{300}), at(610));
  world.run_until(at(605));
  world.kill();
  world.ledger = MemoryLedger{};
  world.start();
  world.run_until(at(901));
  EXPECT_EQ(world.arrivals()[fire_id(1, at(600))], 1);
}

TEST(Crash, WhatAPositionHasPassedIsNotMergedAgainThoughItsIntentWasLostWithTheMachine) {
  World world;
  world.put(1, every(60), true, -1);
  world.start();
  world.settle();
  const MemoryLedger on_disk = world.ledger;
  world.run_until(at(61));
  world.kill();
  world.ledger = on_disk;
  world.clock.advance(std::chrono::seconds{70});
  world.start();
  world.settle();
  EXPECT_THAT(world.arrived(), ElementsAre("1@60", "1@120 late"));
}

TEST(Crash, OfMissedFiresTheIntentSurvivesALossOfPower) {
  for (const Delivery delivery : {Delivery::exactly_once, Delivery::at_least_once}) {
    World world(delivery);
    world.put(1, every(60), true, -1);
    world.start();
    world.settle();
    world.clock.advance(std::chrono::seconds{60});
    std::size_t before = world.durable.durable_writes();
    world.settle();
    EXPECT_EQ(world.durable.durable_writes() - before, 1U);  // on time: what is settled
    world.clock.advance(std::chrono::seconds{200});
    before = world.durable.durable_writes();
    world.settle();
    EXPECT_EQ(world.durable.durable_writes() - before, 2U);
  }
}

TEST(Crash, WithALostLedgerATableThatIsAwayIsWaitedFor) {
  World world;
  world.put(1, every(60), false, -1);
  world.start();
  world.run_until(at(61));
  world.kill();
  world.ledger = MemoryLedger{};
  world.receiver.fires.clear();
  world.clock.advance(std::chrono::minutes{1});
  world.start(false);
  world.engine->go_on_without_table();
  world.run_until(at(200));
  world.poll();
  world.run_until(at(201));
  EXPECT_THAT(world.arrived(), ElementsAre("1@120 late", "1@180 late"));
}

// Its first rows are in the ledger; 130 seconds later it starts again.
void die_before_the_first_watermark(World& world) {
  world.put(1, every(60), false, -1);
  const std::vector<KnownRow> saved = {{world.table[1].view(), at(0)}};
  ASSERT_TRUE(world.ledger.save_rows(saved, {}, {}));
  world.clock.advance(std::chrono::seconds{130});
}

TEST(Crash, RowsThatWereSavedBeforeTheFirstWatermarkCountFromThen) {
  for (const Delivery delivery : {Delivery::exactly_once, Delivery::at_least_once}) {
    World world(delivery);
    die_before_the_first_watermark(world);
    world.start();
    world.settle();
    EXPECT_THAT(world.arrived(), ElementsAre("1@60 late", "1@120 late"));
  }
}

TEST(Crash, RowsThatWereSavedBeforeTheFirstWatermarkFireWithoutTheTable) {
  for (const Delivery delivery : {Delivery::exactly_once, Delivery::at_least_once}) {
    World world(delivery);
    die_before_the_first_watermark(world);
    world.start(false);
    world.engine->go_on_without_table();
    world.run_until(at(181));
    EXPECT_THAT(world.arrived(), ElementsAre("1@60 late", "1@120 late", "1@180"));
  }
}

TEST(Crash, AFreshLedgerWithoutAPositionStartsNow) {
  World world;
  world.put(1, every(60), false, -1);
  world.start();
  world.settle();
  EXPECT_THAT(world.arrived(), IsEmpty());
}

TEST(Crash, ADeliveryInDoubtIsAskedForAndNotRepeated) {
  for (const Script doubt : {Script::arrives_in_doubt, Script::lost_in_doubt, Script::unavailable_halfway}) {
    World world;
    world.transaction_fires_max = 3;
    for (ActionId id = 1; id <= 10; ++id) world.put(id, every(60), id % 2 == 0, -1);
    world.start();
    world.settle();
    world.receiver.script = {doubt};
    world.run_until(at(70));
    EXPECT_EQ(world.receiver.fires.size(), 10U);
    for (const auto& [id, times] : world.arrivals()) EXPECT_EQ(times, 1) << id;
  }
}

TEST(Crash, WithAtLeastOnceWhatWasAcknowledgedIsNotSentAgain) {
  World world(Delivery::at_least_once);
  for (ActionId id = 1; id <= 10; ++id) world.put(id, every(60), id % 2 == 0, -1);
  world.start();
  world.settle();
  world.receiver.script = {Script::unavailable_halfway};
  world.run_until(at(70));
  EXPECT_EQ(world.receiver.fires.size(), 10U);
  EXPECT_EQ(world.arrivals().size(), 10U);
}

TEST(Crash, WithoutAnIntentNothingFires) {
  World world;
  world.put(1, every(60), false, -1);
  world.start();
  world.settle();
  world.durable.fail_next_writes(3);
  world.run_until(at(61));
  EXPECT_THAT(world.arrived(), IsEmpty());
  world.run_until(at(65));
  EXPECT_THAT(world.arrived(), ElementsAre("1@60 late"));
  EXPECT_EQ(world.log.count("the ledger cannot be written"), 1U);
}

TEST(Crash, ALedgerThatFailsToSettleIsCaughtUpBeforeTheNextFire) {
  World world(Delivery::at_least_once);
  world.put(1, every(10), false, -1);
  world.start();
  world.settle();
  world.clock.advance(std::chrono::seconds{10});
  world.receiver.refuse = [&](const Fire&, const ActionText&) -> std::optional<Refusal> {
    world.durable.fail_next_writes(2);
    return std::nullopt;
  };
  world.engine->step();
  world.receiver.refuse = nullptr;
  world.run_until(at(20));
  EXPECT_THAT(world.arrived(), ElementsAre("1@10", "1@20"));
  EXPECT_EQ(world.ledger.load()->watermark, Position{at(20)});
}

TEST(Crash, WhatIsInDoubtIsMarkedAlthoughTheLedgerCouldNotBeWritten) {
  World world(Delivery::at_least_once);
  world.put(1, every(60), false, -1);
  world.put(2, every(60), false, -1);
  world.start();
  world.settle();
  world.receiver.script = {Script::arrives_in_doubt};
  world.receiver.refuse = [&, once = false](const Fire& fire, const ActionText&) mutable -> std::optional<Refusal> {
    if (fire.action != 1) return std::nullopt;
    if (!std::exchange(once, true)) world.durable.fail_next_writes(2);
    Refusal refusal;
    refusal.reason = "unknown topic";
    return refusal;
  };
  world.run_until(at(64));
  EXPECT_THAT(world.arrived(), ElementsAre("2@60", "2@60 late #2"));
}

TEST(Crash, WhatWasInDoubtAloneIsAskedForAloneThoughTheLedgerFails) {
  World world(Delivery::at_least_once);
  world.put(1, every(60), false, -1);
  world.start();
  world.settle();
  world.receiver.script = {Script::die_after};
  EXPECT_THROW(world.run_until(at(61)), SimulatedDeath);
  world.kill();
  world.clock.advance(std::chrono::seconds{200});
  world.start();
  world.durable.fail_next_writes(1);
  world.receiver.script = {Script::arrives_in_doubt};
  world.run_until(at(290));
  // What the intent tells of three times, each repeat marked; what came due later once.
  EXPECT_THAT(world.arrived(), ElementsAre("1@60", "1@60 #2", "1@60 #2", "1@120 late", "1@180 late", "1@240 late"));
}

TEST(Crash, WhatComesDueWhileTheLedgerCannotBeWrittenIsMissed) {
  World world(Delivery::at_least_once);
  world.put(1, every(60), true, -1);
  world.start();
  world.settle();
  world.receiver.refuse = [&](const Fire&, const ActionText&) -> std::optional<Refusal> {
    world.durable.fail_next_writes(200);
    return std::nullopt;
  };
  world.run_until(at(61));
  world.receiver.refuse = nullptr;
  world.run_until(at(290));
  EXPECT_THAT(world.arrived(), ElementsAre("1@60", "1@240 merged 2 from 120"));
}

TEST(Crash, WhatComesDueWhileAChangeCannotBeWrittenIsMissed) {
  World world(Delivery::at_least_once);
  world.put(1, every(60), true, -1);
  world.start();
  world.settle();
  world.put(2, every(3600), true, -1);
  world.durable.fail_next_writes(200);
  world.poll();
  world.run_until(at(290));
  EXPECT_THAT(world.arrived(), ElementsAre("1@180 merged 2 from 60", "1@240"));
}

TEST(Crash, WhatComesDueWhileTheProcessIsStoppedAndAnOutcomeCannotBeWrittenIsMissed) {
  World world(Delivery::at_least_once);
  world.put(1, every(60), false, -1);
  world.start();
  world.run_until(at(59));
  world.receiver.refuse = [&](const Fire&, const ActionText&) -> std::optional<Refusal> {
    world.durable.fail_next_writes(1);
    return std::nullopt;
  };
  world.run_until(at(60));
  world.receiver.refuse = nullptr;
  world.clock.advance(std::chrono::minutes{2});
  world.settle();
  EXPECT_THAT(world.arrived(), ElementsAre("1@60", "1@120 late", "1@180 late"));
}

// Its rows were deleted before it ever had a watermark.
TEST(Crash, ALedgerThatHoldsNothingButAnIntentIsTakenUp) {
  for (const Delivery delivery : {Delivery::exactly_once, Delivery::at_least_once}) {
    World world(delivery);
    LedgerChange change;
    change.open_intent = Intent{PlanWindow{{at(-20)}, at(-10), kFirstInstant, at(-10), {}}, 1};
    ASSERT_TRUE(world.ledger.write(change, Durability::power_loss).ok());
    world.put(1, every(10), false, -1);
    world.start();
    world.run_until(at(21));
    EXPECT_THAT(world.arrived(), ElementsAre("1@10", "1@20"));
  }
}

TEST(Crash, AFencedEngineEnds) {
  World world;
  world.put(1, every(60));
  world.start();
  world.settle();
  RecordingCallback newer(world.receiver, Delivery::exactly_once);
  ASSERT_TRUE(std::holds_alternative<Claim>(newer.claim()));
  EXPECT_EQ(world.run_until(at(61)).kind, Step::Kind::fenced);
  EXPECT_THAT(world.arrived(), IsEmpty());
}

TEST(Crash, APositionOfAFutureThatTheClockTookBackIsNotTaken) {
  World world;
  world.put(1, every(60), false, -1);
  world.start();
  world.run_until(at(61));
  world.receiver.script = {Script::lost_in_doubt};
  world.clock.set_wall(at(-4 * 3600));
  world.receiver.position = Position{at(60)};
  world.receiver.fires.clear();
  world.run_until(at(-4 * 3600 + 130));
  EXPECT_THAT(world.arrived(), ElementsAre("1@-14340 late", "1@-14280"));
}

TEST(Crash, ThePositionIsRenewedDailyWhenNothingFires) {
  World world;
  world.put(1, daily_cron("0 0 1 1 *"));
  world.start();
  world.run_until(at(86400 * 3 + 10));
  EXPECT_EQ(world.receiver.renewals, 3U);
}

TEST(Crash, WhatExpiredWhileEarlierPiecesWereHandedOverIsNotTakenForDelivered) {
  World world;
  world.options.piece_fires_max = 1;
  world.put(1, every(1), false, 10);
  world.put(2, every(1), false, -1);
  world.start();
  world.clock.advance(std::chrono::seconds{2});
  world.receiver.refuse = [&](const Fire& fire, const ActionText&) -> std::optional<Refusal> {
    if (fire.action == 1 && fire.time == at(1)) world.clock.advance(std::chrono::seconds{11});
    return std::nullopt;
  };
  world.receiver.script = {Script::deliver, Script::die_after};
  EXPECT_THROW(world.settle(), SimulatedDeath);
  world.kill();
  world.start();
  world.settle();
  EXPECT_THAT(world.arrived(), Not(::testing::Contains("1@2 late")));
  const auto outcomes = world.outcomes();
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].outcome, Outcome::expired);
  EXPECT_EQ(outcomes[0].first, at(2));
}

TEST(Crash, ADeathBehindAPieceWithoutFiresLosesNothingOfAMerge) {
  for (const Delivery delivery : {Delivery::exactly_once, Delivery::at_least_once}) {
    World world(delivery);
    world.options.piece_fires_max = 1;
    world.put(1, every(30), true, 60);
    world.put(2, every(120), false, 5);
    world.start();
    world.run_until(at(42));
    world.clock.set_wall(at(1082));
    world.engine->step();
    ASSERT_THAT(world.outcomes(), ::testing::Contains(::testing::Field(&NotedOutcome::action, 2)));
    ASSERT_THAT(world.outcomes(), Not(::testing::Contains(::testing::Field(&NotedOutcome::action, 1))));
    world.kill();
    world.start();
    world.run_until(at(1110));
    std::uint64_t ended = 0;
    for (const RecordedFire& recorded : world.receiver.fires) ended += recorded.fire.action == 1 ? 1U : 0U;
    for (const NotedOutcome& outcome : world.outcomes()) ended += outcome.action == 1 ? outcome.count : 0U;
    EXPECT_EQ(ended, 37U);
  }
}

}  // namespace
}  // namespace action_scheduler::testing
