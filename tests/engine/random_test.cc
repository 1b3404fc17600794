// Random histories of crashes, outages, doubts and full disks: every fire time ends once.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <set>
#include <tuple>

#include "tests/engine/world.h"

namespace action_scheduler::testing {
namespace {

using Script = RecordedReceiver::Step;

// ACTION_SCHEDULER_SEED replays one history; ACTION_SCHEDULER_SEEDS says how many to try.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class History {
 public:
  History(std::uint64_t seed, Delivery delivery) : random_(seed), world_(delivery) {}

  void run() {
    world_.transaction_fires_max = pick({1, 2, 3, 5, 1000});
    world_.options.piece_fires_max = pick({1, 4, 20, 100000});
    const ActionId actions = static_cast<ActionId>(pick({1, 3, 12}));
    for (ActionId id = 1; id <= actions; ++id) {
      const std::uint64_t period = pick({1, 2, 7, 30, 60, 600});
      const std::uint64_t jitter = chance(4) ? pick({1, 5, 20, 90}) : 0;
      periods_[id] = static_cast<std::int64_t>(period);
      std::optional<std::int64_t> actuality;
      if (chance(2)) actuality = static_cast<std::int64_t>(pick({0, 5, 60, 300}));
      world_.put(id,
                 R"({"format":"interval","params":{"seconds":)" + std::to_string(period) +
                     ",\"jitter\":" + std::to_string(jitter) + "}}",
                 chance(2), actuality);
    }
    world_.start();
    world_.settle();
    const int events = static_cast<int>(pick({3, 10, 25}));
    for (int i = 0; i < events; ++i) something_happens();
    // The faults end: now everything must come to its end.
    world_.receiver.down = false;
    world_.receiver.script.clear();
    world_.receiver.refuse = nullptr;
    world_.durable.fail_next_writes(0);
    const Instant end = world_.clock.second() + Seconds{300};
    go_until(end);
    check(end);
  }

 private:
  std::uint64_t pick(std::initializer_list<std::uint64_t> values) { return *(values.begin() + random_() % values.size()); }
  bool chance(std::uint64_t one_in) { return random_() % one_in == 0; }

  void start() {
    world_.start(false);
    if (chance(4)) {
      world_.engine->go_on_without_table();
    } else {
      world_.poll();
    }
  }

  void crash_and_start() {
    world_.kill();
    world_.clock.advance(std::chrono::milliseconds{pick({0, 10, 900, 5000, 70000, 900000})});
    start();
  }

  void go_until(Instant t) {
    while (world_.clock.wall() < WallTime{t}) {
      try {
        const Step step = world_.run_until(t);
        ASSERT_EQ(step.kind, Step::Kind::idle);
      } catch (const SimulatedDeath&) {
        crash_and_start();
      }
    }
  }

  void something_happens() {
    switch (random_() % 10) {
      case 9:
        somebody_asks();
        break;
      case 0:
        crash_and_start();
        break;
      case 1:
        world_.receiver.down = true;
        break;
      case 2:
        world_.receiver.down = false;
        break;
      case 3:
        world_.durable.fail_next_writes(random_() % 4);
        break;
      case 4:
        world_.poll();
        break;
      case 5: {
        const ActionId bad = static_cast<ActionId>(1 + random_() % 3);
        world_.receiver.refuse = [bad](const Fire& fire, const ActionText&) -> std::optional<Refusal> {
          if (fire.action != bad) return std::nullopt;
          return Refusal{0, "refused by the test", true, false};
        };
        break;
      }
      case 6:
        world_.receiver.refuse = nullptr;
        break;
      case 7:
        world_.clock.set_wall(world_.clock.second() + Seconds{pick({10, 100, 1000})});
        break;
      default: {
        const Script faults[] = {Script::unavailable,   Script::unavailable_halfway, Script::arrives_in_doubt,
                                 Script::lost_in_doubt, Script::die_before,          Script::die_halfway,
                                 Script::die_after};
        world_.receiver.script.push_back(faults[random_() % std::size(faults)]);
      }
    }
    go_until(world_.clock.second() + Seconds{pick({0, 1, 30, 200, 1000})});
  }

  // For a fire now, or for some of the last minutes' again; now and then twice.
  void somebody_asks() {
    FireRequest asked;
    asked.action = static_cast<ActionId>(1 + random_() % periods_.size());
    asked.asked = "the test";
    if (chance(2)) asked.key = "key " + std::to_string(random_() % 4);
    if (chance(2)) {
      asked.kind = FireReason::backfill;
      asked.to = world_.clock.second();
      asked.from = asked.to - Seconds{pick({1, 60, 600})};
    }
    for (std::uint64_t times = pick({1, 1, 2}); times > 0; --times) {
      const auto answer = world_.engine->request(asked);
      const auto* accepted = std::get_if<AcceptedFires>(&answer);
      if (accepted == nullptr || accepted->repeated) continue;
      for (const Instant time : accepted->times) EXPECT_TRUE(asked_.insert({asked.action, time, accepted->at}).second);
    }
  }

  // Each fire that was asked for and accepted ended: it arrived, or an outcome tells why not. Nothing else arrived as one.
  void check_asked() {
    auto open = asked_;
    for (const RecordedFire& recorded : world_.receiver.fires) {
      const Fire& fire = recorded.fire;
      if (!is_requested(fire)) continue;
      EXPECT_TRUE(asked_.contains({fire.action, fire.time, fire.requested})) << recorded.id() << " was not asked for";
      open.erase({fire.action, fire.time, fire.requested});
    }
    for (const NotedOutcome& outcome : world_.outcomes()) open.erase({outcome.action, outcome.first, outcome.requested});
    EXPECT_EQ(world_.engine->parking().requested(), 0U);
    for (const auto& [id, time, at] : open) ADD_FAILURE() << fire_id(id, time) << '+' << format_utc(at) << " did not arrive";
  }

  // Each fire time after the start ended: it arrived, or an outcome speaks of it. With exactly_once, in one way only.
  void check(Instant end) {
    std::map<ActionId, std::uint64_t> ended;
    std::map<std::string, int> times;
    check_asked();
    for (const RecordedFire& recorded : world_.receiver.fires) {
      const bool first = ++times[recorded.id()] == 1;
      if (first && !is_requested(recorded.fire)) ++ended[recorded.fire.action];
      EXPECT_TRUE(first || world_.delivery == Delivery::at_least_once) << recorded.id() << " arrived twice";
      EXPECT_GE(world_.clock.second(), recorded.fire.due);
    }
    for (const NotedOutcome& outcome : world_.outcomes()) {
      if (outcome.requested == Instant{}) ended[outcome.action] += outcome.count;
    }
    for (const auto& [id, period] : periods_) {
      const Seconds jitter =
          world_.engine->schedule().actions().trigger(world_.engine->schedule().actions().find(id)->trigger()).jitter();
      std::uint64_t expected = 0;
      for (Instant t = at(0) + Seconds{1}; t <= end; t += Seconds{1}) {
        if (unix_seconds(t) % period == 0 && due_instant(id, t, jitter) <= end) ++expected;
      }
      if (world_.delivery == Delivery::exactly_once) {
        EXPECT_EQ(ended[id], expected) << "action " << id << " every " << period << " s";
      } else {
        EXPECT_GE(ended[id], expected) << "action " << id << " every " << period << " s";
      }
    }
  }

  std::mt19937_64 random_;
  World world_;
  std::map<ActionId, std::int64_t> periods_;
  std::set<std::tuple<ActionId, Instant, Instant>> asked_;  // action, fire time, instant of the request
};

class RandomHistory : public ::testing::TestWithParam<Delivery> {};

INSTANTIATE_TEST_SUITE_P(Deliveries, RandomHistory, ::testing::Values(Delivery::exactly_once, Delivery::at_least_once));

TEST_P(RandomHistory, EveryFireTimeEndsAndWithExactlyOnceItEndsOnce) {
  const std::uint64_t only = from_environment("ACTION_SCHEDULER_SEED", 0);
  const std::uint64_t first = only != 0 ? only : from_environment("ACTION_SCHEDULER_FIRST_SEED", std::random_device{}());
  const std::uint64_t seeds = only != 0 ? 1 : from_environment("ACTION_SCHEDULER_SEEDS", 25);
  for (std::uint64_t seed = first; seed < first + seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("ACTION_SCHEDULER_SEED=" + std::to_string(seed));
    History(seed, GetParam()).run();
  }
}

}  // namespace
}  // namespace action_scheduler::testing
