// Does the model bite? Each deliberate bug must be found.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/simulation/mutation.h"
#include "tests/simulation/simulate.h"

namespace action_scheduler::simulation {
namespace {

std::vector<std::string> names_of_mutations() {
  std::ifstream file("tests/simulation/mutations.txt");
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("@@ ")) names.push_back(line.substr(3, line.find(' ', 3) - 3));
  }
  return names;
}

TEST(Mutations, EachIsFoundWithinAThousandHistories) {
  const std::vector<std::string> names = names_of_mutations();
  ASSERT_GE(names.size(), 20U);
  for (const std::string& name : names) {
    active_mutation = name;
    const CampaignResult result = run({.first_seed = 1, .seeds = 1000});
    active_mutation = {};
    EXPECT_TRUE(result.failed_seed.has_value()) << name << " was not found";
    if (result.failed_seed) {
      std::printf("%-36s seed %3llu: %s\n", name.c_str(), static_cast<unsigned long long>(*result.failed_seed),
                  result.failure.wrong.front().c_str());
    }
  }
}

TEST(Mutations, WithoutOneTheCopiesDoAsTheProduct) { EXPECT_FALSE(run({.first_seed = 1, .seeds = 60}).failed_seed.has_value()); }

}  // namespace
}  // namespace action_scheduler::simulation
