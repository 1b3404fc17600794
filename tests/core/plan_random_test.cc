// Laws of planning, over random actions, windows and cuts.
#include "tests/core/plan_testing.h"

namespace action_scheduler::testing {
namespace {

constexpr std::uint32_t kSeeds = 400;
constexpr std::uint32_t kSeedsWithEveryCut = 40;

PlanWindow random_window(std::mt19937& random) {
  PlanWindow window;
  window.from = random_position(random, second(-5), second(5));
  window.until = second(20 + static_cast<std::int64_t>(random() % 60));
  const auto missed = random() % 3;
  window.missed_until = missed == 0   ? kFirstInstant
                        : missed == 1 ? window.until
                                      : second(static_cast<std::int64_t>(random() % 20));
  window.planned_at = window.until + Seconds{static_cast<std::int64_t>(random() % 3)};
  return window;
}

std::vector<std::string> fires_of(const Plan& plan) {
  std::vector<std::string> list;
  for (const Fire& fire : plan.fires) list.push_back(text_of(fire));
  return list;
}

void append(std::vector<std::string>& list, const std::vector<std::string>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

template <class Law>
void for_seeds(Law law, std::uint32_t seeds = kSeeds) {
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    law(random);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(PlanLaw, AWindowHoldsWhatAWalkOverEverySecondFinds) {
  for_seeds([](std::mt19937& random) {
    RandomActions world(random);
    const PlanWindow window = random_window(random);
    const Plan whole =
        plan_between(world.actions, all_triggers(world.actions), window, window.from, window.end(), world.exceptions);
    EXPECT_THAT(texts(whole), ::testing::UnorderedElementsAreArray(modelled(world.actions, window, world.exceptions)));
    std::vector<std::string> expected = modelled(world.actions, window, world.exceptions);
    expected.resize(whole.fires.size());
    EXPECT_EQ(fires_of(whole), expected) << "in order";
  });
}

TEST(PlanLaw, PiecesAreTheWhole) {
  for_seeds([](std::mt19937& random) {
    RandomActions world(random);
    const PlanWindow window = random_window(random);
    const auto triggers = all_triggers(world.actions);
    const Plan whole = plan_between(world.actions, triggers, window, window.from, window.end(), world.exceptions);
    Tally expected;
    add(expected, whole);
    for (const std::size_t most : {1U, 5U, 30U, 10'000U}) {
      Tally tally;
      std::vector<std::string> fires;
      Position cursor = window.from;
      for (bool last = false; !last;) {
        const Plan piece = plan(world.actions, triggers, window, cursor, world.exceptions, most);
        ASSERT_TRUE(piece.reached > cursor || piece.last);
        append(fires, fires_of(piece));
        add(tally, piece);
        cursor = piece.reached;
        last = piece.last;
      }
      EXPECT_EQ(cursor, window.end());
      EXPECT_EQ(fires, fires_of(whole));
      EXPECT_EQ(tally, expected);
    }
  });
}

TEST(PlanLaw, EveryPositionSplitsAWindowExactly) {
  for_seeds(
      [](std::mt19937& random) {
        RandomActions world(random);
        const PlanWindow window = random_window(random);
        const auto triggers = all_triggers(world.actions);
        const Plan whole = plan_between(world.actions, triggers, window, window.from, window.end(), world.exceptions);
        Tally expected;
        add(expected, whole);
        for (Instant instant = window.from.instant; instant <= window.until; instant += Seconds{1}) {
          for (const ActionId action : {ActionId{0}, ActionId{2}, ActionId{3}, ActionId{6}, kWhole}) {
            const Position cut{instant, action};
            if (cut <= window.from || cut >= window.end()) continue;
            const Plan before = plan_between(world.actions, triggers, window, window.from, cut, world.exceptions);
            const Plan after = plan_between(world.actions, triggers, window, cut, window.end(), world.exceptions);
            std::vector<std::string> fires = fires_of(before);
            append(fires, fires_of(after));
            ASSERT_EQ(fires, fires_of(whole)) << "cut at " << seconds_of(instant) << " after action " << action;
            for (const Fire& fire : before.fires) ASSERT_LE(position_after(fire), cut);
            for (const Fire& fire : after.fires) ASSERT_GT(position_after(fire), cut);
            Tally tally;
            add(tally, before);
            add(tally, after);
            ASSERT_EQ(tally, expected) << "cut at " << seconds_of(instant) << " after action " << action;
          }
        }
      },
      kSeedsWithEveryCut);
}

// A window that is given up half-way is planned anew from the same origin, with more of it missed: every fire time still ends in
// exactly one way, and no fire is delivered twice.
TEST(PlanLaw, GivingUpWindowsLosesAndRepeatsNothing) {
  for_seeds([](std::mt19937& random) {
    RandomActions world(random);
    const auto triggers = all_triggers(world.actions);
    const ExceptionSet none;
    PlanWindow window = random_window(random);
    if (window.missed_until != kFirstInstant) window.missed_until = window.until;
    Position cursor = window.from;
    Tally tally;
    std::set<std::string> delivered;
    for (int round = 0;; ++round) {
      const bool last = round == 3;
      const Position end = last ? window.end() : std::max(cursor, random_position(random, window.from.instant, window.until));
      const Plan part = plan_between(world.actions, triggers, window, cursor, end, none);
      add(tally, part);
      for (const Fire& fire : part.fires) {
        ASSERT_TRUE(delivered.insert(fire_id(fire.action, fire.time)).second) << "repeated: " << text_of(fire);
      }
      cursor = end;
      if (last) break;
      if (cursor > window.from) window.interruptions.push_back({window.missed_until, cursor});
      window.until += Seconds{static_cast<std::int64_t>(random() % 20)};
      window.missed_until = window.until;
      window.planned_at = window.until;
    }
    std::map<ActionId, std::uint64_t> ended;
    for (const auto& [what, count] : tally) ended[what.first] += count;
    for (const TriggerId trigger_id : triggers) {
      const Trigger& trigger = world.actions.trigger(trigger_id);
      for (const ActionSet::Entry& entry : world.actions.actions_of(trigger_id)) {
        const Instant settled = entry.id <= window.from.last_action ? window.from.instant : window.from.instant - Seconds{1};
        std::uint64_t expected = 0;
        for (auto time = trigger.next(entry.action->counts_from()); time && *time <= window.until; time = trigger.next(*time)) {
          const Instant due = due_instant(entry.id, *time, trigger.jitter());
          if (due > settled && due <= window.until) ++expected;
        }
        ASSERT_EQ(ended[entry.id], expected) << "action " << entry.id;
      }
    }
  });
}

}  // namespace
}  // namespace action_scheduler::testing
