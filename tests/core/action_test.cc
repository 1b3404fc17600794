#include "action_scheduler/action.h"

#include <algorithm>
#include <map>
#include <random>

#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Trigger every_minutes(int minutes) { return trigger_of(cron_of("interval", "\"minutes\":" + std::to_string(minutes))); }

Action action(ActionId id, Trigger trigger, std::string_view command = "run", MissedPolicy policy = {}) {
  ActionText::Parts parts;
  parts.name = "name";
  parts.command = command;
  return {id, ActionText(parts), policy, std::move(trigger)};
}

std::vector<ActionId> ids_of(const ActionSet& set, TriggerId trigger) {
  std::vector<ActionId> ids;
  for (const ActionSet::Entry& entry : set.actions_of(trigger)) {
    EXPECT_EQ(entry.action, set.find(entry.id));
    ids.push_back(entry.id);
  }
  return ids;
}

TEST(ActionText, KeepsEveryPartApart) {
  const std::vector<std::pair<std::string, std::string>> headers{{"a", "1"}, {"empty", ""}, {"b", std::string(1000, 'x')}};
  const std::string command("with\0nul", 8);
  const ActionText text({"nightly", command, "topic", "", headers});
  EXPECT_EQ(text.name(), "nightly");
  EXPECT_EQ(text.command(), command);
  EXPECT_EQ(text.topic(), "topic");
  EXPECT_EQ(text.key(), "");
  EXPECT_TRUE(text.has_headers());
  EXPECT_EQ(text.texts().name, "nightly");
  EXPECT_EQ(text.texts().command, command);
  EXPECT_EQ(text.texts().topic, "topic");
  EXPECT_EQ(text.texts().key, "");
  EXPECT_TRUE(text.texts().has_headers);
  EXPECT_THAT(text.headers(), ElementsAre(Pair("a", "1"), Pair("empty", ""), Pair("b", std::string(1000, 'x'))));
}

TEST(ActionText, TellsAnAbsentPartFromAnEmptyOne) {
  const ActionText text({"", "", std::nullopt, "key", {}});
  EXPECT_EQ(text.name(), "");
  EXPECT_EQ(text.topic(), std::nullopt);
  EXPECT_EQ(text.key(), "key");
  EXPECT_FALSE(text.has_headers());
  EXPECT_EQ(text.texts().topic, std::nullopt);
  EXPECT_EQ(text.texts().key, "key");
  EXPECT_FALSE(text.texts().has_headers);
  EXPECT_THAT(text.headers(), IsEmpty());
}

TEST(ActionText, IsEmptyWhenMadeOfNothing) {
  const ActionText text;
  EXPECT_EQ(text.name(), "");
  EXPECT_EQ(text.command(), "");
  EXPECT_EQ(text.topic(), std::nullopt);
  EXPECT_THAT(text.headers(), IsEmpty());
}

TEST(ActionSet, HoldsEqualTriggersOnce) {
  ActionSet set;
  const TriggerId first = set.put(action(2, trigger_of(unix_cron("0 * * * *"))), at("2026-01-01T00:00:00Z"));
  const TriggerId second = set.put(action(1, trigger_of(unix_cron("0 */1 * * *"))), at("2026-01-01T00:00:00Z"));
  const TriggerId other = set.put(action(3, every_minutes(5)), at("2026-01-01T00:00:00Z"));
  EXPECT_EQ(first, second);
  EXPECT_NE(first, other);
  EXPECT_EQ(set.trigger_count(), 2U);
  EXPECT_THAT(ids_of(set, first), ElementsAre(1, 2));
}

TEST(ActionSet, ReplacesAnActionAndKeepsItsPlace) {
  ActionSet set;
  for (const ActionId id : {3, 1, 2}) set.put(action(id, every_minutes(5)), at("2026-01-01T00:00:00Z"));
  const TriggerId trigger = set.put(action(2, every_minutes(5), "other", {true, Seconds{60}}), at("2026-01-02T00:00:00Z"));
  EXPECT_THAT(ids_of(set, trigger), ElementsAre(1, 2, 3));
  EXPECT_EQ(set.find(2)->text().command(), "other");
  EXPECT_EQ(set.find(2)->policy(), (MissedPolicy{true, Seconds{60}}));
  EXPECT_EQ(set.find(2)->counts_from(), at("2026-01-02T00:00:00Z"));
  EXPECT_EQ(set.size(), 3U);
}

TEST(ActionSet, MovesAnActionToItsNewTriggerAndForgetsTheOneThatNobodyUses) {
  ActionSet set;
  const TriggerId before = set.put(action(1, every_minutes(5)), at("2026-01-01T00:00:00Z"));
  const TriggerId after = set.put(action(1, every_minutes(6)), at("2026-01-01T00:00:00Z"));
  EXPECT_FALSE(set.has_trigger(before));
  EXPECT_THAT(ids_of(set, before), IsEmpty());
  EXPECT_THAT(ids_of(set, after), ElementsAre(1));
  EXPECT_EQ(set.put(action(2, every_minutes(7)), at("2026-01-01T00:00:00Z")), before) << "the id is free again";
}

TEST(ActionSet, ErasesOnlyWhatIsThere) {
  ActionSet set;
  set.put(action(1, every_minutes(5)), at("2026-01-01T00:00:00Z"));
  EXPECT_FALSE(set.erase(2));
  EXPECT_TRUE(set.erase(1));
  EXPECT_FALSE(set.erase(1));
  EXPECT_EQ(set.find(1), nullptr);
  EXPECT_EQ(set.size(), 0U);
  EXPECT_EQ(set.trigger_count(), 0U);
}

TEST(ActionSet, CutsAnActualityTimeThatIsLongerThanALife) {
  ActionSet set;
  set.put(action(1, every_minutes(5), "", {false, Seconds{std::int64_t{1} << 40}}), at("2026-01-01T00:00:00Z"));
  set.put(action(2, every_minutes(5), "", {false, Seconds{0}}), at("2026-01-01T00:00:00Z"));
  EXPECT_EQ(set.find(1)->policy().actuality, Seconds{2147483646});
  EXPECT_EQ(set.find(2)->policy().actuality, Seconds{0});
}

TEST(ActionSet, LimitsFromWhereActionsCount) {
  ActionSet set;
  set.put(action(1, every_minutes(5)), at("2026-01-01T00:00:00Z"));
  set.put(action(2, every_minutes(5)), at("2026-01-03T00:00:00Z"));
  set.limit_counts_from(at("2026-01-02T00:00:00Z"));
  EXPECT_EQ(set.find(1)->counts_from(), at("2026-01-01T00:00:00Z"));
  EXPECT_EQ(set.find(2)->counts_from(), at("2026-01-02T00:00:00Z"));
}

// Any order of puts, moves and erasures leaves what a plain map holds. Large enough that groups are tidied in between.
TEST(ActionSet, AgreesWithAMapOverRandomChanges) {
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto below = [&random](int n) { return static_cast<int>(random() % static_cast<std::uint32_t>(n)); };
    const std::vector<Trigger> choices{every_minutes(1), every_minutes(2), every_minutes(3)};
    const int ids = seed % 2 == 0 ? 40 : 3000;
    ActionSet set;
    std::map<ActionId, int> minutes_by_id;
    for (int step = 0; step < 6000; ++step) {
      const ActionId id = below(ids) - ids / 2;
      if (below(3) == 0) {
        ASSERT_EQ(set.erase(id), minutes_by_id.erase(id) == 1);
      } else {
        const int minutes = 1 + below(3);
        set.put(action(id, choices[static_cast<std::size_t>(minutes) - 1]), at("2026-01-01T00:00:00Z"));
        minutes_by_id[id] = minutes;
      }
      if (below(500) != 0 && step != 5999) continue;
      ASSERT_EQ(set.size(), minutes_by_id.size());
      std::map<ActionId, int> found;
      std::size_t triggers = 0;
      for (TriggerId trigger = 0; trigger < set.trigger_limit(); ++trigger) {
        if (!set.has_trigger(trigger)) continue;
        ++triggers;
        const std::vector<ActionId> members = ids_of(set, trigger);
        ASSERT_FALSE(members.empty());
        ASSERT_TRUE(std::is_sorted(members.begin(), members.end()));
        for (const ActionId member : members) {
          ASSERT_EQ(set.find(member)->trigger(), trigger);
          for (int minutes = 1; minutes <= 3; ++minutes) {
            if (set.trigger(trigger) == choices[static_cast<std::size_t>(minutes) - 1]) found[member] = minutes;
          }
        }
      }
      ASSERT_EQ(found, minutes_by_id);
      ASSERT_EQ(set.trigger_count(), triggers);
    }
  }
}

}  // namespace
}  // namespace action_scheduler::testing
