// Kafka, Postgres or both go away and come back. ACTION_SCHEDULER_OUTAGE_S sets for how many seconds, in all tests; without it
// each has its own.
#include <algorithm>
#include <cstdlib>

#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::IsEmpty;

std::chrono::seconds outage(std::chrono::seconds usual) {
  const char* text = std::getenv("ACTION_SCHEDULER_OUTAGE_S");
  return text != nullptr ? std::chrono::seconds(std::max(1, std::atoi(text))) : usual;
}

// What librdkafka's threads and buffers may take meanwhile; a leak of each fire or each try would grow with the outage.
constexpr std::size_t kGrowthMaxKib = 40 * 1024;
constexpr int kActions = 100;

class Outage : public ::testing::Test {
 protected:
  void SetUp() override {
    postgres();
    stage_.create_table();
    stage_.sql("INSERT INTO $T (id, name, command, cron) SELECT n, 'a' || n, 'c' || n, '" + every(1) +
               "' FROM generate_series(1, " + std::to_string(kActions) + ") n");
    folder_.write("config.yaml", stage_.config());
  }

  // Tests leave both servers as they found them, failures included.
  void TearDown() override {
    kafka().start();
    try {
      postgres().exec("SELECT 1");
    } catch (const std::exception&) {
      postgres().start();
    }
  }

  bool fires_beyond(Instant t, int action = 1) const {
    return stage_.fires_until([&](const FiredList& fired) { return fired.latest(action) > t; }, std::chrono::seconds(60));
  }

  // For as long as the outage is to last: the process lives and does not grow.
  static void endure(SchedulerProcess& process, std::chrono::seconds usual) {
    const std::chrono::seconds length = outage(usual);
    const std::size_t before = process.resident_kib();
    std::size_t most = before;
    const auto end = std::chrono::steady_clock::now() + length;
    eventually(
        [&] {
          most = std::max(most, process.resident_kib());
          return !process.running() || std::chrono::steady_clock::now() >= end;
        },
        length + std::chrono::seconds(1));
    EXPECT_TRUE(process.running()) << process.err();
    EXPECT_LT(most, before + kGrowthMaxKib);
    RecordProperty("resident_kib_before", static_cast<int>(before));
    RecordProperty("resident_kib_most", static_cast<int>(most));
  }

  static void expect_no_gaps(const FiredList& fired) {
    for (int id = 1; id <= kActions; ++id) EXPECT_THAT(fired.gaps(id), IsEmpty());
  }

  Stage stage_;
  WorkFolder folder_;
};

TEST_F(Outage, KafkaGoesAwayAndComesBackAndNothingIsLost) {
  // Both promises through one outage.
  const std::string plain_topic = unique_name("plain");
  kafka().create_topic(plain_topic);
  const WorkFolder plain_folder;
  plain_folder.write("config.yaml", stage_.config("at_least_once"));
  SchedulerProcess process(folder_, {});
  SchedulerProcess plain(plain_folder, {"--set", "kafka.topic=" + plain_topic});
  ASSERT_TRUE(fires_beyond(now())) << process.err();
  ASSERT_TRUE(eventually([&] { return stage_.fired_in(plain_topic).count(1) > 0; })) << plain.err();
  const std::size_t plain_before = plain.resident_kib();

  kafka().stop();
  endure(process, std::chrono::seconds(15));
  EXPECT_TRUE(plain.running()) << plain.err();
  EXPECT_LT(plain.resident_kib(), plain_before + kGrowthMaxKib);
  kafka().start();

  const Instant back = now();
  ASSERT_TRUE(fires_beyond(back + Seconds{2})) << process.err();
  ASSERT_TRUE(eventually([&] { return stage_.fired_in(plain_topic).latest(1) > back + Seconds{2}; })) << plain.err();
  EXPECT_EQ(process.stop(), 0);
  EXPECT_EQ(plain.stop(), 0);

  const FiredList fired = stage_.fired();
  EXPECT_THAT(fired.repeated(), IsEmpty());
  expect_no_gaps(fired);
  const FiredList plain_fired = stage_.fired_in(plain_topic);
  expect_no_gaps(plain_fired);
  EXPECT_THAT(plain_fired.repeated_without_attempt(), IsEmpty());
}

TEST_F(Outage, PostgresGoesAwayAndFiringGoesOnFromTheLastKnownTable) {
  SchedulerProcess process(folder_, {});
  ASSERT_TRUE(fires_beyond(now())) << process.err();
  postgres().kill();
  endure(process, std::chrono::seconds(6));
  const Instant late = now();
  EXPECT_TRUE(fires_beyond(late)) << "it fires while the table cannot be read\n" << process.err();
  EXPECT_THAT(lines_with(process.err(), "the table cannot be read"), ::testing::SizeIs(1)) << "reported once, not per poll";
  postgres().start();
  stage_.sql(insert_row("$T", kActions + 1, "afterwards", every(1)));
  EXPECT_TRUE(fires_beyond(now(), kActions + 1)) << process.err();
  EXPECT_EQ(process.stop(), 0);
  const FiredList fired = stage_.fired();
  EXPECT_THAT(fired.repeated(), IsEmpty());
  expect_no_gaps(fired);
}

TEST_F(Outage, BothAreAwayAtStart) {
  // One scheduler knows the actions from its ledger, the other is new.
  const std::string fresh_topic = unique_name("fresh");
  kafka().create_topic(fresh_topic);
  const WorkFolder fresh_folder;
  fresh_folder.write("config.yaml", stage_.config());
  {
    SchedulerProcess before(folder_, {});
    ASSERT_TRUE(fires_beyond(now() + Seconds{1})) << before.err();
    EXPECT_EQ(before.stop(), 0);
  }
  postgres().stop();
  kafka().stop();
  SchedulerProcess process(folder_, {});
  SchedulerProcess fresh(fresh_folder, {"--set", "kafka.topic=" + fresh_topic});
  endure(process, std::chrono::seconds(6));
  EXPECT_TRUE(fresh.running()) << fresh.err();

  kafka().start();
  ASSERT_TRUE(fires_beyond(now() + Seconds{1})) << "the ledger knows the actions\n" << process.err();
  EXPECT_THAT(stage_.fired_in(fresh_topic).messages(), IsEmpty()) << "nobody knows an action yet";
  postgres().start();
  stage_.sql(insert_row("$T", kActions + 1, "afterwards", every(1)));
  EXPECT_TRUE(fires_beyond(now(), kActions + 1)) << process.err();
  EXPECT_TRUE(eventually([&] { return stage_.fired_in(fresh_topic).count(kActions + 1) > 2; })) << fresh.err();
  EXPECT_EQ(process.stop(), 0);
  EXPECT_EQ(fresh.stop(), 0);
  for (const FiredList& fired : {stage_.fired(), stage_.fired_in(fresh_topic)}) {
    EXPECT_THAT(fired.repeated(), IsEmpty());
    expect_no_gaps(fired);
  }
}

}  // namespace
}  // namespace action_scheduler::testing
