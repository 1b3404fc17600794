// kafka.delivery: auto.
#include <gmock/gmock.h>

#include "tests/callbacks/kafka/kafka_fixture.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Mode = KafkaOptions::DeliveryMode;

std::string failure_of(Callback& callback) {
  const auto result = callback.claim();
  return std::holds_alternative<Claim>(result) ? "" : std::get<Callback::ClaimFailure>(result).error.message;
}

// A one-broker cluster that was set up with Kafka's defaults, for three.
class KafkaWithoutCoordinator : public KafkaTest {
 protected:
  static void SetUpTestSuite() {
    KafkaServerOptions options;
    options.properties["transaction.state.log.replication.factor"] = "3";
    options.properties["transaction.state.log.min.isr"] = "2";
    server_ = std::make_unique<KafkaServer>(options);
  }
  static void TearDownTestSuite() { server_.reset(); }

  KafkaWithoutCoordinator() {
    address_ = server_->address();
    options_ = kafka_options(address_, Mode::automatic);
    options_.kafka.step_down_after = std::chrono::seconds(2);
    options_.log = &log_;
    server_->create_topic(options_.kafka.topic);
  }

  static std::unique_ptr<KafkaServer> server_;
  WarningLog log_;
};

std::unique_ptr<KafkaServer> KafkaWithoutCoordinator::server_;

TEST_F(KafkaWithoutCoordinator, AutoStepsDownAndNamesCauseAndCure) {
  callback_ = make_kafka(options_);
  EXPECT_THAT(failure_of(*callback_), AllOf(HasSubstr("transaction.state.log.replication.factor is 3"), HasSubstr("1 broker")));
  EXPECT_EQ(claim_kafka(*callback_).delivery, Delivery::at_least_once);
  ASSERT_EQ(log_.lines.size(), 1U) << ::testing::PrintToString(log_.lines);
  EXPECT_THAT(log_.lines[0], AllOf(HasSubstr("at_least_once"), HasSubstr("set it to 1")));
  FireList fires;
  fires.add(1, "a");
  EXPECT_EQ(callback_->deliver(fires.batch()).status, DeliveryStatus::settled);
  EXPECT_EQ(values(options_.kafka.topic).size(), 1U);
}

TEST_F(KafkaWithoutCoordinator, AutoNeverStepsDownOnceExactlyOnceWasUsed) {
  options_.exactly_once_used = true;
  options_.kafka.step_down_after = std::chrono::seconds(0);
  callback_ = make_kafka(options_);
  EXPECT_NE(failure_of(*callback_), "");
  EXPECT_TRUE(log_.lines.empty());
}

TEST_F(KafkaWithoutCoordinator, ExactlyOnceWaitsAndSaysWhy) {
  options_.kafka.delivery = Mode::exactly_once;
  options_.kafka.step_down_after = std::chrono::seconds(0);
  callback_ = make_kafka(options_);
  EXPECT_THAT(failure_of(*callback_), HasSubstr("transaction.state.log.replication.factor is 3"));
}

TEST_F(KafkaTest, AutoStepsDownWhereRightsForTransactionsAreMissing) {
  KafkaServer& server = controlled_kafka();
  address_ = server.address();
  options_ = kafka_options(server.secured_address(), Mode::automatic);
  options_.kafka.properties = {{"security.protocol", "SASL_SSL"},
                               {"sasl.mechanisms", "PLAIN"},
                               {"sasl.username", "app"},
                               {"sasl.password", "pw"},
                               {"ssl.ca.location", server.ca_file().string()}};
  options_.kafka.step_down_after = std::chrono::seconds(1);
  WarningLog log;
  options_.log = &log;
  server.create_topic(options_.kafka.topic);
  server.allow("All", "topic", options_.kafka.topic);
  callback_ = make_kafka(options_);
  EXPECT_THAT(failure_of(*callback_), HasSubstr("allow Describe and Write on transactional id " + options_.instance));
  EXPECT_EQ(claim_kafka(*callback_).delivery, Delivery::at_least_once);
  ASSERT_EQ(log.lines.size(), 1U) << ::testing::PrintToString(log.lines);
  EXPECT_THAT(log.lines[0], HasSubstr("transactional id"));
  FireList fires;
  fires.add(1, "a");
  EXPECT_EQ(callback_->deliver(fires.batch()).status, DeliveryStatus::settled);
  callback_.reset();
}

TEST_F(KafkaTest, AutoNamesTheGroupWhereOnlyThatRightIsMissing) {
  KafkaServer& server = controlled_kafka();
  address_ = server.address();
  options_ = kafka_options(server.secured_address(), Mode::automatic);
  options_.kafka.properties = {{"security.protocol", "SASL_SSL"},
                               {"sasl.mechanisms", "PLAIN"},
                               {"sasl.username", "app"},
                               {"sasl.password", "pw"},
                               {"ssl.ca.location", server.ca_file().string()}};
  server.create_topic(options_.kafka.topic);
  server.allow("All", "topic", options_.kafka.topic);
  server.allow("All", "transactional-id", options_.instance);
  callback_ = make_kafka(options_);
  EXPECT_THAT(failure_of(*callback_), HasSubstr("allow Describe and Read on group " + options_.instance));
  server.allow("Describe", "group", options_.instance);
  EXPECT_THAT(failure_of(*callback_), HasSubstr("allow Describe and Read on group " + options_.instance));
  server.allow("Read", "group", options_.instance);
  EXPECT_EQ(claim_kafka(*callback_).delivery, Delivery::exactly_once);
}

TEST_F(KafkaTest, AutoWaitsForeverForAClusterThatDoesNotAnswer) {
  options_ = kafka_options("127.0.0.1:1", Mode::automatic);
  options_.kafka.step_down_after = std::chrono::seconds(0);
  callback_ = make_kafka(options_);
  for (int attempt = 0; attempt < 2; ++attempt) EXPECT_THAT(failure_of(*callback_), HasSubstr("no broker answers"));
}

}  // namespace
}  // namespace action_scheduler::testing
