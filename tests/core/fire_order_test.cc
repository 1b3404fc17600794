#include "core/fire_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <tuple>
#include <vector>

namespace action_scheduler {
namespace {

constexpr std::uint64_t kSeed = 20261129;

struct Spread {
  std::size_t fires;
  ActionId lowest;
  ActionId highest;
  std::int64_t seconds;
};

class FireOrder : public ::testing::TestWithParam<Spread> {};

INSTANTIATE_TEST_SUITE_P(
    Spreads, FireOrder,
    ::testing::Values(Spread{0, 1, 1, 0}, Spread{1, 1, 1, 0}, Spread{500, 1, 100, 10}, Spread{20'000, 1, 30'000, 0},
                      Spread{20'000, 1, 30'000, 100'000}, Spread{20'000, -5'000, 5'000, 3}, Spread{20'000, 7, 7, 100'000},
                      Spread{20'000, std::numeric_limits<ActionId>::min(), std::numeric_limits<ActionId>::max(), 0},
                      Spread{20'000, std::numeric_limits<ActionId>::min(), std::numeric_limits<ActionId>::max(), 100},
                      Spread{20'000, 1, std::int64_t{1} << 50, 100'000'000}));

TEST_P(FireOrder, IsByDueInstantThenByActionThenByFireTime) {
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  const Spread spread = GetParam();
  std::uniform_int_distribution<ActionId> action(spread.lowest, spread.highest);
  std::uniform_int_distribution<std::int64_t> second(-spread.seconds, spread.seconds);
  std::vector<Fire> fires(spread.fires);
  std::int64_t n = 0;
  for (Fire& fire : fires) {
    fire.action = action(random);
    fire.due = Instant{Seconds{second(random)}};
    fire.time = Instant{Seconds{n++}};  // in the order in which they are given
  }
  std::vector<Fire> expected = fires;
  std::ranges::sort(expected, {}, [](const Fire& fire) { return std::tuple(fire.due, fire.action, fire.time); });
  sort_for_delivery(fires);
  ASSERT_EQ(fires.size(), expected.size());
  for (std::size_t i = 0; i < fires.size(); ++i) {
    ASSERT_EQ(std::tuple(fires[i].due, fires[i].action, fires[i].time),
              std::tuple(expected[i].due, expected[i].action, expected[i].time))
        << i;
  }
}

}  // namespace
}  // namespace action_scheduler
