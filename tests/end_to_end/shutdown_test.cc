// SIGTERM and SIGINT end the process cleanly, whatever state the receiver is in.
#include <signal.h>

#include <memory>

#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::IsEmpty;

constexpr std::chrono::seconds kShutdownTimeout{3};
constexpr int kActions = 50;

// The signal, then exit code 0 in time.
void expect_clean_end(SchedulerProcess& process, int signal) {
  const auto begin = std::chrono::steady_clock::now();
  process.signal(signal);
  EXPECT_EQ(process.wait(), 0) << process.err();
  EXPECT_LE(std::chrono::steady_clock::now() - begin, kShutdownTimeout + std::chrono::seconds(1)) << process.err();
}

// A scheduler for each promise, over rows and topics of their own.
struct Trial {
  explicit Trial(const std::string& delivery_mode) : delivery(delivery_mode) {
    stage.create_table();
    stage.sql("INSERT INTO $T (id, name, command, cron) SELECT n, 'a' || n, 'c' || n, '" + every(1) +
              "' FROM generate_series(1, " + std::to_string(kActions) + ") n");
    folder.write("config.yaml", stage.config(delivery, "shutdown_timeout: 3\n"));
  }

  void start() { process = std::make_unique<SchedulerProcess>(folder, std::vector<std::string>{}); }

  bool fires_beyond(Instant t) const {
    return stage.fires_until([&](const FiredList& fired) { return fired.latest(1) > t; }, std::chrono::seconds(60));
  }

  const std::string delivery;
  Stage stage;
  WorkFolder folder;
  std::unique_ptr<SchedulerProcess> process;
};

class Shutdown : public ::testing::Test {
 protected:
  void TearDown() override { kafka().start(); }

  Trial trials_[2] = {Trial("exactly_once"), Trial("at_least_once")};
};

class ShutdownBy : public Shutdown, public ::testing::WithParamInterface<int> {};

TEST_P(ShutdownBy, ExitsWith0AndTheNextStartRepeatsNothing) {
  for (int start = 0; start < 3; ++start) {
    const Instant started = now();
    for (Trial& trial : trials_) trial.start();
    for (Trial& trial : trials_) ASSERT_TRUE(trial.fires_beyond(started)) << trial.process->err();
    for (Trial& trial : trials_) expect_clean_end(*trial.process, GetParam());
  }
  for (const Trial& trial : trials_) {
    SCOPED_TRACE(trial.delivery);
    const FiredList fired = trial.stage.fired();
    EXPECT_THAT(fired.repeated(), IsEmpty());
    for (int id = 1; id <= kActions; ++id) EXPECT_THAT(fired.gaps(id), IsEmpty());
    for (const ReadMessage& message : fired.messages()) EXPECT_EQ(message.header("ce_attempt"), "1");
  }
}

INSTANTIATE_TEST_SUITE_P(Signals, ShutdownBy, ::testing::Values(SIGTERM, SIGINT),
                         [](const auto& signal) { return std::string(signal.param == SIGTERM ? "SIGTERM" : "SIGINT"); });

TEST_F(Shutdown, EndsInTimeWhileKafkaIsDownAndNothingIsLost) {
  for (Trial& trial : trials_) trial.start();
  for (Trial& trial : trials_) ASSERT_TRUE(trial.fires_beyond(now())) << trial.process->err();
  kafka().stop();
  const Instant stopped = now();
  ASSERT_TRUE(eventually([&] { return now() > stopped + Seconds{1}; })) << "fires are under way";
  for (Trial& trial : trials_) expect_clean_end(*trial.process, SIGTERM);

  // Once more before Kafka was ever reached.
  for (Trial& trial : trials_) {
    trial.start();
    ASSERT_TRUE(eventually([&] { return lines_with(trial.process->err(), "event=\"started\"").size() > 1; }));
    expect_clean_end(*trial.process, SIGINT);
  }

  kafka().start();
  for (Trial& trial : trials_) trial.start();
  const Instant back = now();
  for (Trial& trial : trials_) {
    SCOPED_TRACE(trial.delivery);
    ASSERT_TRUE(trial.fires_beyond(back + Seconds{1})) << trial.process->err();
    expect_clean_end(*trial.process, SIGTERM);
    const FiredList fired = trial.stage.fired();
    for (int id = 1; id <= kActions; ++id) EXPECT_THAT(fired.gaps(id), IsEmpty());
    EXPECT_THAT(fired.repeated_without_attempt(), IsEmpty());
    if (trial.delivery == "exactly_once") {
      EXPECT_THAT(fired.repeated(), IsEmpty());
    }
  }
}

}  // namespace
}  // namespace action_scheduler::testing
