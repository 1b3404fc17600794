// The scheduler is down for some seconds: each row gets its missed fires as it asked.
#include <algorithm>

#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Seconds kDown{8};
constexpr Seconds kActual{3};

std::vector<ReadMessage> with_reason(const FiredList& fired, int action, const std::string& reason) {
  std::vector<ReadMessage> found = fired.of(action);
  std::erase_if(found, [&](const ReadMessage& message) { return message.header("ce_reason") != reason; });
  return found;
}

TEST(Missed, FiresAreMergedDeliveredLateOrDroppedAsEachRowAsks) {
  constexpr int kAll = 1;          // merge_missed false, for ever
  constexpr int kMerged = 2;       // true, for ever
  constexpr int kFresh = 3;        // false, 3 s
  constexpr int kFreshMerged = 4;  // true, 3 s
  constexpr int kDefault = 5;      // null, null: as configured, false and for ever
  const Stage stage;
  stage.create_table();
  stage.sql("INSERT INTO $T (id, name, command, cron, merge_missed, actuality_time) SELECT id, 'n', 'c', '" + every(1) +
            "', merge, actuality FROM (VALUES (1, false, -1), (2, true, -1), (3, false, 3), (4, true, 3), (5, NULL, NULL)) "
            "AS row (id, merge, actuality)");
  const WorkFolder folder;
  folder.write("config.yaml", stage.config());
  const auto fires_beyond = [&](Instant t) {
    return stage.fires_until([&](const FiredList& fired) {
      for (int id = kAll; id <= kDefault; ++id) {
        if (!(fired.latest(id) > t)) return false;
      }
      return true;
    });
  };
  {
    SchedulerProcess process(folder, {});
    ASSERT_TRUE(fires_beyond(now())) << process.err();
    ASSERT_EQ(process.stop(), 0);
  }
  const Instant stopped = now();
  ASSERT_TRUE(eventually([&] { return now() >= stopped + kDown; })) << "fire times pass meanwhile";
  const Instant restarted = now();
  SchedulerProcess process(folder, {});
  ASSERT_TRUE(fires_beyond(restarted + Seconds{3})) << process.err();
  EXPECT_EQ(process.stop(), 0);

  const FiredList fired = stage.fired();
  EXPECT_THAT(fired.repeated(), IsEmpty());
  for (const int id : {kAll, kDefault}) {
    EXPECT_THAT(fired.gaps(id), IsEmpty());
    EXPECT_GE(with_reason(fired, id, "late").size(), 7U);
    EXPECT_TRUE(std::ranges::is_sorted(fired.of(id), {}, [](const ReadMessage& message) { return message.header("ce_time"); }))
        << "oldest first";
  }

  EXPECT_THAT(fired.gaps(kMerged), IsEmpty());
  const auto merged = with_reason(fired, kMerged, "merged");
  ASSERT_THAT(merged, SizeIs(1));
  EXPECT_GE(std::stoi(merged[0].header("ce_mergedcount")), 6);
  EXPECT_LE(*parse_utc(merged[0].header("ce_firstmissed")), stopped + Seconds{1});

  const auto fresh = with_reason(fired, kFresh, "late");
  EXPECT_THAT(fresh, SizeIs(::testing::AllOf(::testing::Ge(2U), ::testing::Le(4U))));
  for (const ReadMessage& message : fresh) EXPECT_GE(*parse_utc(message.header("ce_time")), restarted - kActual);
  EXPECT_GE(fired.gaps(kFresh).size(), 3U) << "the others have expired";

  const auto fresh_merged = with_reason(fired, kFreshMerged, "merged");
  ASSERT_THAT(fresh_merged, SizeIs(1));
  EXPECT_GE(*parse_utc(fresh_merged[0].header("ce_firstmissed")), restarted - kActual);
  EXPECT_THAT(with_reason(fired, kFreshMerged, "late"), IsEmpty());
}

}  // namespace
}  // namespace action_scheduler::testing
