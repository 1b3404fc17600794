// SIGTERM and SIGINT end the process cleanly, whatever state the receiver is in.
#include <signal.h>

#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::IsEmpty;

constexpr std::chrono::seconds kShutdownTimeout{3};

class Shutdown : public ::testing::Test, public ::testing::WithParamInterface<int> {
 protected:
  void SetUp() override {
    stage_.create_table();
    stage_.sql("INSERT INTO $T (id, name, command, cron) SELECT n, 'a' || n, 'c' || n, '" + every(1) +
               "' FROM generate_series(1, 50) n");
  }
  void TearDown() override { kafka().start(); }

  void configure(const std::string& delivery) { folder_.write("config.yaml", stage_.config(delivery, "shutdown_timeout: 3\n")); }

  bool fires_beyond(Instant t) const {
    return stage_.fires_until([&](const FiredList& fired) { return fired.latest(1) > t; }, std::chrono::seconds(60));
  }

  // The signal, then exit code 0 in time.
  static void expect_clean_end(SchedulerProcess& process, int signal) {
    const auto begin = std::chrono::steady_clock::now();
    process.signal(signal);
    EXPECT_EQ(process.wait(), 0) << process.err();
    EXPECT_LE(std::chrono::steady_clock::now() - begin, kShutdownTimeout + std::chrono::seconds(1)) << process.err();
  }

  Stage stage_;
  WorkFolder folder_;
};

class ShutdownBy : public Shutdown {};

TEST_P(ShutdownBy, ExitsWith0AndTheNextStartRepeatsNothing) {
  for (const char* delivery : {"exactly_once", "at_least_once"}) {
    SCOPED_TRACE(delivery);
    const Stage stage;
    stage.create_table();
    stage.sql(insert_row("$T", 1, "one", every(1)));
    const WorkFolder folder;
    folder.write("config.yaml", stage.config(delivery, "shutdown_timeout: 3\n"));
    for (int start = 0; start < 3; ++start) {
      SchedulerProcess process(folder, {});
      const Instant started = now();
      ASSERT_TRUE(stage.fires_until([&](const FiredList& fired) { return fired.latest(1) > started; })) << process.err();
      expect_clean_end(process, GetParam());
    }
    EXPECT_THAT(stage.fired().repeated(), IsEmpty());
    EXPECT_THAT(stage.fired().gaps(1), IsEmpty());
    for (const ReadMessage& message : stage.fired().messages()) EXPECT_EQ(message.header("ce_attempt"), "1");
  }
}

INSTANTIATE_TEST_SUITE_P(Signals, ShutdownBy, ::testing::Values(SIGTERM, SIGINT),
                         [](const auto& signal) { return std::string(signal.param == SIGTERM ? "SIGTERM" : "SIGINT"); });

class ShutdownWhileKafkaIsDown : public Shutdown {
 protected:
  void go_down_and_come_back(const std::string& delivery) {
    configure(delivery);
    {
      SchedulerProcess process(folder_, {});
      ASSERT_TRUE(fires_beyond(now() + Seconds{1})) << process.err();
      kafka().stop();
      const Instant stopped = now();
      ASSERT_TRUE(eventually([&] { return now() > stopped + Seconds{1}; })) << "fires are under way";
      expect_clean_end(process, SIGTERM);
    }
    {
      SchedulerProcess process(folder_, {});
      ASSERT_TRUE(eventually([&] { return lines_with(process.err(), "event=\"started\"").size() > 1; })) << process.err();
      expect_clean_end(process, SIGINT);
    }
    kafka().start();
    SchedulerProcess process(folder_, {});
    ASSERT_TRUE(fires_beyond(now() + Seconds{1})) << process.err();
    expect_clean_end(process, SIGTERM);
    for (int id = 1; id <= 50; ++id) EXPECT_THAT(stage_.fired().gaps(id), IsEmpty());
    EXPECT_THAT(stage_.fired().repeated_without_attempt(), IsEmpty());
  }
};

TEST_F(ShutdownWhileKafkaIsDown, ExitsInTimeAndLosesNothingExactlyOnce) {
  go_down_and_come_back("exactly_once");
  EXPECT_THAT(stage_.fired().repeated(), IsEmpty());
}

TEST_F(ShutdownWhileKafkaIsDown, ExitsInTimeAndLosesNothingAtLeastOnce) { go_down_and_come_back("at_least_once"); }

}  // namespace
}  // namespace action_scheduler::testing
