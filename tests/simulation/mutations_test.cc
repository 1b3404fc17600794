// Does the model bite? Each deliberate bug must be found.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/simulation/mutation.h"
#include "tests/simulation/simulate.h"

namespace action_scheduler::simulation {
namespace {

struct Mutation {
  std::string name;
  std::string file;
  std::uint64_t first_seed = 1;
  Generation generation = Generation::faults;
};

std::vector<Mutation> mutations() {
  std::ifstream file("tests/simulation/mutations.txt");
  std::vector<Mutation> found;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("@@ ")) continue;
    Mutation& mutation = found.emplace_back();
    std::istringstream words(line.substr(3));
    words >> mutation.name >> mutation.file;
    if (std::uint64_t seed = 0; words >> seed) mutation.first_seed = seed;
    std::string generation;
    words >> generation;
    if (generation == "requests") mutation.generation = Generation::requests;
    if (generation == "unheard") mutation.generation = Generation::unheard;
  }
  return found;
}

// From the seed on that shows it, so that all are found at once; when histories have changed and it does not any more, the search
// takes longer. ACTION_SCHEDULER_MUTATION=name alone, of ACTION_SCHEDULER_SEEDS from ACTION_SCHEDULER_FIRST_SEED on.
TEST(Mutations, EachIsFoundWithinAThousandHistories) {
  const std::vector<Mutation> all = mutations();
  ASSERT_GE(all.size(), 20U);
  const char* only = std::getenv("ACTION_SCHEDULER_MUTATION");
  const char* first = std::getenv("ACTION_SCHEDULER_FIRST_SEED");
  const char* seeds = std::getenv("ACTION_SCHEDULER_SEEDS");
  for (const auto& [name, file, first_seed, generation] : all) {
    if (only != nullptr && name != only) continue;
    active_mutation = name;
    const CampaignResult result = run({.first_seed = first != nullptr ? std::strtoull(first, nullptr, 10) : first_seed,
                                       .seeds = seeds != nullptr ? std::strtoull(seeds, nullptr, 10) : 1000,
                                       .generation = generation});
    active_mutation = {};
    EXPECT_TRUE(result.failed_seed.has_value()) << name << " was not found";
    if (result.failed_seed) {
      std::printf("%-40s seed %4llu: %s\n", name.c_str(), static_cast<unsigned long long>(*result.failed_seed),
                  result.failure.wrong.front().c_str());
    }
  }
}

TEST(Mutations, WithoutOneTheCopiesDoAsTheProduct) { EXPECT_FALSE(run({.first_seed = 1, .seeds = 60}).failed_seed.has_value()); }

}  // namespace
}  // namespace action_scheduler::simulation
