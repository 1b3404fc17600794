// A few thousand histories in every run of the tests; `make simulate` tries more of them, and replays one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "tests/simulation/shrink.h"
#include "tests/simulation/simulate.h"

namespace action_scheduler::simulation {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr std::uint64_t kSeeds = 50;
#else
constexpr std::uint64_t kSeeds = 3000;
#endif

TEST(Simulation, EveryFireTimeEndsOnceAndRightly) {
  const CampaignResult result = run({.first_seed = 1, .seeds = kSeeds});
  EXPECT_GT(result.arrivals, 1000 * kSeeds / 10);
  EXPECT_GT(result.deaths, kSeeds / 10);
  EXPECT_GT(result.requests_accepted, kSeeds / 4);
  if (result.failed_seed) FAIL() << describe_failure(generate(*result.failed_seed), result.failure);
}

TEST(Simulation, WhatFailedOnceFailsNoMore) {
  for (const auto& [seed, generation] : kRegressionSeeds) {
    const CampaignResult result = run({.first_seed = seed, .seeds = 1, .generation = generation});
    if (result.failed_seed) ADD_FAILURE() << describe_failure(generate(seed, generation), result.failure);
  }
}

TEST(Simulation, ASeedDecidesEverything) {
  for (const std::uint64_t seed : {3U, 12U, 77U}) {
    const Account first = live(generate(seed));
    const Account second = live(generate(seed));
    EXPECT_EQ(first.arrivals, second.arrivals);
    EXPECT_EQ(first.ended_otherwise, second.ended_otherwise);
    EXPECT_EQ(first.steps, second.steps);
  }
}

TEST(Shrink, LeavesOutWhatDoesNotMatter) {
  const History history = generate(5);
  ASSERT_GT(history.events.size(), 4U);
  const std::int64_t wanted_at = history.events[2].at_ms;
  const auto least = shrink(history, [&](const History& part) {
    return std::ranges::any_of(part.events, [&](const Event& event) { return event.at_ms == wanted_at; });
  });
  EXPECT_EQ(least.size(), 1U);
}

}  // namespace
}  // namespace action_scheduler::simulation
