// What `check` finds out of a real cluster.
#include <gmock/gmock.h>

#include "callbacks/kafka/check.h"
#include "tests/callbacks/kafka/kafka_fixture.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Mode = KafkaOptions::DeliveryMode;

// "good: ...", "note: ...", "fault: ..."
std::vector<std::string> checked(const CallbackOptions& options, const std::vector<std::string>& topics = {}) {
  std::vector<std::string> lines;
  for (const CallbackFinding& finding : check_kafka_callback(options, topics)) {
    const char* const kind = finding.kind == CallbackFinding::Kind::good   ? "good: "
                             : finding.kind == CallbackFinding::Kind::note ? "note: "
                                                                           : "fault: ";
    lines.push_back(kind + finding.text);
  }
  return lines;
}

class KafkaCheckTest : public KafkaTest {
 protected:
  // As user `app` of the broker with rights.
  CallbackOptions restricted(Mode mode) {
    KafkaServer& server = controlled_kafka();
    CallbackOptions options = kafka_options(server.secured_address(), mode);
    options.kafka.properties = {{"security.protocol", "SASL_SSL"},
                                {"sasl.mechanisms", "PLAIN"},
                                {"sasl.username", "app"},
                                {"sasl.password", "pw"},
                                {"ssl.ca.location", server.ca_file().string()}};
    server.create_topic(options.kafka.topic);
    return options;
  }
};

TEST_F(KafkaCheckTest, IsContentWithAClusterThatIsReady) {
  open(Mode::automatic);
  const auto lines = checked(options_);
  EXPECT_THAT(lines, Each(Not(StartsWith("fault"))));
  EXPECT_THAT(lines, Contains("good: 1 broker"));
  EXPECT_THAT(lines, Contains("good: topic " + options_.kafka.topic + ", 1 partition"));
  EXPECT_THAT(lines, Contains(AllOf(StartsWith("good: delivery exactly_once"), HasSubstr("is known"))));
}

TEST_F(KafkaCheckTest, DoesNotFenceTheSchedulerThatRuns) {
  open(Mode::exactly_once);
  FireList first;
  first.add(1, "a");
  EXPECT_EQ(callback_->deliver(first.batch()).status, DeliveryStatus::settled);
  EXPECT_THAT(checked(options_), Each(Not(StartsWith("fault"))));
  FireList second;
  second.add(2, "b");
  EXPECT_EQ(callback_->deliver(second.batch()).status, DeliveryStatus::settled);
  EXPECT_EQ(values(options_.kafka.topic).size(), 2U);
}

TEST_F(KafkaCheckTest, NamesEachTopicThatDoesNotExistAndCreatesNone) {
  open(Mode::at_least_once);
  const std::string missing = unique_name("missing");
  for (int round = 0; round < 2; ++round) {
    const auto lines = checked(options_, {missing, options_.kafka.topic, "also-" + missing});
    EXPECT_THAT(lines, Contains("fault: topic " + missing + " does not exist: create it, or correct the name"));
    EXPECT_THAT(lines, Contains(HasSubstr("topic also-" + missing + " does not exist")));
    EXPECT_EQ(lines.size(), 5U) << ::testing::PrintToString(lines);
  }
}

TEST_F(KafkaCheckTest, SaysThatNoBrokerAnswers) {
  const auto lines = checked(kafka_options("127.0.0.1:1", Mode::automatic));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], AllOf(StartsWith("fault: kafka.server: no broker answers: "), HasSubstr("127.0.0.1:1")));
}

TEST_F(KafkaCheckTest, NamesTheRightsThatAreMissing) {
  const CallbackOptions options = restricted(Mode::automatic);
  auto lines = checked(options);
  EXPECT_THAT(lines, Contains(AllOf(StartsWith("fault: "), HasSubstr("allow Write on the topics"))));
  EXPECT_THAT(lines, Contains(AllOf(StartsWith("fault: topic " + options.kafka.topic), HasSubstr("no right"))));

  controlled_kafka().allow("All", "topic", options.kafka.topic);
  lines = checked(options);
  EXPECT_THAT(lines, Each(Not(StartsWith("fault"))));
  EXPECT_THAT(lines, Contains(AllOf(StartsWith("note: delivery at_least_once"),
                                    HasSubstr("allow Describe and Read on group " + options.instance))));

  CallbackOptions strict = options;
  strict.kafka.delivery = Mode::exactly_once;
  EXPECT_THAT(checked(strict), Contains(StartsWith("fault: delivery exactly_once, as configured")));
  strict.kafka.delivery = Mode::automatic;
  strict.exactly_once_used = true;
  EXPECT_THAT(checked(strict), Contains(StartsWith("fault: delivery exactly_once, which this ledger has used before")));

  controlled_kafka().allow("All", "group", options.instance);
  EXPECT_THAT(checked(options), Contains(AllOf(StartsWith("good: delivery exactly_once"), HasSubstr("begins anew"))));
}

TEST_F(KafkaCheckTest, SaysThatItCannotSeeTheRightToWriteToOneTopic) {
  const CallbackOptions options = restricted(Mode::at_least_once);
  controlled_kafka().allow("All", "topic", options.kafka.topic);
  const std::string described = unique_name("described");
  controlled_kafka().create_topic(described);
  controlled_kafka().allow("Describe", "topic", described);
  EXPECT_THAT(checked(options, {described}),
              Contains(AllOf(StartsWith("note: whether each topic may be written to"), HasSubstr("allow Describe and Write"))));
}

TEST_F(KafkaCheckTest, SaysWhyAClusterThatIsSetUpForThreeBrokersTakesNoTransactions) {
  KafkaServerOptions server_options;
  server_options.properties["transaction.state.log.replication.factor"] = "3";
  KafkaServer server(server_options);
  CallbackOptions options = kafka_options(server.address(), Mode::automatic);
  server.create_topic(options.kafka.topic);
  EXPECT_THAT(checked(options),
              Contains(AllOf(StartsWith("note: delivery at_least_once"),
                             HasSubstr("transaction.state.log.replication.factor is 3"), HasSubstr("set it to 1"))));
  options.kafka.delivery = Mode::at_least_once;
  EXPECT_THAT(checked(options), Contains("good: delivery at_least_once, as configured"));
}

}  // namespace
}  // namespace action_scheduler::testing
