// What holds for every schedule at every instant.
#include <algorithm>

#include "action_scheduler/action.h"
#include "tests/core/schedule_comparison.h"
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

class ScheduleLaws : public ::testing::Test {
 protected:
  // From the year 1 to 9999, most often near today.
  Instant random_instant() {
    return instant_from_unix(chance(random(), 70) ? pick(random(), 1'500'000'000, 2'000'000'000)
                                                  : pick(random(), unix_seconds(kFirstInstant), unix_seconds(kLastInstant)));
  }
  std::string random_schedule() {
    static const Texts kZones = {"UTC",          "Europe/Berlin",    "America/New_York", "Australia/Lord_Howe",
                                 "Pacific/Apia", "America/Sao_Paulo"};
    std::string cron = random_cron(random(), {kZones[random()() % kZones.size()], pick(random(), 1'500'000'000, 2'000'000'000)});
    trace_ = std::make_unique<::testing::ScopedTrace>(__FILE__, __LINE__, cron);
    return cron;
  }
  Trigger random_trigger() { return trigger_of(random_schedule()); }
  Random& random() { return rounds_.random(); }
  bool next_round() {
    trace_.reset();
    return rounds_.next();
  }

 private:
  RandomRounds rounds_{2000};
  std::unique_ptr<::testing::ScopedTrace> trace_;
};

TEST_F(ScheduleLaws, NextIsLaterAndPreviousIsEarlier) {
  while (next_round()) {
    const Trigger trigger = random_trigger();
    const Instant t = random_instant();
    const std::optional<Instant> next = trigger.next(t);
    const std::optional<Instant> previous = trigger.previous(t);
    ASSERT_GT(next.value_or(Instant::max()), t);
    ASSERT_LT(previous.value_or(Instant::min()), t);
  }
}

TEST_F(ScheduleLaws, BetweenAnInstantAndItsNextThereIsNone) {
  while (next_round()) {
    const Trigger trigger = random_trigger();
    const Instant t = random_instant();
    if (const std::optional<Instant> next = trigger.next(t)) {
      ASSERT_EQ(trigger.next(*next - Seconds{1}), next);
      ASSERT_EQ(trigger.previous(*next + Seconds{1}), next);
      ASSERT_LE(trigger.previous(*next).value_or(kFirstInstant), t);
      ASSERT_EQ(trigger.count(t, *next), 1U);
    } else {
      ASSERT_LE(trigger.previous(Instant::max()).value_or(kFirstInstant), t);
      ASSERT_EQ(trigger.count(t, kLastInstant), 0U);
    }
    if (const std::optional<Instant> previous = trigger.previous(t)) {
      ASSERT_GE(trigger.next(*previous).value_or(kLastInstant), t);
    } else {
      ASSERT_GE(trigger.next(kFirstInstant - Seconds{1}).value_or(kLastInstant), t);
    }
  }
}

TEST_F(ScheduleLaws, LaterInstantsHaveNoEarlierNextOrPrevious) {
  while (next_round()) {
    const Trigger trigger = random_trigger();
    const Instant a = random_instant();
    const Instant b = chance(random(), 50) ? random_instant() : a + Seconds{pick(random(), 0, 200'000)};
    const auto [earlier, later] = std::minmax(a, b);
    ASSERT_LE(trigger.next(earlier).value_or(Instant::max()), trigger.next(later).value_or(Instant::max()));
    ASSERT_LE(trigger.previous(earlier).value_or(Instant::min()), trigger.previous(later).value_or(Instant::min()));
  }
}

TEST_F(ScheduleLaws, CountIsTheNumberOfSteps) {
  while (next_round()) {
    const Trigger trigger = random_trigger();
    const Instant after = random_instant();
    Instant until = after;
    std::uint64_t steps = 0;
    for (std::int64_t end = pick(random(), 0, 60); end > 0; --end) {
      const std::optional<Instant> next = trigger.next(until);
      if (!next) break;
      until = *next;
      ++steps;
    }
    ASSERT_EQ(trigger.count(after, until), steps);
    const Instant beyond = until + Seconds{pick(random(), 0, 40'000'000)};
    ASSERT_EQ(trigger.count(after, beyond), steps + trigger.count(until, beyond));
    ASSERT_EQ(trigger.count(until, after), 0U);
  }
}

TEST_F(ScheduleLaws, ATriggerPrintedAndParsedAgainIsTheSame) {
  while (next_round()) {
    const Trigger trigger = random_trigger();
    const Trigger again = trigger_of(trigger.canonical());
    ASSERT_EQ(again.canonical(), trigger.canonical());
    ASSERT_EQ(again, trigger);
    ASSERT_EQ(again.jitter(), trigger.jitter());
    ASSERT_EQ(&again.zone(), &trigger.zone());
    for (int i = 0; i < 5; ++i) {
      const Instant t = random_instant();
      ASSERT_EQ(again.next(t), trigger.next(t));
      ASSERT_EQ(again.previous(t), trigger.previous(t));
    }
  }
}

Action action_of(ActionId id, const Trigger& trigger) { return {id, ActionText({"name", "command", {}, {}, {}}), {}, trigger}; }

TEST_F(ScheduleLaws, TriggersThatAreEqualAreInternedAsOne) {
  while (next_round()) {
    const UnixSpellings spellings = random_unix_spellings(random());
    SCOPED_TRACE(spellings.one + " and " + spellings.other);
    const Trigger one = trigger_of(unix_cron(spellings.one, "Europe/Berlin"));
    const Trigger other = trigger_of(unix_cron(spellings.other, "Europe/Berlin"));
    const Trigger different = random_trigger();
    ASSERT_EQ(one, other);
    ActionSet actions;
    const TriggerId id = actions.put(action_of(1, one), kFirstInstant);
    ASSERT_EQ(actions.put(action_of(2, other), kFirstInstant), id);
    ASSERT_EQ(actions.actions_of(id).size(), 2U);
    ASSERT_EQ(actions.put(action_of(3, different), kFirstInstant) == id, different == one);
  }
}

}  // namespace
}  // namespace action_scheduler::testing
