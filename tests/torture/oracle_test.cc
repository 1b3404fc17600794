// The oracle finds what it is there for.
#include "tests/torture/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace action_scheduler::torture {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kStart = 1'795'255'200;  // 2026-11-21T10:00:00Z

Arrival fire(std::int64_t action, std::int64_t second, int attempt = 1) {
  char id[64];
  std::snprintf(id, sizeof id, "%lld@2026-11-21T10:00:%02lldZ", static_cast<long long>(action), static_cast<long long>(second));
  return {id, action, kStart + second, attempt, true, 0, 0, (kStart + second) * 1000 + 5};
}

Arrival merged(std::int64_t action, std::int64_t first, std::int64_t last) {
  Arrival arrival = fire(action, last);
  arrival.merged_count = last - first;
  arrival.first_missed_s = kStart + first;
  return arrival;
}

Expectation each_second(std::int64_t until, bool merges = false) { return {1, 1, merges, {kStart, kStart + until}, {}, {}, {}}; }

TEST(Oracle, ReadsTimes) {
  EXPECT_EQ(seconds_of("2026-11-21T10:00:00Z"), kStart);
  EXPECT_EQ(seconds_of("2026-11-21T10:00:00"), 0);
}

TEST(Oracle, IsContentWithEachFireOnce) {
  const Verdict verdict = judge(Promise::exactly_once, {each_second(2)}, {fire(1, 0), fire(1, 1), fire(1, 2)});
  EXPECT_EQ(verdict.fires, 3U);
  EXPECT_EQ(verdict.lost + verdict.twice + verdict.repeated, 0U);
  EXPECT_EQ(verdict.worst_lateness_ms, 5);
  EXPECT_THAT(verdict.complaints, IsEmpty());
}

TEST(Oracle, FindsWhatWasLostUnlessItIsExcused) {
  Expectation expectation = each_second(3);
  const std::vector<Arrival> arrivals{fire(1, 0), fire(1, 3)};
  const Verdict verdict = judge(Promise::exactly_once, {expectation}, arrivals);
  EXPECT_EQ(verdict.lost, 2U);
  EXPECT_THAT(verdict.complaints, ElementsAre("lost: 1@2026-11-21T10:00:01Z", "lost: 1@2026-11-21T10:00:02Z"));
  expectation.excused = {{kStart + 1, kStart + 2}};
  EXPECT_EQ(judge(Promise::exactly_once, {expectation}, arrivals).lost, 0U);
}

TEST(Oracle, FindsWhatCameTwice) {
  const Verdict verdict = judge(Promise::exactly_once, {each_second(1)}, {fire(1, 0), fire(1, 1), fire(1, 0, 2)});
  EXPECT_EQ(verdict.twice, 1U);
  EXPECT_EQ(verdict.repeated, 1U);
}

TEST(Oracle, FindsWhatNobodyAskedFor) {
  Expectation slow = each_second(1);
  slow.period_s = 2;
  EXPECT_EQ(judge(Promise::exactly_once, {slow}, {fire(1, 0), fire(1, 1)}).twice, 1U) << "never due";
  EXPECT_EQ(judge(Promise::exactly_once, {each_second(0)}, {fire(1, 0), fire(2, 0)}).twice, 1U) << "no such row";
  Arrival early = fire(1, 0);
  early.sent_ms -= 6;
  EXPECT_EQ(judge(Promise::exactly_once, {each_second(0)}, {early}).twice, 1U) << "before its time";
}

TEST(Oracle, KnowsWhatIsForbiddenAndWhatMayComeAgain) {
  Expectation expectation = each_second(2);
  const std::vector<Arrival> arrivals{fire(1, 0), fire(1, 1), fire(1, 1), fire(1, 2)};
  expectation.repeats_excused = {{kStart + 1, kStart + 1}};
  EXPECT_EQ(judge(Promise::exactly_once, {expectation}, arrivals).twice, 0U);
  expectation.forbidden = {{kStart + 2, kStart + 2}};
  EXPECT_EQ(judge(Promise::exactly_once, {expectation}, arrivals).twice, 1U);
}

TEST(Oracle, CountsWhatWasMergedOnce) {
  const auto judged = [](const std::vector<Arrival>& arrivals) {
    return judge(Promise::exactly_once, {each_second(5, true)}, arrivals);
  };
  const Verdict good = judged({fire(1, 0), merged(1, 1, 4), fire(1, 5)});
  EXPECT_EQ(good.lost + good.twice, 0U);
  EXPECT_EQ(good.merged, 3U);
  EXPECT_EQ(judged({fire(1, 0), merged(1, 2, 4), fire(1, 5)}).lost, 1U);
  Arrival across = fire(1, 5);
  across.merged_count = 1;
  across.first_missed_s = kStart;
  EXPECT_EQ(judged({merged(1, 1, 4), across}).twice, 0U) << "one that was parked while others were merged and came";
  EXPECT_EQ(judged({fire(1, 0), merged(1, 1, 3), merged(1, 2, 4), fire(1, 5)}).twice, 2U) << "2 twice, and the count wrong";
  EXPECT_EQ(judge(Promise::exactly_once, {each_second(1)}, {merged(1, 0, 1)}).twice, 1U) << "not asked for";
}

TEST(Oracle, DoesNotCountWhatWasMergedWhereItMayComeAgain) {
  Expectation expectation = each_second(3, true);
  const std::vector<Arrival> arrivals{fire(1, 0), fire(1, 1), fire(1, 2), merged(1, 0, 3)};
  EXPECT_GT(judge(Promise::exactly_once, {expectation}, arrivals).twice, 0U);
  expectation.repeats_excused = {{kStart, kStart + 2}};
  const Verdict verdict = judge(Promise::exactly_once, {expectation}, arrivals);
  EXPECT_EQ(verdict.lost + verdict.twice, 0U);
}

TEST(Oracle, AllowsAtLeastOnceToRepeatTheLastBatchOfALifeOnly) {
  const std::vector<Life> lives{{kStart * 1000, kStart * 1000 + 1500}, {kStart * 1000 + 1500, kStart * 1000 + 9000}};
  const auto again = [](Arrival arrival) {
    arrival.sent_ms = kStart * 1000 + 2000;
    return arrival;
  };
  const auto judged = [&](const std::vector<Arrival>& arrivals) {
    return judge(Promise::at_least_once, {each_second(1)}, arrivals, lives);
  };
  const Verdict good = judged({fire(1, 0), fire(1, 1), again(fire(1, 1, 2))});
  EXPECT_EQ(good.twice, 0U);
  EXPECT_EQ(good.repeated, 1U);
  EXPECT_THAT(judged({fire(1, 0), fire(1, 1), again(fire(1, 0, 2))}).complaints, ElementsAre(HasSubstr("earlier batch")));
  EXPECT_THAT(judged({fire(1, 0), fire(1, 1), again(fire(1, 1, 1))}).complaints, ElementsAre(HasSubstr("ce_attempt")));
  EXPECT_THAT(judged({fire(1, 0), fire(1, 1), fire(1, 1, 2)}).complaints, ElementsAre(HasSubstr("within one life")));
}

}  // namespace
}  // namespace action_scheduler::torture
