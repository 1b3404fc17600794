#include "callbacks/interruption.h"

#include <gtest/gtest.h>

namespace action_scheduler {
namespace {

using std::chrono::milliseconds;

TEST(InterruptionTest, NobodyWaitsBeyondIt) {
  const Interruption::Time now{milliseconds{1000}};
  Interruption interruption;
  EXPECT_FALSE(interruption.passed(Interruption::Time{std::chrono::hours{24 * 365 * 100}}));
  EXPECT_EQ(interruption.left_ms(now, 3000), 3000);
  interruption.set(now + milliseconds{500});
  EXPECT_EQ(interruption.left_ms(now, 3000), 500);
  EXPECT_EQ(interruption.left_ms(now, 100), 100);
  EXPECT_FALSE(interruption.passed(now + milliseconds{499}));
  EXPECT_TRUE(interruption.passed(now + milliseconds{500}));
  EXPECT_EQ(interruption.left_ms(now + milliseconds{700}, 3000), 0);
}

TEST(InterruptionTest, TheEarliestOfSeveralCounts) {
  const Interruption::Time now{milliseconds{1000}};
  Interruption interruption;
  interruption.set(now + milliseconds{500});
  interruption.set(now + milliseconds{900});
  EXPECT_EQ(interruption.left_ms(now, 3000), 500);
  interruption.set(now);
  EXPECT_TRUE(interruption.passed(now));
}

}  // namespace
}  // namespace action_scheduler
