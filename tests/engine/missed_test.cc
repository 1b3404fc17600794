#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string summary(const NotedOutcome& outcome) {
  return std::to_string(outcome.action) + " " + std::string(to_string(outcome.outcome)) + " " +
         std::to_string(seconds_of(outcome.first)) + ".." + std::to_string(seconds_of(outcome.last)) + " x" +
         std::to_string(outcome.count);
}

std::vector<std::string> summaries(World& world) {
  std::vector<std::string> list;
  for (const NotedOutcome& outcome : world.outcomes()) list.push_back(summary(outcome));
  return list;
}

// A schedule of every minute is away from 10:01:30 to 10:11:30.
class Missed : public ::testing::TestWithParam<Delivery> {
 protected:
  Missed() : world(GetParam()) {}

  void miss_ten_minutes() {
    world.start();
    world.run_until(at(90));
    world.kill();
    world.receiver.fires.clear();
    world.clock.advance(std::chrono::minutes{10});
    world.start();
    world.settle();
  }

  World world;
};

INSTANTIATE_TEST_SUITE_P(Deliveries, Missed, ::testing::Values(Delivery::exactly_once, Delivery::at_least_once));

TEST_P(Missed, WithoutMergingAllAreDeliveredOldestFirst) {
  world.put(1, every(60), false, -1);
  miss_ten_minutes();
  EXPECT_THAT(world.arrived(), ElementsAre("1@120 late", "1@180 late", "1@240 late", "1@300 late", "1@360 late", "1@420 late",
                                           "1@480 late", "1@540 late", "1@600 late", "1@660 late"));
  EXPECT_THAT(summaries(world), IsEmpty());
}

TEST_P(Missed, WithMergingTheLatestIsDeliveredForAll) {
  world.put(1, every(60), true, -1);
  miss_ten_minutes();
  EXPECT_THAT(world.arrived(), ElementsAre("1@660 merged 9 from 120"));
  EXPECT_THAT(summaries(world), ElementsAre("1 merged 120..600 x9"));
}

TEST_P(Missed, WithoutMergingTheOldOnesExpire) {
  world.put(1, every(60), false, 150);
  miss_ten_minutes();
  EXPECT_THAT(world.arrived(), ElementsAre("1@540 late", "1@600 late", "1@660 late"));
  EXPECT_THAT(summaries(world), ElementsAre("1 expired 120..480 x7"));
}

TEST_P(Missed, AFireAsOldAsItsActualityTimeIsStillWorthDelivering) {
  world.put(1, every(60), false, 90);  // at 690 the fire of 600 is 90 s old
  miss_ten_minutes();
  EXPECT_THAT(world.arrived(), ElementsAre("1@600 late", "1@660 late"));
}

TEST_P(Missed, WithMergingOnlyWhatIsWorthDeliveringIsMerged) {
  world.put(1, every(60), true, 150);
  miss_ten_minutes();
  EXPECT_THAT(world.arrived(), ElementsAre("1@660 merged 2 from 540"));
  EXPECT_THAT(summaries(world), UnorderedElementsAre("1 expired 120..480 x7", "1 merged 540..600 x2"));
}

TEST_P(Missed, WithNoActualityLeftNothingIsDelivered) {
  world.put(1, every(60), true, 0);
  world.put(2, every(60), false, 10);
  miss_ten_minutes();
  EXPECT_THAT(world.arrived(), IsEmpty());
  EXPECT_THAT(summaries(world), UnorderedElementsAre("1 expired 120..660 x10", "2 expired 120..660 x10"));
  world.run_until(at(720));
  EXPECT_THAT(world.arrived(), ElementsAre("1@720", "2@720"));
}

TEST_P(Missed, ASingleMissedFireIsLateNotMerged) {
  world.put(1, every(600), true, -1);
  miss_ten_minutes();
  EXPECT_THAT(world.arrived(), ElementsAre("1@600 late"));
}

TEST_P(Missed, DefaultsOfTheTableAreUsedWhereTheRowHasNull) {
  world.put(1, every(300));
  miss_ten_minutes();
  EXPECT_THAT(world.arrived(), ElementsAre("1@300 late", "1@600 late"));
}

TEST_P(Missed, AMonthOfSecondsIsMergedAtOnce) {
  world.put(1, every(1), true, -1);
  world.start();
  world.run_until(at(1));
  world.kill();
  world.receiver.fires.clear();
  world.clock.advance(std::chrono::hours{24 * 30});
  world.start();
  world.settle();
  const std::int64_t end = 1 + 30 * 86400;
  EXPECT_THAT(world.arrived(), ElementsAre("1@" + std::to_string(end) + " merged " + std::to_string(end - 2) + " from 2"));
}

TEST_P(Missed, ADayOfSecondsWithoutMergingComesInPieces) {
  world.options.piece_fires_max = 1000;
  world.put(1, every(1), false, -1);
  world.put(2, every(1), true, -1);
  world.start();
  world.run_until(at(1));
  world.kill();
  world.receiver.fires.clear();
  world.receiver.hand_overs = 0;
  world.clock.advance(std::chrono::hours{24});
  world.start();
  world.settle();
  EXPECT_EQ(world.receiver.fires.size(), 86400U + 1);
  EXPECT_GE(world.receiver.hand_overs, 86U);
  Instant last = at(0);
  for (const RecordedFire& recorded : world.receiver.fires) {
    EXPECT_GE(recorded.fire.time, last);
    last = recorded.fire.time;
  }
  EXPECT_EQ(world.receiver.fires.back().fire.action, 2);
  EXPECT_EQ(world.receiver.fires.back().fire.merged_count, 86399U);
}

TEST_P(Missed, WhatTheReceiverRefusedToTakeIsMergedWhenItComesBack) {
  world.put(1, every(60), true, -1);
  world.put(2, every(60), false, -1);
  world.start();
  world.run_until(at(60));
  world.receiver.down = true;
  world.run_until(at(250));
  world.receiver.down = false;
  world.receiver.fires.clear();
  world.run_until(at(299));
  EXPECT_THAT(world.arrived(), UnorderedElementsAre("2@120 late", "2@180 late", "1@240 merged 2 from 120", "2@240 late"));
  world.run_until(at(300));
  EXPECT_EQ(world.arrived().back(), "2@300");
}

TEST_P(Missed, EachReasonOfAnOutageIsLoggedOnce) {
  world.put(1, every(1));
  world.start();
  world.run_until(at(5));
  world.receiver.down = true;
  world.receiver.down_reason = "127.0.0.1:1: connection refused after 3 ms";
  world.run_until(at(30));
  world.receiver.down_reason = "127.0.0.1:2: connection refused after 14 ms";
  world.run_until(at(60));
  EXPECT_EQ(world.log.count("connection refused"), 1U);
  world.receiver.down_reason = "the password is refused";
  world.run_until(at(90));
  EXPECT_EQ(world.log.count("the password is refused"), 1U);
  world.receiver.down = false;
  world.run_until(at(120));
  world.receiver.down = true;
  world.run_until(at(150));
  EXPECT_EQ(world.log.count("the password is refused"), 2U) << "another outage";
}

TEST_P(Missed, AClockSetAheadIsLikeHavingBeenDown) {
  world.put(1, every(60), true, -1);
  world.start();
  world.run_until(at(90));
  world.receiver.fires.clear();
  world.clock.set_wall(at(3600 + 30));
  world.settle();
  EXPECT_THAT(world.arrived(), ElementsAre("1@3600 merged 58 from 120"));
}

TEST_P(Missed, AStoppedProcessIsLikeHavingBeenDown) {
  world.put(1, every(1), true, -1);
  world.start();
  world.run_until(at(10));
  world.receiver.fires.clear();
  world.clock.advance(std::chrono::minutes{1});
  world.settle();
  EXPECT_THAT(world.arrived(), ElementsAre("1@70 merged 59 from 11"));
}

TEST(Missed, AClockSetAheadAmidAWindowMakesTheRestOfItLate) {
  World world;
  world.put(1, every(60), false, -1);
  world.put(2, every(60), false, -1);
  world.start();
  world.run_until(at(59));
  world.receiver.refuse = [](const Fire& fire, const ActionText&) -> std::optional<Refusal> {
    if (fire.action != 1) return std::nullopt;
    return Refusal{0, "no", true, false};
  };
  world.clock.set_wall(at(60));
  world.engine->step();
  ASSERT_THAT(world.arrived(), IsEmpty());
  world.clock.set_wall(at(119));
  world.settle();
  EXPECT_THAT(world.arrived(), ElementsAre("2@60 late"));
}

TEST_P(Missed, AClockSetBackByAnHourRepeatsNothing) {
  world.put(1, every(60), false, -1);
  world.start();
  world.run_until(at(7200));
  world.receiver.fires.clear();
  world.clock.set_wall(at(3600));
  world.run_until(at(7259));
  EXPECT_THAT(world.arrived(), IsEmpty());
  EXPECT_EQ(world.log.count("the clock was set back; waiting"), 1U);
  world.run_until(at(7260));
  EXPECT_THAT(world.arrived(), ElementsAre("1@7260"));
}

TEST_P(Missed, AClockSetBackByADayIsAcceptedLoudly) {
  world.put(1, every(60), false, -1);
  world.start();
  world.run_until(at(120));
  world.receiver.fires.clear();
  world.clock.set_wall(at(-86400));
  world.run_until(at(-86400 + 60));
  EXPECT_THAT(world.arrived(), ElementsAre("1@-86340"));
  EXPECT_EQ(world.log.count("set back further"), 1U);
}

// Its rows have been seen at an instant that lies ahead of the new time.
TEST_P(Missed, AClockSetBackByADayIsAcceptedByTheNextProcessToo) {
  world.put(1, every(60), false, -1);
  world.start();
  world.run_until(at(120));
  world.clock.set_wall(at(-86400));
  world.durable.fail_next_writes(1);
  world.run_until(at(-86400 + 60));
  world.kill();
  world.receiver.fires.clear();
  world.clock.advance(std::chrono::seconds{130});
  world.start();
  world.run_until(at(-86400 + 245));
  EXPECT_THAT(world.arrived(), ElementsAre("1@-86280 late", "1@-86220 late", "1@-86160"));
}

TEST_P(Missed, ARowThatWasSeenWhileTheClockWasFarAheadFiresWhenItIsRightAgain) {
  world.put(1, every(86400), false, -1);
  world.start();
  world.run_until(at(10));
  world.clock.set_wall(at(5 * 3600));
  world.put(2, every(60), false, -1);
  world.poll();
  world.engine->step();
  world.kill();
  world.clock.set_wall(at(30));
  world.start();
  world.run_until(at(125));
  EXPECT_THAT(world.arrived(), ElementsAre("2@60", "2@120"));
}

// To the next process the instant at which it was seen may seem to be only a little ahead.
TEST_P(Missed, ARowThatWasSeenWhileTheClockWasFarAheadFiresInTheNextProcessToo) {
  world.put(1, every(86400), false, -1);
  world.start();
  world.run_until(at(10));
  world.clock.set_wall(at(5 * 3600));
  world.put(2, every(3600), false, -1);
  world.poll();
  world.engine->step();
  world.kill();
  world.clock.set_wall(at(30));
  world.start();
  world.durable.fail_next_writes(1);
  world.run_until(at(100));
  world.kill();
  world.clock.set_wall(at(3 * 3600 + 1));
  world.start();
  world.run_until(at(3 * 3600 + 10));
  EXPECT_THAT(world.arrived(), ElementsAre("2@3600 late", "2@7200 late", "2@10800 late"));
}

// What was due before the new process began was never settled under the right clock.
TEST(Missed, APositionThatIsFarAheadIsOfAWrongClock) {
  World world(Delivery::exactly_once);
  world.put(1, every(60), false, -1);
  world.start();
  world.run_until(at(120));
  world.clock.set_wall(at(-86400));
  world.receiver.down = true;
  world.run_until(at(-86400 + 30));
  world.kill();
  world.receiver.down = false;
  world.receiver.fires.clear();
  world.clock.set_wall(at(-86400 + 150));
  world.start();
  world.run_until(at(-86400 + 185));
  EXPECT_THAT(world.arrived(), ElementsAre("1@-86340 late", "1@-86280 late", "1@-86220"));
}

TEST_P(Missed, TheTableMayBeAwayAtStart) {
  world.put(1, every(60), false, -1);
  world.start();
  world.run_until(at(90));
  world.kill();
  world.receiver.fires.clear();
  world.clock.advance(std::chrono::minutes{2});
  world.start(false);
  world.run_until(at(215));
  EXPECT_THAT(world.arrived(), IsEmpty());
  world.engine->go_on_without_table();
  world.run_until(at(240));
  EXPECT_THAT(world.arrived(), ElementsAre("1@120 late", "1@180 late", "1@240"));
}

TEST(Missed, AClockSetBackDuringAnOutageDoesNotProlongIt) {
  for (const Delivery delivery : {Delivery::exactly_once, Delivery::at_least_once}) {
    World world(delivery);
    world.put(1, every(60), false, -1);
    world.start();
    world.settle();
    world.receiver.down = true;
    world.run_until(at(3600));
    world.clock.set_wall(at(1800));
    world.receiver.down = false;
    world.run_until(at(1803));
    EXPECT_EQ(world.receiver.fires.size(), 30U);
  }
}

TEST(Missed, AClockSetBackLosesNothingOfAMergeThatWasInterrupted) {
  World world(Delivery::at_least_once);
  world.options.piece_fires_max = 1;
  world.put(1, every(600), true, -1);
  world.put(2, every(7), false, 0);
  world.start();
  world.settle();
  world.receiver.down = true;
  world.run_until(at(1204));
  world.clock.set_wall(at(1195));
  world.receiver.down = false;
  world.run_until(at(1400));
  std::uint64_t ended = 0;
  for (const RecordedFire& recorded : world.receiver.fires) ended += recorded.fire.action == 1 ? 1U : 0U;
  for (const NotedOutcome& outcome : world.outcomes()) ended += outcome.action == 1 ? outcome.count : 0U;
  EXPECT_EQ(ended, 2U);
}

// Ten hours of missed fires, of which action 1 merges its own, given up after about `reached`; then the clock stands `back`
// before that for good. How many fire times of the first eleven hours have ended, and are of action 1.
std::uint64_t ended_after_a_clock_set_back_for_good(Delivery delivery, Seconds reached, Seconds back) {
  World world(delivery);
  world.transaction_fires_max = 1;
  world.options.piece_fires_max = 4;
  world.put(1, every(3600), true, 60);
  world.put(2, every(60), false, -1);
  world.start();
  world.settle();
  world.clock.set_wall(at(10 * 3600 + 10));
  while (world.engine->watermark().instant < at(0) + reached) world.engine->step();
  world.receiver.down = true;
  world.engine->step();
  EXPECT_LT(world.engine->watermark().instant, at(9 * 3600));
  const Instant now = world.engine->watermark().instant - back;
  world.clock.set_wall(now);
  world.receiver.down = false;
  world.run_until(now + Seconds{3600});
  world.run_until(at(11 * 3600 + 10));
  std::uint64_t ended = 0;
  for (const RecordedFire& recorded : world.receiver.fires) ended += recorded.fire.action == 1 ? 1U : 0U;
  for (const NotedOutcome& outcome : world.outcomes()) ended += outcome.action == 1 ? outcome.count : 0U;
  return ended;
}

// Set back by more than is waited for, but not behind what is settled: nothing is left to wait for the later one.
TEST(Missed, AClockSetBackForGoodLosesNothingOfAMergeThatWasInterrupted) {
  for (const Delivery delivery : {Delivery::exactly_once, Delivery::at_least_once}) {
    EXPECT_EQ(ended_after_a_clock_set_back_for_good(delivery, Seconds{2 * 3600}, Seconds{-100}), 11U);
  }
}

// The same amid a window that goes on: the rest of it comes when it is due, not earlier.
TEST(Missed, AClockSetBackForGoodAmidAWindowDeliversNothingBeforeItIsDue) {
  for (const Delivery delivery : {Delivery::exactly_once, Delivery::at_least_once}) {
    World world(delivery);
    world.options.piece_fires_max = 4;
    world.put(1, every(3600), true, -1);
    world.put(2, every(60), false, -1);
    world.start();
    world.settle();
    world.clock.set_wall(at(10 * 3600 + 10));
    while (world.engine->watermark().instant < at(2 * 3600)) world.engine->step();
    world.clock.set_wall(world.engine->watermark().instant + Seconds{100});
    world.settle();
    EXPECT_EQ(world.log.count("set back further"), 1U);
    EXPECT_EQ(world.log.count("waiting"), 0U);
    for (const RecordedFire& recorded : world.receiver.fires) EXPECT_LE(recorded.fire.due, world.clock.second());
    world.run_until(at(4 * 3600));
    EXPECT_EQ(world.arrivals()[fire_id(1, at(3 * 3600))], 1);
    EXPECT_EQ(world.arrivals().size(), 1U + 4 * 60 + 1) << "each minute once, and the hours since then";
    for (const auto& [fire, times] : world.arrivals()) EXPECT_EQ(times, 1) << fire;
  }
}

// What lies ahead of the new time comes again; what lies behind it does not, and waited for a later one, too.
TEST(Missed, AClockSetBackBehindWhatIsSettledLosesNothingOfAMergeThatWasUnderWay) {
  for (const Delivery delivery : {Delivery::exactly_once, Delivery::at_least_once}) {
    EXPECT_EQ(ended_after_a_clock_set_back_for_good(delivery, Seconds{6 * 3600}, Seconds{7 * 1800}), 11U);
  }
}

TEST(Missed, ActionsThatWaitForTheReceiverAreCounted) {
  World world(Delivery::at_least_once);
  world.put(1, every(60));
  world.put(2, every(60));
  world.put(3, every(3600));
  world.start();
  world.run_until(at(30));
  EXPECT_EQ(world.engine->pending(at(30)), 0U);
  world.receiver.down = true;
  world.run_until(at(150));
  EXPECT_EQ(world.engine->pending(at(150)), 2U);
  world.receiver.down = false;
  world.run_until(at(230));
  EXPECT_EQ(world.engine->pending(at(230)), 0U);
}

TEST(Missed, AReceiverThatFailedLastIsAskedAgainAlthoughNothingIsDue) {
  for (const Delivery delivery : {Delivery::exactly_once, Delivery::at_least_once}) {
    World world(delivery);
    world.put(1, every(3600), false, 0);
    world.start();
    world.settle();
    world.receiver.down = true;
    world.run_until(at(3610));
    EXPECT_FALSE(world.engine->receiver_answers());
    world.receiver.down = false;
    world.run_until(at(3700));
    EXPECT_TRUE(world.engine->receiver_answers());
  }
}

}  // namespace
}  // namespace action_scheduler::testing
