// The process is killed at each named point, twice, and goes on; or it loses its ledger.
#include <signal.h>

#include <algorithm>
#include <memory>

#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kKilled = 128 + SIGKILL;
constexpr int kActions = 20;            // fire each second
constexpr int kMerging = kActions + 1;  // too, with merge_missed
constexpr int kSlow = kActions + 2;     // every other second

// One scheduler with its own table, topic and folder.
struct Trial {
  explicit Trial(std::string point_of_death, const std::string& delivery) : point(std::move(point_of_death)) {
    stage.create_table();
    for (int id = 1; id <= kMerging; ++id) stage.sql(insert_row("$T", id, "a" + std::to_string(id), every(1)));
    stage.sql(insert_row("$T", kSlow, "slow", every(2)));
    stage.sql("UPDATE $T SET merge_missed = true WHERE id = " + std::to_string(kMerging));
    folder.write("config.yaml", stage.config(delivery));
  }

  void start(const std::string& trap = "") {
    process.reset();
    const Environment environment = trap.empty() ? Environment{} : Environment{{"CRASH_AT", trap}};
    process = std::make_unique<SchedulerProcess>(folder, std::vector<std::string>{}, environment, crash_program());
  }

  bool fires_beyond(Instant t) const {
    return stage.fires_until([&](const FiredList& fired) { return fired.latest(1) > t && fired.latest(kMerging) > t; },
                             std::chrono::seconds(60));
  }

  const std::string point;
  Stage stage;
  WorkFolder folder;
  std::unique_ptr<SchedulerProcess> process;
  Instant known_at;  // the schedule counts from before this instant
};

using Trials = std::vector<std::unique_ptr<Trial>>;

// All at once: most of the time they wait.
Trials go_through_crashes(const std::vector<const char*>& points, const std::string& delivery) {
  Trials trials;
  for (const char* point : points) trials.push_back(std::make_unique<Trial>(point, delivery));
  for (auto& trial : trials) trial->start(trial->point + ":3");
  for (auto& trial : trials) {
    EXPECT_EQ(trial->process->wait(std::chrono::seconds(60)), kKilled) << trial->point << '\n' << trial->process->err();
    trial->known_at = now();
  }
  for (auto& trial : trials) trial->start(trial->point + ":2");
  for (auto& trial : trials) {
    EXPECT_EQ(trial->process->wait(std::chrono::seconds(60)), kKilled) << trial->point << '\n' << trial->process->err();
  }
  for (auto& trial : trials) trial->start();
  const Instant restarted = now();
  for (auto& trial : trials)
    EXPECT_TRUE(trial->fires_beyond(restarted + Seconds{3})) << trial->point << '\n' << trial->process->err();
  for (auto& trial : trials) trial->process->signal(SIGTERM);
  for (auto& trial : trials) EXPECT_EQ(trial->process->wait(), 0) << trial->point << '\n' << trial->process->err();
  return trials;
}

void expect_nothing_lost(const Trial& trial, const FiredList& fired) {
  for (int id = 1; id <= kSlow; ++id) {
    const int step_s = id == kSlow ? 2 : 1;
    ASSERT_FALSE(fired.times(id).empty()) << "action " << id;
    EXPECT_LE(*fired.times(id).begin(), trial.known_at + Seconds{step_s}) << "action " << id;
    EXPECT_THAT(fired.gaps(id, step_s), IsEmpty());
  }
  // The downtime was merged into the fire that followed, and only once.
  std::set<Instant> merged;
  std::size_t merged_count = 0;
  std::set<std::string> ids;
  for (const ReadMessage& message : fired.of(kMerging)) {
    if (message.header("ce_mergedcount").empty() || !ids.insert(message.header("ce_id")).second) continue;
    merged_count += std::stoul(message.header("ce_mergedcount"));
    for (Instant t = *parse_utc(message.header("ce_firstmissed")); t < *parse_utc(message.header("ce_time")); t += Seconds{1}) {
      if (!fired.times(kMerging).contains(t)) merged.insert(t);
    }
  }
  EXPECT_EQ(merged.size(), merged_count);
}

TEST(KilledAtAPoint, ExactlyOnceACommittedReaderSeesEachFireOnce) {
  const Trials trials =
      go_through_crashes({"applied", "intent", "produced", "offsets_sent", "committed", "delivered", "settled"}, "exactly_once");
  for (const auto& trial : trials) {
    SCOPED_TRACE(trial->point);
    const FiredList fired = trial->stage.fired();
    EXPECT_THAT(fired.repeated(), IsEmpty());
    expect_nothing_lost(*trial, fired);
  }
}

TEST(KilledAtAPoint, AtLeastOnceLosesNothingAndRepeatsWithTheSameId) {
  const Trials trials =
      go_through_crashes({"applied", "intent", "produced", "acknowledged", "delivered", "settled"}, "at_least_once");
  for (const auto& trial : trials) {
    SCOPED_TRACE(trial->point);
    const FiredList fired = trial->stage.fired();
    expect_nothing_lost(*trial, fired);
    EXPECT_THAT(fired.repeated_without_attempt(), IsEmpty());
    for (const ReadMessage& message : fired.messages()) EXPECT_THAT(message.header("ce_attempt"), ::testing::AnyOf("1", "2"));
    const bool sent_but_not_settled = trial->point == "acknowledged" || trial->point == "delivered";
    if (sent_but_not_settled) {
      EXPECT_THAT(fired.repeated(), Not(IsEmpty()));
    }
    if (trial->point == "settled" || trial->point == "applied") {
      EXPECT_THAT(fired.repeated(), IsEmpty());
    }
  }
}

TEST(LostLedger, ThePositionInKafkaTakesOver) {
  Trial trial("", "exactly_once");
  trial.start();
  const Instant started = now();
  ASSERT_TRUE(trial.fires_beyond(started + Seconds{3})) << trial.process->err();
  trial.known_at = started + Seconds{4};
  trial.process->signal(SIGKILL);
  ASSERT_EQ(trial.process->wait(), kKilled);
  for (const auto& entry : std::filesystem::directory_iterator(trial.folder.path())) {
    if (entry.path().filename().string().starts_with("ledger.db")) std::filesystem::remove(entry.path());
  }
  ASSERT_TRUE(eventually([killed = now()] { return now() > killed + Seconds{2}; })) << "fire times pass meanwhile";
  trial.start();
  ASSERT_TRUE(trial.fires_beyond(now() + Seconds{3})) << trial.process->err();
  EXPECT_EQ(trial.process->stop(), 0);
  const FiredList fired = trial.stage.fired();
  EXPECT_THAT(fired.repeated(), IsEmpty());
  expect_nothing_lost(trial, fired);
}

}  // namespace
}  // namespace action_scheduler::testing
