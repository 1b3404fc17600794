#include "action_scheduler/fire.h"

#include <gtest/gtest.h>

#include <map>

#include "action_scheduler/time.h"

namespace action_scheduler {
namespace {

const Instant kTen = *parse_utc("2026-11-21T10:00:00Z");

TEST(FireId, NamesActionAndFireTime) {
  EXPECT_EQ(fire_id(42, kTen), "42@2026-11-21T10:00:00Z");
  EXPECT_EQ(fire_id(-1, kFirstInstant), "-1@0001-01-01T00:00:00Z");
  EXPECT_EQ(fire_id(9223372036854775807, kLastInstant), "9223372036854775807@9999-12-31T23:59:59Z");
}

TEST(DueInstant, IsTheFireTimeWithoutJitter) {
  EXPECT_EQ(due_instant(42, kTen, Seconds{0}), kTen);
  EXPECT_EQ(due_instant(42, kTen, Seconds{-1}), kTen);
}

// These never change: fires that are due across an upgrade would be lost or repeated.
TEST(DueInstant, IsTheSameForEver) {
  const auto delay = [](ActionId action, Seconds jitter) { return (due_instant(action, kTen, jitter) - kTen).count(); };
  EXPECT_EQ(delay(42, Seconds{60}), 2);
  EXPECT_EQ(delay(42, Seconds{86400}), 7420);
  EXPECT_EQ(delay(-7, Seconds{3600}), 1377);
  EXPECT_EQ(due_instant(1, instant_from_unix(-1), Seconds{3600}), instant_from_unix(1240));
}

TEST(DueInstant, SpreadsOverTheWholeJitter) {
  constexpr Seconds jitter{9};
  std::map<std::int64_t, int> seen;
  for (int i = 0; i < 10'000; ++i) {
    const Instant time = kTen + Seconds{60} * (i % 100);
    const Seconds delay = due_instant(i / 100, time, jitter) - time;
    ASSERT_GE(delay, Seconds{0});
    ASSERT_LE(delay, jitter);
    ++seen[delay.count()];
  }
  ASSERT_EQ(seen.size(), 10U);
  for (const auto& [delay, times] : seen) EXPECT_NEAR(times, 1000, 150) << delay;
}

TEST(Position, OrdersByInstantThenByAction) {
  const Position whole{kTen, Position::kWholeInstant};
  EXPECT_LT((Position{kTen, -5}), (Position{kTen, 5}));
  EXPECT_LT((Position{kTen, 5}), whole);
  EXPECT_LT(whole, (Position{kTen + Seconds{1}, -9223372036854775807 - 1}));
  Fire fire;
  fire.action = 7;
  fire.time = kTen;
  fire.due = kTen + Seconds{3};
  EXPECT_EQ(position_after(fire), (Position{kTen + Seconds{3}, 7}));
}

TEST(Words, NameEveryReasonAndOutcome) {
  EXPECT_EQ(to_string(FireReason::on_time), "on_time");
  EXPECT_EQ(to_string(FireReason::late), "late");
  EXPECT_EQ(to_string(FireReason::merged), "merged");
  EXPECT_EQ(to_string(FireReason::manual), "manual");
  EXPECT_EQ(to_string(FireReason::backfill), "backfill");
  EXPECT_EQ(to_string(Outcome::delivered), "delivered");
  EXPECT_EQ(to_string(Outcome::merged), "merged");
  EXPECT_EQ(to_string(Outcome::expired), "expired");
  EXPECT_EQ(to_string(Outcome::failed), "failed");
  EXPECT_EQ(to_string(Outcome::disabled), "disabled");
}

}  // namespace
}  // namespace action_scheduler
