// Running many histories, and telling of one that fails so that a person can go on from there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/simulation/history.h"
#include "tests/simulation/world.h"

namespace action_scheduler::simulation {

Account live(const History& history, bool verbose = false);

// What to print of a history that failed: what is wrong, the least list of its events that still fails, and how to replay it.
std::string describe_failure(const History& history, const Account& account);

// Each showed a bug that is mended: tried in every run of the tests.
inline constexpr std::uint64_t kRegressionSeeds[] = {524,  1017, 1333,  1581,  2108,  2183,  2373,  2647,  3852,   4077,  5956,
                                                     7977, 9358, 12341, 13196, 15408, 29585, 29963, 33470, 105962, 111933};

struct Campaign {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 1000;
};
struct CampaignResult {
  std::uint64_t seeds = 0;  // that were lived through
  std::uint64_t arrivals = 0;
  std::uint64_t ended_otherwise = 0;
  std::uint64_t deaths = 0;
  std::uint64_t take_overs = 0;
  double simulated_hours = 0;
  double action_hours = 0;                   // the same times the actions of each history
  std::optional<std::uint64_t> failed_seed;  // the first; nothing was tried after it
  Account failure;
};
CampaignResult run(const Campaign& campaign);

}  // namespace action_scheduler::simulation
