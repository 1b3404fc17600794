#include "engine/requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Script = RecordedReceiver::Step;

class Requested : public ::testing::TestWithParam<Delivery> {
 protected:
  Requested() : world(GetParam()) {
    world.put(1, every(3600));
    world.start();
    world.run_until(at(10));
  }

  std::variant<AcceptedFires, Refused> fire(ActionId id, const std::string& key = "") {
    FireRequest asked;
    asked.action = id;
    asked.asked = "ada: a test";
    asked.key = key;
    return world.engine->request(asked);
  }
  std::variant<AcceptedFires, Refused> backfill(std::int64_t from, std::int64_t to, const std::string& key = "") {
    FireRequest asked;
    asked.action = 1;
    asked.kind = FireReason::backfill;
    asked.from = at(from);
    asked.to = at(to);
    asked.asked = "ada";
    asked.key = key;
    return world.engine->request(asked);
  }
  std::variant<ParkedRepair, Refused> repair(ParkedRequest::Kind kind, std::vector<std::string> ids) {
    ParkedRequest asked;
    asked.kind = kind;
    asked.ids = std::move(ids);
    asked.asked = "ada";
    return world.engine->repair_parked(asked);
  }
  std::variant<Settlement, Refused> settle_until(std::optional<Instant> until, bool dry_run = false) {
    SettleRequest asked;
    asked.until = until;
    asked.asked = "ada";
    asked.dry_run = dry_run;
    return world.engine->settle(asked);
  }
  static Refused::Kind refusal(const std::variant<AcceptedFires, Refused>& answer) { return std::get<Refused>(answer).kind; }

  World world;
};

TEST_P(Requested, NothingIsTakenBeforeTheTableIsInEffect) {
  World fresh(GetParam());
  fresh.put(1, every(3600));
  fresh.start();
  EXPECT_FALSE(fresh.engine->status().table_in_effect);
  FireRequest asked;
  asked.action = 1;
  EXPECT_EQ(refusal(fresh.engine->request(asked)), Refused::Kind::unavailable);
  EXPECT_THAT(std::get<Refused>(fresh.engine->settle({})).message, HasSubstr("not taken up the table yet"));
  fresh.settle();
  EXPECT_TRUE(fresh.engine->status().table_in_effect);
  EXPECT_TRUE(std::holds_alternative<AcceptedFires>(fresh.engine->request(asked)));
}

INSTANTIATE_TEST_SUITE_P(Deliveries, Requested, ::testing::Values(Delivery::exactly_once, Delivery::at_least_once));

TEST_P(Requested, AFireByHandArrivesAtOnceAndIsNotedWithWhoAndWhy) {
  const auto accepted = std::get<AcceptedFires>(fire(1));
  EXPECT_EQ(accepted.at, at(10));
  world.settle();
  EXPECT_THAT(world.arrived(), ElementsAre("1@10 manual"));
  EXPECT_EQ(world.receiver.ids().front(), "1@2026-11-21T10:00:10Z+2026-11-21T10:00:10Z");
  ASSERT_THAT(world.outcomes(), SizeIs(1));
  EXPECT_EQ(world.outcomes().front().outcome, Outcome::delivered);
  EXPECT_EQ(world.outcomes().front().reason, "ada: a test");
  EXPECT_EQ(world.engine->counters().delivered, 1U);
  EXPECT_EQ(world.engine->parking().size(), 0U);
}

TEST_P(Requested, ItIsOnDiskBeforeItIsAnswered) {
  ASSERT_TRUE(std::holds_alternative<AcceptedFires>(fire(1)));
  world.kill();
  world.start();
  world.settle();
  EXPECT_THAT(world.arrived(), ElementsAre("1@10 manual"));
}

TEST_P(Requested, WhatTheLedgerDoesNotTakeIsRefusedAndNeverFires) {
  world.durable.fail_next_writes(1);
  EXPECT_EQ(refusal(fire(1)), Refused::Kind::unavailable);
  world.run_until(at(60));
  EXPECT_THAT(world.arrived(), IsEmpty());
  EXPECT_TRUE(world.ledger.load()->requests.empty());
}

TEST_P(Requested, ASecondRequestWithinTheSecondIsTheSameFire) {
  ASSERT_TRUE(std::holds_alternative<AcceptedFires>(fire(1)));
  world.settle();
  EXPECT_TRUE(std::get<AcceptedFires>(fire(1)).repeated);
  world.settle();
  EXPECT_THAT(world.arrived(), SizeIs(1));
  world.run_until(at(11));
  EXPECT_FALSE(std::get<AcceptedFires>(fire(1)).repeated);
  world.settle();
  EXPECT_THAT(world.arrived(), SizeIs(2));
}

TEST_P(Requested, ASecondKeyWithinTheSecondIsRememberedToo) {
  const auto first = std::get<AcceptedFires>(fire(1, "k1"));
  const auto second = std::get<AcceptedFires>(fire(1, "k2"));
  EXPECT_TRUE(second.repeated);
  EXPECT_EQ(second.at, first.at);
  world.run_until(at(60));
  world.kill();
  world.start();
  world.run_until(at(70));
  EXPECT_TRUE(std::get<AcceptedFires>(fire(1, "k1")).repeated);
  EXPECT_TRUE(std::get<AcceptedFires>(fire(1, "k2")).repeated);
  world.run_until(at(80));
  EXPECT_EQ(world.receiver.fires.size(), 1U);
}

TEST_P(Requested, TheSameKeyFiresOnceEvenAfterARestart) {
  ASSERT_TRUE(std::holds_alternative<AcceptedFires>(fire(1, "key-1")));
  world.run_until(at(20));
  world.kill();
  world.start();
  world.run_until(at(30));
  const auto again = std::get<AcceptedFires>(fire(1, "key-1"));
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.at, at(10));
  EXPECT_EQ(refusal(backfill(-7200, 0, "key-1")), Refused::Kind::conflict);
  world.settle();
  EXPECT_THAT(world.arrived(), SizeIs(1));
}

TEST_P(Requested, AClockThatWasSetBackMakesNoIdTwice) {
  ASSERT_TRUE(std::holds_alternative<AcceptedFires>(fire(1)));
  world.settle();
  world.clock.set_wall(at(5));
  const auto second = std::get<AcceptedFires>(fire(1));
  EXPECT_FALSE(second.repeated);
  EXPECT_EQ(second.at, at(11));
}

TEST_P(Requested, ABackfillSendsPastFireTimesOldestFirstBesideTheSchedule) {
  const auto accepted = std::get<AcceptedFires>(backfill(-7200, 0));
  EXPECT_EQ(accepted.fires, 2U);
  world.settle();
  EXPECT_THAT(world.arrived(), ElementsAre("1@-7200 backfill", "1@-3600 backfill"));
  world.run_until(at(3600));
  EXPECT_THAT(world.arrived(), ElementsAre("1@-7200 backfill", "1@-3600 backfill", "1@3600"));
}

TEST_P(Requested, ABackfillOfAFireTimeDoesNotHideTheFireOfTheSchedule) {
  world.receiver.down = true;
  world.run_until(at(3605));
  ASSERT_TRUE(std::holds_alternative<AcceptedFires>(backfill(3600, 3601)));
  world.receiver.down = false;
  world.run_until(at(3700));
  EXPECT_EQ(world.arrivals().size(), 2U);
  EXPECT_EQ(world.arrivals()["1@2026-11-21T11:00:00Z"], 1);
}

TEST_P(Requested, RangesThatCannotBeTakenAreRefused) {
  EXPECT_EQ(refusal(backfill(0, 0)), Refused::Kind::bad_range);
  EXPECT_EQ(refusal(backfill(-7200, 11)), Refused::Kind::bad_range);
  EXPECT_EQ(refusal(backfill(1, 10)), Refused::Kind::bad_range);
  EXPECT_EQ(refusal(backfill(-3600 * (static_cast<std::int64_t>(kBackfillMax) + 1), 10)), Refused::Kind::bad_range);
}

TEST_P(Requested, AnActionThatIsNotScheduledIsRefused) {
  const auto answer = fire(2);
  EXPECT_EQ(refusal(answer), Refused::Kind::not_scheduled);
  EXPECT_THAT(std::get<Refused>(answer).message, HasSubstr("action 2 is not scheduled"));
}

TEST_P(Requested, ACrashAfterTheHandOverRepeatsNothingWithExactlyOnce) {
  ASSERT_TRUE(std::holds_alternative<AcceptedFires>(fire(1)));
  world.receiver.script = {Script::die_after};
  EXPECT_THROW(world.settle(), SimulatedDeath);
  world.kill();
  world.start();
  world.run_until(at(60));
  if (GetParam() == Delivery::exactly_once) {
    EXPECT_THAT(world.arrived(), ElementsAre("1@10 manual"));
  } else {
    EXPECT_THAT(world.arrived(), ElementsAre("1@10 manual", "1@10 manual #2"));
  }
  ASSERT_THAT(world.outcomes(), SizeIs(1));
  EXPECT_EQ(world.outcomes().front().reason, "ada: a test");
}

TEST_P(Requested, AFireByHandThatIsRefusedIsTriedAgain) {
  world.receiver.refuse = [](const Fire&, const ActionText&) -> std::optional<Refusal> { return Refusal{0, "unknown topic"}; };
  ASSERT_TRUE(std::holds_alternative<AcceptedFires>(fire(1)));
  world.run_until(at(12));
  EXPECT_EQ(world.engine->status().requested, 1U);
  EXPECT_EQ(world.ledger.load()->parked.front().reason, "unknown topic");
  world.receiver.refuse = nullptr;
  world.run_until(at(60));
  EXPECT_THAT(world.arrived(), ElementsAre("1@10 manual"));
}

TEST_P(Requested, ADroppedFireIsNotedAsFailed) {
  world.receiver.down = true;
  ASSERT_TRUE(std::holds_alternative<AcceptedFires>(fire(1)));
  const auto done = repair(ParkedRequest::Kind::drop, {"1"});
  EXPECT_EQ(std::get<ParkedRepair>(done).done, 1U);
  world.receiver.down = false;
  world.run_until(at(60));
  EXPECT_THAT(world.arrived(), IsEmpty());
  ASSERT_THAT(world.outcomes(), SizeIs(1));
  EXPECT_EQ(world.outcomes().front().outcome, Outcome::failed);
  EXPECT_EQ(std::get<Refused>(repair(ParkedRequest::Kind::drop, {"1"})).kind, Refused::Kind::not_found);
}

TEST_P(Requested, WhatIsRetriedByHandIsTriedAtOnce) {
  world.receiver.refuse = [](const Fire&, const ActionText&) -> std::optional<Refusal> { return Refusal{0, "unknown topic"}; };
  world.run_until(at(3700));
  world.receiver.refuse = nullptr;
  const auto done = repair(ParkedRequest::Kind::retry, {});
  EXPECT_EQ(std::get<ParkedRepair>(done).done, 1U);
  world.settle();
  EXPECT_THAT(world.arrived(), ElementsAre("1@3600 late"));
}

TEST_P(Requested, SettlingGivesUpWhatWasMissedAndNotesIt) {
  world.receiver.down = true;
  world.run_until(at(3 * 3600 + 5));
  const auto dry = std::get<Settlement>(settle_until({}, true));
  EXPECT_EQ(dry.fires, 3U);
  const auto done = std::get<Settlement>(settle_until({}));
  EXPECT_EQ(done.fires, 3U);
  EXPECT_EQ(done.actions, 1U);
  world.receiver.down = false;
  world.run_until(at(4 * 3600));
  EXPECT_THAT(world.arrived(), ElementsAre("1@14400"));
  ASSERT_THAT(world.outcomes(), SizeIs(1));
  EXPECT_EQ(world.outcomes().front().outcome, Outcome::expired);
  EXPECT_THAT(world.outcomes().front().reason, HasSubstr("settled by hand by ada"));
}

TEST_P(Requested, WhatIsAheadOrSettledAlreadyCannotBeSettled) {
  const auto kind = [&](std::int64_t until) { return std::get<Refused>(settle_until(at(until))).kind; };
  EXPECT_EQ(kind(11), Refused::Kind::bad_range);
  EXPECT_EQ(kind(-100), Refused::Kind::bad_range);
}

// Missed at 60 and 120, and merged into the one at 180, which is parked while action 1's are not handed over.
TEST(RequestedExactlyOnce, SettlingCountsNothingThatWasMergedIntoAParkedFire) {
  World world(Delivery::exactly_once);
  world.put(1, every(60));
  world.put(2, every(60), true);
  world.start();
  world.run_until(at(59));
  world.receiver.down = true;
  world.run_until(at(185));
  world.receiver.refuse = [](const Fire& fire, const ActionText&) -> std::optional<Refusal> {
    if (fire.action != 2) return std::nullopt;
    return Refusal{0, "unknown topic"};
  };
  world.receiver.down = false;
  world.receiver.script = {Script::deliver, Script::unavailable, Script::unavailable, Script::unavailable};
  world.run_until(at(186));
  ASSERT_EQ(world.engine->parking().size(), 1U);
  ASSERT_EQ(world.engine->counters().delivered, 0U);
  const auto done = std::get<Settlement>(world.engine->settle({}));
  EXPECT_EQ(done.fires, 3U);
  EXPECT_EQ(done.actions, 1U);
}

}  // namespace
}  // namespace action_scheduler::testing
