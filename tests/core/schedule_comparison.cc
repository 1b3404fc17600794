#include "tests/core/schedule_comparison.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

std::int64_t environment(const char* name, std::int64_t otherwise) {
  const char* given = std::getenv(name);
  return given != nullptr && *given != '\0' ? std::atoll(given) : otherwise;
}

std::uint64_t seed_of_this_run() {
  return static_cast<std::uint64_t>(environment("SCHEDULES_SEED", static_cast<std::int64_t>(std::random_device{}())));
}

std::string text_of(std::int64_t t) { return format_utc(instant_from_unix(t)); }

// From anywhere, the midst of gaps and overlaps included. Beyond the window nothing is known.
void expect_neighbours(const Trigger& trigger, const std::vector<std::int64_t>& expected, std::int64_t first, std::int64_t last,
                       std::int64_t t) {
  const auto later = std::upper_bound(expected.begin(), expected.end(), t);
  const auto earlier = std::lower_bound(expected.begin(), expected.end(), t);
  const std::int64_t next = unix_seconds(trigger.next(instant_from_unix(t)).value_or(kLastInstant));
  const std::int64_t previous = unix_seconds(trigger.previous(instant_from_unix(t)).value_or(kFirstInstant));
  ASSERT_EQ(std::min(next, last + 1), later == expected.end() ? last + 1 : *later) << "next after " << text_of(t);
  ASSERT_EQ(std::max(previous, first - 1), earlier == expected.begin() ? first - 1 : *(earlier - 1))
      << "previous before " << text_of(t);
}

void expect_count(const Trigger& trigger, const std::vector<std::int64_t>& expected, std::int64_t after, std::int64_t until) {
  const auto from = std::upper_bound(expected.begin(), expected.end(), after);
  const auto to = std::upper_bound(expected.begin(), expected.end(), until);
  ASSERT_EQ(trigger.count(instant_from_unix(after), instant_from_unix(until)), static_cast<std::uint64_t>(to - from))
      << "count (" << text_of(after) << ", " << text_of(until) << ']';
}

}  // namespace

RandomRounds::RandomRounds(std::int64_t usual_rounds) : left_(environment("SCHEDULES_ROUNDS", usual_rounds)) {
  const std::uint64_t seed = seed_of_this_run();
  std::cout << "SCHEDULES_SEED=" << seed << '\n';
  random_.seed(seed);
  const std::int64_t seconds = environment("SCHEDULES_SECONDS", 0);
  if (seconds > 0) end_ = std::chrono::steady_clock::now() + std::chrono::seconds{seconds};
}

bool RandomRounds::next() {
  if (::testing::Test::HasFatalFailure()) return false;
  if (end_ != std::chrono::steady_clock::time_point{}) return std::chrono::steady_clock::now() < end_;
  return left_-- > 0;
}

ReferenceZone reference_zone(const ZoneData& data) {
  ReferenceZone zone{data.first_offset.count()};
  for (const ZoneTransition& change : data.transitions) zone.changes.emplace_back(unix_seconds(change.at), change.offset.count());
  return zone;
}

void expect_fires(const Trigger& trigger, const std::vector<std::int64_t>& expected, std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> forward;
  for (auto t = trigger.next(instant_from_unix(first - 1)); t && unix_seconds(*t) <= last; t = trigger.next(*t)) {
    forward.push_back(unix_seconds(*t));
    ASSERT_LE(forward.size(), expected.size()) << text_of(forward.back());
  }
  ASSERT_EQ(forward, expected);
  std::vector<std::int64_t> backward;
  for (auto t = trigger.previous(instant_from_unix(last + 1)); t && unix_seconds(*t) >= first; t = trigger.previous(*t)) {
    backward.push_back(unix_seconds(*t));
    ASSERT_LE(backward.size(), expected.size()) << text_of(backward.back());
  }
  std::reverse(backward.begin(), backward.end());
  ASSERT_EQ(backward, expected);
  expect_count(trigger, expected, first - 1, last);
}

void compare_with_reference(Random& random, const std::string& cron, const ReferenceZone& zone, ZoneSource& zones,
                            std::int64_t first, std::int64_t last) {
  SCOPED_TRACE(cron + " from " + text_of(first) + " to " + text_of(last));
  const std::vector<std::int64_t> expected = reference_schedule_of(cron).fires(zone, first, last);
  const Trigger trigger = trigger_of(cron, {}, zones);
  const Trigger again = trigger_of(trigger.canonical(), {}, zones);
  ASSERT_EQ(again.canonical(), trigger.canonical());
  ASSERT_EQ(again, trigger);
  ASSERT_EQ(again.hash(), trigger.hash());
  if (expected.size() <= 600) {  // else the instants below must do
    expect_fires(trigger, expected, first, last);
    if (::testing::Test::HasFatalFailure()) return;
  }
  for (int i = 0; i < 40; ++i) {
    expect_neighbours(i % 4 == 0 ? again : trigger, expected, first, last, pick(random, first, last));
    // Where the clock changes, most of all.
    if (!expected.empty()) {
      const std::int64_t fire = expected[random() % expected.size()];
      expect_neighbours(trigger, expected, first, last, fire + pick(random, -1, 1));
    }
    if (::testing::Test::HasFatalFailure()) return;
  }
  for (int i = 0; i < 8; ++i) {
    const std::int64_t after = pick(random, first - 1, last);
    expect_count(trigger, expected, after, pick(random, after, last));
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace action_scheduler::testing
