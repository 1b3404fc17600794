// The measure itself: it must find what the tests of crashes and outages claim not to be there.
#include "tests/end_to_end/fired.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ReadMessage fire(const std::string& second, const std::string& attempt = "1", const std::string& first_missed = "") {
  ReadMessage message;
  const std::string time = "2026-01-01T00:00:" + second + "Z";
  message.headers = {{"ce_id", "7@" + time}, {"ce_actionid", "7"}, {"ce_time", time}, {"ce_attempt", attempt}};
  if (!first_missed.empty()) {
    message.headers.emplace_back("ce_mergedcount", "1");
    message.headers.emplace_back("ce_firstmissed", "2026-01-01T00:00:" + first_missed + "Z");
  }
  return message;
}

TEST(FiredList, FindsGaps) {
  EXPECT_THAT(FiredList({fire("01"), fire("02"), fire("04")}).gaps(7), ElementsAre("7@2026-01-01T00:00:03Z"));
  EXPECT_THAT(FiredList({fire("01"), fire("03")}).gaps(7, 2), IsEmpty());
}

TEST(FiredList, TakesWhatWasMergedForCovered) {
  EXPECT_THAT(FiredList({fire("01"), fire("05", "1", "03")}).gaps(7), ElementsAre("7@2026-01-01T00:00:02Z"));
}

TEST(FiredList, FindsRepeatsAndWhetherTheySaySo) {
  const FiredList honest({fire("01"), fire("01", "2"), fire("02")});
  EXPECT_THAT(honest.repeated(), ElementsAre("7@2026-01-01T00:00:01Z"));
  EXPECT_THAT(honest.repeated_without_attempt(), IsEmpty());
  EXPECT_THAT(FiredList({fire("01"), fire("01")}).repeated_without_attempt(), ElementsAre("7@2026-01-01T00:00:01Z"));
}

}  // namespace
}  // namespace action_scheduler::testing
