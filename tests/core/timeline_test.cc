#include "action_scheduler/timeline.h"

#include <algorithm>
#include <map>
#include <random>

#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Instant second(std::int64_t s) { return at("2026-11-21T10:00:00Z") + Seconds{s}; }

TEST(Timeline, IsNeverDueWhenItHoldsNothing) {
  const Timeline timeline;
  EXPECT_EQ(timeline.next_due(), std::nullopt);
  EXPECT_THAT(timeline.due(kLastInstant), IsEmpty());
}

TEST(Timeline, TellsWhatIsDueEarliestFirst) {
  Timeline timeline;
  timeline.set(3, second(5));
  timeline.set(0, second(7));
  timeline.set(2, second(5));
  timeline.set(1, second(1));
  EXPECT_EQ(timeline.next_due(), second(1));
  EXPECT_THAT(timeline.due(second(0)), IsEmpty());
  EXPECT_THAT(timeline.due(second(5)), ElementsAre(1, 2, 3));
  EXPECT_THAT(timeline.due(second(5)), ElementsAre(1, 2, 3)) << "they stay";
}

TEST(Timeline, ForgetsTheFormerInstantOfATrigger) {
  Timeline timeline;
  timeline.set(0, second(1));
  timeline.set(0, second(9));
  EXPECT_EQ(timeline.next_due(), second(9));
  timeline.set(0, std::nullopt);
  EXPECT_EQ(timeline.next_due(), std::nullopt);
  timeline.set(0, std::nullopt);
  timeline.set(0, second(2));
  EXPECT_THAT(timeline.due(second(2)), ElementsAre(0));
}

TEST(Timeline, AgreesWithAMapOverRandomChanges) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    Timeline timeline;
    std::map<TriggerId, Instant> model;
    for (int step = 0; step < 500; ++step) {
      const auto id = static_cast<TriggerId>(random() % 12);
      if (random() % 4 == 0) {
        timeline.set(id, std::nullopt);
        model.erase(id);
      } else {
        const Instant due = second(random() % 20);
        timeline.set(id, due);
        model[id] = due;
      }
      const Instant now = second(random() % 20);
      std::vector<std::pair<Instant, TriggerId>> expected;
      for (const auto& [trigger, due] : model) {
        if (due <= now) expected.emplace_back(due, trigger);
      }
      std::sort(expected.begin(), expected.end());
      std::vector<TriggerId> ids;
      for (const auto& [due, trigger] : expected) ids.push_back(trigger);
      ASSERT_EQ(timeline.due(now), ids);
    }
  }
}

Action action(ActionId id, const Trigger& trigger) { return {id, ActionText({"n", "c", {}, {}, {}}), {}, trigger}; }

TEST(NextDue, IsTheNextFireTimeWithoutJitter) {
  ActionSet set;
  const Trigger trigger = trigger_of(cron_of("interval", R"("seconds":10)"));
  const TriggerId id = set.put(action(1, trigger), second(0));
  EXPECT_EQ(next_due(set, id, second(0)), second(10));
  EXPECT_EQ(next_due(set, id, second(9)), second(10));
  EXPECT_EQ(next_due(set, id, second(10)), second(20));
  EXPECT_EQ(next_due(set, id + 1, second(10)), std::nullopt);
}

TEST(NextDue, IsAbsentWhereNothingFiresAnyMore) {
  ActionSet set;
  const TriggerId id = set.put(action(1, trigger_of(cron_of("date", R"("run_date":"2026-11-21T10:00:05Z")"))), second(0));
  EXPECT_EQ(next_due(set, id, second(4)), second(5));
  EXPECT_EQ(next_due(set, id, second(5)), std::nullopt);
}

// Against a walk over every fire time of every action.
TEST(NextDue, FindsTheEarliestJitteredFireOfAnyAction) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const int jitter = static_cast<int>(random() % 40);
    const Trigger trigger =
        trigger_of(cron_of("interval", "\"seconds\":" + std::to_string(1 + random() % 30) +
                                           ",\"end_date\":\"2026-11-21T10:02:00Z\",\"jitter\":" + std::to_string(jitter)));
    ActionSet set;
    TriggerId id = 0;
    for (ActionId a = 1; a <= 5; ++a) id = set.put(action(a, trigger), second(random() % 100));
    const Instant after = second(random() % 160);
    std::optional<Instant> earliest;
    for (const ActionSet::Entry& entry : set.actions_of(id)) {
      for (auto time = trigger.next(entry.action->counts_from()); time; time = trigger.next(*time)) {
        const Instant due = due_instant(entry.id, *time, Seconds{jitter});
        if (due > after && (!earliest || due < *earliest)) earliest = due;
      }
    }
    // Without jitter the timeline asks the trigger alone: an action that counts from later only makes it look once too often.
    if (jitter == 0) {
      ASSERT_EQ(next_due(set, id, after), trigger.next(after));
    } else {
      ASSERT_EQ(next_due(set, id, after), earliest);
    }
  }
}

}  // namespace
}  // namespace action_scheduler::testing
