#include "action_scheduler/plan.h"

#include "tests/core/plan_testing.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Planning : public ::testing::Test {
 protected:
  void put(ActionId id, const Trigger& trigger, MissedPolicy policy = {}, std::int64_t counts_from = -1000) {
    actions_.put(planned_action(id, trigger, policy), second(counts_from));
  }
  // All of the window in one go; `missed` up to its end, or nothing of it.
  Plan whole(std::int64_t from, std::int64_t until, bool missed, const ExceptionSet& exceptions = {}) {
    const PlanWindow window{{second(from)}, second(until), missed ? second(until) : kFirstInstant, second(until), {}};
    return plan(actions_, all_triggers(actions_), window, window.from, exceptions, 1'000'000);
  }

  ActionSet actions_;
};

TEST_F(Planning, OrdersFiresByDueInstantAndAction) {
  put(2, every(10));
  put(1, every(10));
  put(3, every(15));
  EXPECT_THAT(texts(whole(0, 30, false)), ElementsAre("1@10", "2@10", "3@15", "1@20", "2@20", "1@30", "2@30", "3@30"));
}

TEST_F(Planning, LeavesOutWhatDoesNotCountYet) {
  put(1, every(10), {}, 20);
  EXPECT_THAT(texts(whole(0, 40, false)), ElementsAre("1@30", "1@40"));
}

TEST_F(Planning, KeepsOrMergesWhatWasMissedAsEachActionAsks) {
  put(1, every(10), {false, std::nullopt});
  put(2, every(10), {true, std::nullopt});
  EXPECT_THAT(texts(whole(0, 35, true)),
              ElementsAre("1@10 late", "1@20 late", "1@30 late", "2@30 merged 2 from 10", "2 merged 10-20 x2"));
}

TEST_F(Planning, CallsASingleMissedFireLateAndNotMerged) {
  put(1, every(10), {true, std::nullopt});
  EXPECT_THAT(texts(whole(0, 15, true)), ElementsAre("1@10 late"));
}

TEST_F(Planning, MergesNothingThatCameOnTime) {
  put(1, every(10), {true, std::nullopt});
  EXPECT_THAT(texts(whole(0, 30, false)), ElementsAre("1@10", "1@20", "1@30"));
}

TEST_F(Planning, DeliversAFireThatIsExactlyAsOldAsItsActualityTime) {
  put(1, every(10), {false, Seconds{10}});
  put(2, every(10), {true, Seconds{10}});
  EXPECT_THAT(texts(whole(0, 20, true)), ElementsAre("1@10 late", "1@20 late", "2@20 merged 1 from 10", "2 merged 10-10 x1"));
  EXPECT_THAT(texts(whole(0, 21, true)), ElementsAre("1@20 late", "2@20 late", "1 expired 10-10 x1", "2 expired 10-10 x1"));
}

TEST_F(Planning, DropsAMergedFireWhoseLatestIsExpired) {
  put(1, every(10), {true, Seconds{0}});
  EXPECT_THAT(texts(whole(0, 39, true)), ElementsAre("1 expired 10-30 x3"));
}

TEST_F(Planning, TellsWhenAFireExpires) {
  put(1, every(10), {false, Seconds{7}});
  put(2, every(10));
  const Plan planned = whole(0, 10, false);
  ASSERT_EQ(planned.fires.size(), 2U);
  EXPECT_EQ(planned.fires[0].expires, second(17));
  EXPECT_EQ(planned.fires[1].expires, std::nullopt);
}

TEST_F(Planning, DoesNotPlanExceptionsAgain) {
  put(1, every(10));
  put(2, every(10), {true, std::nullopt});
  ExceptionSet exceptions;
  exceptions.insert(1, second(20));
  exceptions.insert(2, second(20), true);
  EXPECT_THAT(texts(whole(0, 40, true, exceptions)),
              ElementsAre("1@10 late", "1@30 late", "1@40 late", "2@40 merged 1 from 30", "2 merged 30-30 x1"))
      << "what was due before a late fire that is parked had been merged into it";
}

// Whether it merges now tells nothing of how its fires were decided.
TEST_F(Planning, LeavesOutWhatAnExceptionStandsForWhenItsActionMergesNoMore) {
  put(1, every(10), {false, Seconds{25}});
  ExceptionSet exceptions;
  exceptions.insert(1, second(20), true);
  EXPECT_THAT(texts(whole(0, 40, true, exceptions)), ElementsAre("1@30 late", "1@40 late"));
  EXPECT_THAT(texts(whole(0, 40, false, exceptions)), ElementsAre("1@30", "1@40", "1 expired 10-10 x1"))
      << "of what is not missed it says nothing";
}

TEST_F(Planning, MergesWhatWasMissedBeforeAnExceptionThatStandsForItselfAlone) {
  put(1, every(10), {true, std::nullopt});
  ExceptionSet exceptions;
  exceptions.insert(1, second(30));
  EXPECT_THAT(texts(whole(0, 30, true, exceptions)), ElementsAre("1@20 merged 1 from 10", "1 merged 10-10 x1"));
}

TEST_F(Planning, SaysOfWhichFiresOthersWereDecided) {
  put(1, every(10), {true, std::nullopt});
  put(2, every(10));
  const Plan planned = whole(0, 20, true);
  ASSERT_EQ(planned.fires.size(), 3U);
  for (const Fire& fire : planned.fires) EXPECT_EQ(fire.stands_for_earlier, fire.action == 1) << text_of(fire);
}

TEST_F(Planning, MergesAroundAFireThatCameOnTime) {
  put(1, every(10), {true, std::nullopt});
  ExceptionSet exceptions;
  exceptions.insert(1, second(20));
  EXPECT_THAT(texts(whole(0, 40, true, exceptions)), ElementsAre("1@40 merged 2 from 10", "1 merged 10-30 x2"));
  exceptions.insert(1, second(40));
  EXPECT_THAT(texts(whole(0, 40, true, exceptions)), ElementsAre("1@30 merged 1 from 10", "1 merged 10-10 x1"));
}

// So that a cursor never stands inside a unit of merged fires.
TEST_F(Planning, DecidesMergedFiresAtThePositionOfTheLatest) {
  put(5, every(10), {true, Seconds{15}});
  const PlanWindow window{{second(0)}, second(40), second(40), second(40), {}};
  const auto between = [&](Position after, Position end) {
    return texts(plan_between(actions_, all_triggers(actions_), window, after, end, {}));
  };
  EXPECT_THAT(between({second(0)}, {second(39)}), IsEmpty());
  EXPECT_THAT(between({second(0)}, {second(40), 4}), IsEmpty());
  EXPECT_THAT(between({second(40), 4}, {second(40), 5}),
              ElementsAre("5@40 merged 1 from 30", "5 expired 10-20 x2", "5 merged 30-30 x1"));
  EXPECT_THAT(between({second(40), 5}, window.end()), IsEmpty());
}

TEST_F(Planning, ReachesTheEndOfTheWindowWhenNothingIsDue) {
  put(1, every(1000));
  const Plan planned = whole(1, 20, false);
  EXPECT_THAT(texts(planned), IsEmpty());
  EXPECT_EQ(planned.reached, (Position{second(20)}));
  EXPECT_TRUE(planned.last);
}

TEST_F(Planning, CutsAMonthOfPerSecondFiresIntoPiecesOfBoundedSize) {
  constexpr std::int64_t month = 30 * 86400;
  constexpr std::size_t most = 10'000;
  for (ActionId id = 1; id <= 3; ++id) put(id, every(1));
  const PlanWindow window{{second(0)}, second(month), second(month), second(month), {}};
  Position cursor = window.from;
  std::size_t pieces = 0;
  for (; pieces < 5; ++pieces) {
    const Plan piece = plan(actions_, all_triggers(actions_), window, cursor, {}, most);
    ASSERT_LE(piece.fires.size(), most);
    ASSERT_GT(piece.fires.size(), most / 2);
    ASSERT_GT(piece.reached, cursor);
    ASSERT_FALSE(piece.last);
    cursor = piece.reached;
  }
}

TEST_F(Planning, MergesOrExpiresAMonthOfPerSecondFiresInOnePiece) {
  constexpr std::int64_t month = 30 * 86400;
  put(1, every(1), {true, std::nullopt});
  put(2, every(1), {false, Seconds{1}});
  EXPECT_THAT(texts(whole(0, month, true)), ElementsAre("2@2591999 late", "1@2592000 merged 2591999 from 1", "2@2592000 late",
                                                        "2 expired 1-2591998 x2591998", "1 merged 1-2591999 x2591999"));
}

TEST_F(Planning, NeverCutsAnInstant) {
  for (ActionId id = 1; id <= 50; ++id) put(id, every(10));
  const PlanWindow window{{second(0)}, second(100), kFirstInstant, second(100), {}};
  const Plan piece = plan(actions_, all_triggers(actions_), window, window.from, {}, 7);
  EXPECT_LE(piece.fires.size(), 50U);
  EXPECT_EQ(piece.reached.last_action, kWhole);
  Position cursor = piece.reached;
  std::size_t fires = piece.fires.size();
  for (int pieces = 0; cursor < window.end(); ++pieces) {
    ASSERT_LT(pieces, 100);
    const Plan next = plan(actions_, all_triggers(actions_), window, cursor, {}, 7);
    ASSERT_LE(next.fires.size(), 50U);
    fires += next.fires.size();
    cursor = next.reached;
  }
  EXPECT_EQ(fires, 500U);
}

TEST_F(Planning, GoesOnWithinAnInstantWhereAReceiverStopped) {
  for (ActionId id = 1; id <= 3; ++id) put(id, every(10));
  const PlanWindow window{{second(0)}, second(10), kFirstInstant, second(10), {}};
  EXPECT_THAT(texts(plan(actions_, all_triggers(actions_), window, {second(10), 2}, {}, 100)), ElementsAre("3@10"));
  EXPECT_THAT(texts(plan(actions_, all_triggers(actions_), window, window.end(), {}, 100)), IsEmpty());
}

TEST_F(Planning, CutsTheHeadOffABurstBetweenIds) {
  for (ActionId id = 1; id <= 5000; ++id) put(id * 3, every(id % 7 == 0 ? 20 : 10));
  const PlanWindow window{{second(3)}, second(20), kFirstInstant, second(20), {}};
  const std::vector<TriggerId> triggers = all_triggers(actions_);
  const Position cursor{second(19)};
  const auto end = head_of_burst(actions_, triggers, window, cursor, 1000);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->instant, second(20));
  Plan piece = plan_between(actions_, triggers, window, cursor, *end, {});
  EXPECT_GE(piece.fires.size(), 900U);
  EXPECT_LE(piece.fires.size(), 1100U);
  piece.rest_from = end;
  piece.reached = window.end();
  plan_rest(actions_, triggers, window, {}, piece);
  EXPECT_EQ(piece.rest_from, std::nullopt);
  EXPECT_EQ(texts(piece), texts(plan(actions_, triggers, window, cursor, {}, 1'000'000)));
}

TEST_F(Planning, CutsNoHeadOffWhatIsSmallOrWasMissed) {
  for (ActionId id = 1; id <= 10; ++id) put(id, every(10));
  const std::vector<TriggerId> triggers = all_triggers(actions_);
  PlanWindow window{{second(3)}, second(10), kFirstInstant, second(10), {}};
  EXPECT_TRUE(head_of_burst(actions_, triggers, window, window.from, 5).has_value());
  EXPECT_FALSE(head_of_burst(actions_, triggers, window, window.from, 6).has_value());
  EXPECT_FALSE(head_of_burst(actions_, triggers, window, {second(10), 2}, 5).has_value());
  window.planned_at = second(11);
  EXPECT_FALSE(head_of_burst(actions_, triggers, window, window.from, 5).has_value());
  window.planned_at = second(10);
  window.missed_until = second(10);
  EXPECT_FALSE(head_of_burst(actions_, triggers, window, window.from, 5).has_value());
}

TEST_F(Planning, SkipsTriggersThatNobodyUses) {
  put(1, every(10));
  put(2, every(7));
  actions_.erase(2);
  EXPECT_THAT(texts(whole(0, 10, false)), ElementsAre("1@10"));
}

class Unsettled : public Planning {
 protected:
  std::string of(ActionId id, Position after, std::int64_t until, const ExceptionSet& exceptions = {}) {
    const auto outcome = unsettled(actions_, *actions_.find(id), {after, second(until), kFirstInstant, second(until), {}}, after,
                                   second(until), exceptions);
    return outcome ? text_of(*outcome) : "nothing";
  }
};

TEST_F(Unsettled, NamesWhatEndsWithItsAction) {
  put(3, every(10));
  EXPECT_EQ(of(3, {second(0)}, 35), "3 disabled 10-30 x3");
  EXPECT_EQ(of(3, {second(10), 2}, 35), "3 disabled 10-30 x3");
  EXPECT_EQ(of(3, {second(10), 3}, 35), "3 disabled 20-30 x2");
  EXPECT_EQ(of(3, {second(30)}, 39), "nothing");
}

TEST_F(Unsettled, CountsNoException) {
  put(1, every(10));
  ExceptionSet exceptions;
  exceptions.insert(1, second(20));
  EXPECT_EQ(of(1, {second(0)}, 35, exceptions), "1 disabled 10-30 x2");
}

// A fire that was parked before the schedule changed is none of the new schedule's.
TEST_F(Unsettled, IgnoresExceptionsFromBeforeTheActionCounts) {
  put(1, every(10), {}, 25);
  ExceptionSet exceptions;
  exceptions.insert(1, second(20));
  EXPECT_EQ(of(1, {second(0)}, 29, exceptions), "nothing");
  EXPECT_EQ(of(1, {second(0)}, 35, exceptions), "1 disabled 30-30 x1");
}

// Nor one that lies behind the beginning of the new one, because the clock was set back.
TEST_F(Unsettled, IgnoresExceptionsThatAreNoFireTimes) {
  put(1, every(10), {true, std::nullopt});
  ExceptionSet exceptions;
  for (const std::int64_t s : {3, 11, 33}) exceptions.insert(1, second(s), true);
  EXPECT_EQ(of(1, {second(0)}, 35, exceptions), "1 disabled 10-30 x3");
  EXPECT_THAT(texts(whole(0, 35, true, exceptions)), ElementsAre("1@30 merged 2 from 10", "1 merged 10-20 x2"));
}

TEST_F(Unsettled, CountsFiresWhoseJitterLiesAhead) {
  put(1, every(1, 60));
  std::uint64_t expected = 0;
  for (std::int64_t s = -80; s <= 0; ++s) expected += due_instant(1, second(s), Seconds{60}) > second(0) ? 1U : 0U;
  const auto outcome =
      unsettled(actions_, *actions_.find(1), {{second(0)}, second(0), kFirstInstant, second(0), {}}, {second(0)}, second(0), {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->count, expected);
  EXPECT_EQ(of(1, {second(60)}, 0), "nothing");
}

// By due instant: two givings up one after the other speak of different fires, and so do the times with which they begin.
TEST_F(Unsettled, OfWhatIsGivenUpSpeaksOfWhatIsDueAlone) {
  put(1, every(1, 60));
  ExceptionSet parked;
  parked.insert(1, second(-5));
  const auto given_up = [&](std::int64_t after, std::int64_t until) {
    std::vector<Instant> due;
    for (std::int64_t s = after - 60; s <= until; ++s) {
      const Instant at = due_instant(1, second(s), Seconds{60});
      if (at > second(after) && at <= second(until) && s != -5) due.push_back(second(s));
    }
    const auto outcome =
        unsettled_due(actions_, *actions_.find(1), {{second(after)}, second(until), kFirstInstant, second(until), {}},
                      {second(after)}, second(until), parked);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->outcome, Outcome::expired);
    EXPECT_EQ(outcome->count, due.size());
    EXPECT_EQ(outcome->first, due.front());
    EXPECT_EQ(outcome->last, due.back());
  };
  given_up(-30, 0);
  given_up(0, 4);
  EXPECT_FALSE(unsettled_due(actions_, *actions_.find(1), {{second(0)}, second(0), kFirstInstant, second(0), {}}, {second(0)},
                             second(0), parked));
}

TEST(ExceptionSet, HoldsWhatWasPutInUntilItIsTakenOut) {
  ExceptionSet set;
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.of(1), nullptr);
  set.insert(1, second(0));
  set.insert(1, second(0));
  set.insert(2, second(5));
  EXPECT_TRUE(set.contains(1, second(0)));
  EXPECT_FALSE(set.contains(1, second(5)));
  set.erase(1, second(7));
  set.erase(3, second(0));
  set.erase(1, second(0));
  EXPECT_EQ(set.of(1), nullptr);
  ExceptionSet other;
  other.insert(2, second(6));
  set.merge(other);
  EXPECT_THAT(set.of(2)->times, ElementsAre(second(5), second(6)));
  set.clear();
  EXPECT_TRUE(set.empty());
}

}  // namespace
}  // namespace action_scheduler::testing
