// Topics whose only broker is gone, among good ones.
#include <algorithm>
#include <memory>

#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kGood = 1;
constexpr int kOnKilled = 2;
constexpr int kOnStopped = 3;

// One scheduler with three actions: one for each broker.
struct Trial {
  Trial(const Stage& s, const KafkaServer& founder, const std::string& mode) : stage(s), delivery(mode) {
    for (std::string* topic : {&good, &on_killed, &on_stopped}) *topic = unique_name("fires");
    folder.write("config.yaml", stage.config(delivery));
    arguments = {"--set", "kafka.server=" + founder.address(), "--set", "kafka.topic=" + good,
                 "--set", "kafka.delivery_timeout=2"};
  }

  Stage stage;
  const std::string delivery;
  std::string good;
  std::string on_killed;
  std::string on_stopped;
  std::vector<std::string> arguments;
  WorkFolder folder;
  std::unique_ptr<SchedulerProcess> process;
};

FiredList fired_in(const KafkaServer& server, const std::string& topic) {
  return FiredList(KafkaReader(server.address()).read_all(topic, std::chrono::seconds(60)));
}

bool fires_beyond(const KafkaServer& server, const std::string& topic, int action, Instant t, int timeout_s = 60) {
  return eventually([&] { return fired_in(server, topic).latest(action) > t; }, std::chrono::seconds(timeout_s));
}

TEST(SilentTopic, IsParkedWhileTheOthersGoOnAndComesLaterWithNothingLost) {
  KafkaServer good;
  Stage stages[2];
  Trial trials[] = {Trial(stages[0], good, "exactly_once"), Trial(stages[1], good, "at_least_once")};
  // The cluster makes its own topics, of offsets and transactions, while there is no other broker to have them.
  for (Trial& trial : trials) {
    good.create_topic(trial.good);
    trial.stage.create_table();
    trial.stage.sql(insert_row("$T", kGood, "good", every(1)));
    trial.process = std::make_unique<SchedulerProcess>(trial.folder, trial.arguments);
    ASSERT_TRUE(fires_beyond(good, trial.good, kGood, now())) << trial.process->err();
  }
  KafkaServerOptions joining;
  joining.founder = &good;
  joining.node_id = 2;
  KafkaServer killed(joining);
  joining.node_id = 3;
  KafkaServer stopped(joining);
  for (Trial& trial : trials) {
    killed.create_topic_here(trial.on_killed);
    stopped.create_topic_here(trial.on_stopped);
    trial.stage.sql(insert_row("$T", kOnKilled, "on killed", every(1)) + insert_row("$T", kOnStopped, "on stopped", every(1)));
    trial.stage.sql("UPDATE $T SET topic = '" + trial.on_killed + "' WHERE id = " + std::to_string(kOnKilled));
    trial.stage.sql("UPDATE $T SET topic = '" + trial.on_stopped + "' WHERE id = " + std::to_string(kOnStopped));
    ASSERT_TRUE(fires_beyond(good, trial.on_killed, kOnKilled, now())) << trial.process->err();
    ASSERT_TRUE(fires_beyond(good, trial.on_stopped, kOnStopped, now())) << trial.process->err();
  }

  killed.kill();
  stopped.pause();
  for (Trial& trial : trials) {
    SCOPED_TRACE(trial.delivery);
    EXPECT_TRUE(eventually([&] {
      const std::vector<std::string> lines = lines_with(trial.process->err(), "fire is parked");
      const auto names = [&](const std::string& topic) {
        return std::ranges::any_of(lines, [&](const std::string& line) { return line.find("topic " + topic) != line.npos; });
      };
      return names(trial.on_killed) && names(trial.on_stopped);
    })) << trial.process->err();
  }
  const Instant parked = now();
  for (Trial& trial : trials) {
    EXPECT_TRUE(fires_beyond(good, trial.good, kGood, parked + Seconds{3}, 8)) << "the others go on\n" << trial.process->err();
    EXPECT_THAT(trial.process->err(), Not(HasSubstr("topic " + trial.good)));
  }

  killed.start();
  stopped.resume();
  const Instant back = now();
  for (Trial& trial : trials) {
    SCOPED_TRACE(trial.delivery);
    EXPECT_TRUE(fires_beyond(good, trial.on_killed, kOnKilled, back)) << trial.process->err();
    EXPECT_TRUE(fires_beyond(good, trial.on_stopped, kOnStopped, back)) << trial.process->err();
    const auto complete = [&](const std::string& topic, int action) {
      return eventually([&] { return fired_in(good, topic).gaps(action).empty(); }, std::chrono::seconds(60));
    };
    EXPECT_TRUE(complete(trial.on_killed, kOnKilled)) << trial.process->err();
    EXPECT_TRUE(complete(trial.on_stopped, kOnStopped)) << trial.process->err();
    EXPECT_EQ(trial.process->stop(), 0);
    for (const auto& [topic, action] :
         {std::pair(trial.good, kGood), {trial.on_killed, kOnKilled}, {trial.on_stopped, kOnStopped}}) {
      const FiredList fired = fired_in(good, topic);
      EXPECT_THAT(fired.gaps(action), IsEmpty());
      EXPECT_THAT(fired.repeated_without_attempt(), IsEmpty());
      if (trial.delivery == "exactly_once") {
        EXPECT_THAT(fired.repeated(), IsEmpty());
      }
    }
  }
}

}  // namespace
}  // namespace action_scheduler::testing
