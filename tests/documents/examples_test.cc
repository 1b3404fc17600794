// The consumers of examples/, on a topic that holds a fire sent twice, an expired one, and one of an aborted transaction.
#include <signal.h>

#include "tests/documents/servers.h"
#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

struct Example {
  std::string name;
  std::string program;
  std::vector<std::string> arguments;
  std::string done_variable;
  int ends_with;  // on SIGTERM
};

class ConsumerExample : public ::testing::TestWithParam<Example> {
 protected:
  void SetUp() override {
    topic_ = unique_name("fires");
    document_kafka().create_topic(topic_);
    const WorkFolder folder;
    SchedulerProcess producer(folder, {fs::absolute("tests/documents/produce_fires.py"), document_kafka().address(), topic_}, {},
                              "/usr/bin/python3");
    ASSERT_EQ(producer.wait(), 0) << producer.err();
  }

  SchedulerProcess consume(const WorkFolder& folder, const std::string& group) const {
    return SchedulerProcess(folder, GetParam().arguments,
                            {{"KAFKA_SERVER", document_kafka().address()},
                             {"KAFKA_TOPIC", topic_},
                             {"KAFKA_GROUP", topic_ + group},
                             {GetParam().done_variable, memory_.path() / "done"}},
                            GetParam().program);
  }

  std::string topic_;
  WorkFolder memory_;  // lives through restarts
};

TEST_P(ConsumerExample, ActsOnEachFireOnceAndKnowsItAfterACrash) {
  {
    const WorkFolder folder;
    SchedulerProcess consumer = consume(folder, "");
    ASSERT_TRUE(eventually([&] {
      return consumer.err().find("4@2026-11-21T10:00:00Z is worth nothing any more") != std::string::npos;
    })) << consumer.err();
    EXPECT_THAT(consumer.out(),
                ::testing::MatchesRegex("1@2026-11-21T10:00:00Z [^\n]*first[^\n]*\n3@2026-11-21T10:00:00Z [^\n]*\n"));
    EXPECT_THAT(consumer.err(), AllOf(HasSubstr("1@2026-11-21T10:00:00Z was done before"), Not(HasSubstr("2@"))));
    consumer.signal(SIGKILL);
    ASSERT_EQ(consumer.wait(), 128 + SIGKILL);
  }
  // Another group begins anew: as if the offsets had not been committed before the kill.
  const WorkFolder folder;
  SchedulerProcess consumer = consume(folder, "-again");
  EXPECT_TRUE(eventually([&] { return consumer.err().find("3@2026-11-21T10:00:00Z was done before") != std::string::npos; }))
      << consumer.err();
  EXPECT_EQ(consumer.out(), "");
  EXPECT_EQ(consumer.stop(), GetParam().ends_with) << consumer.err();
}

INSTANTIATE_TEST_SUITE_P(
    Each, ConsumerExample,
    ::testing::Values(Example{"Python", "/usr/bin/python3", {fs::absolute("examples/python/consumer.py")}, "DONE_DATABASE", 0},
                      Example{"Java",
                              "/usr/bin/java",
                              {"-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                               "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", kafka_jars() + "/*",
                               fs::absolute("examples/java/FireConsumer.java")},
                              "DONE_FILE",
                              128 + SIGTERM}),
    [](const auto& example) { return example.param.name; });

}  // namespace
}  // namespace action_scheduler::testing
