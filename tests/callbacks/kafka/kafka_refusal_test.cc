// Fires that cannot be sent, and the others.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "tests/callbacks/kafka/kafka_fixture.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Mode = KafkaOptions::DeliveryMode;

class KafkaRefusal : public KafkaTest, public ::testing::WithParamInterface<Mode> {
 protected:
  bool exactly_once() const { return GetParam() == Mode::exactly_once; }

  // Delivers as the engine does: refused fires are noted and the rest is handed over again.
  std::vector<Refusal> deliver(const FireList& fires) {
    std::vector<std::size_t> where;
    for (std::size_t i = 0; i < fires.fires.size(); ++i) where.push_back(i);
    std::vector<Refusal> refused;
    std::string last_error;
    for (int round = 0; round < 8; ++round) {
      std::vector<Fire> rest;
      for (const std::size_t i : where) rest.push_back(fires.fires[i]);
      const DeliveryReport report = callback_->deliver({rest, fires.actions, fires.batch().position, 0});
      for (Refusal refusal : report.refused) {
        refusal.index = where[refusal.index];
        refused.push_back(refusal);
      }
      if (report.status == DeliveryStatus::settled) return refused;
      last_error = report.error.message;
      if (report.reclaim) {
        claim_kafka(*callback_);
        continue;
      }
      EXPECT_EQ(report.status, exactly_once() ? DeliveryStatus::refused : DeliveryStatus::unavailable) << report.error.message;
      std::vector<std::size_t> left;
      for (const std::size_t i : report.unsent) left.push_back(where[i]);
      where = left;
    }
    ADD_FAILURE() << "not settled: " << last_error;
    return refused;
  }
};

TEST_P(KafkaRefusal, TellsAMessageOverTheTopicsLimitBeforeItIsSent) {
  open(GetParam());
  const std::string small = unique_name("small");
  create_kafka_topic(address_, small, 1, {{"max.message.bytes", "20000"}});
  FireList fires;
  fires.add(1, "ok", small).add(2, std::string(30'000, 'x'), small).add(3, "fine", small);
  const auto refused = deliver(fires);
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].index, 1U);
  EXPECT_FALSE(refused[0].whole_topic);
  EXPECT_THAT(refused[0].reason, HasSubstr("takes 20000"));
  EXPECT_THAT(values(small), ElementsAre(R"({"command": "ok"})", R"({"command": "fine"})"));
}

TEST_P(KafkaRefusal, SendsABurstOfSmallMessagesToATopicThatTakesOnlySmallBatches) {
  open(GetParam());
  const std::string small = unique_name("small");
  create_kafka_topic(address_, small, 1, {{"max.message.bytes", "5000"}});
  FireList fires;
  for (int id = 1; id <= 100; ++id) fires.add(id, std::string(300, 'x'), small);
  EXPECT_TRUE(deliver(fires).empty());
  EXPECT_EQ(values(small).size(), 100U);
}

TEST_P(KafkaRefusal, TakesMessagesAsLargeAsTheTopicAllows) {
  open(GetParam());
  const std::string large = unique_name("large");
  create_kafka_topic(address_, large, 1, {{"max.message.bytes", "5000000"}});
  FireList fires;
  fires.add(1, std::string(4'000'000, 'x'), large).add(2, "small");
  EXPECT_TRUE(deliver(fires).empty());
  EXPECT_EQ(values(large).size(), 1U);
}

TEST_P(KafkaRefusal, FindsTheCulpritInABatchThatTheBrokerRefuses) {
  open(GetParam());
  const std::string compacted = unique_name("compacted");
  create_kafka_topic(address_, compacted, 1, {{"cleanup.policy", "compact"}});
  options_.kafka.key = KafkaOptions::Key::none;
  callback_ = make_kafka(options_);
  claim_kafka(*callback_);
  FireList fires;
  fires.add(1, "a", compacted, {}, "k1").add(2, "no key", compacted).add(3, "c", compacted, {}, "k3");
  const auto refused = deliver(fires);
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].index, 1U);
  EXPECT_EQ(values(compacted).size(), 2U);
}

TEST_P(KafkaRefusal, SaysThatTheClocksDifferWhereATopicDoesNotTakeOurTime) {
  open(GetParam());
  const std::string strict = unique_name("strict");
  create_kafka_topic(address_, strict, 1, {{"message.timestamp.before.max.ms", "0"}});
  FireList fires;
  fires.add(1, "a", strict).add(2, "b");
  // What the broker gets within the millisecond in which it was handed over is in time.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::vector<Refusal> refused;
  while (refused.empty() && std::chrono::steady_clock::now() < deadline) refused = deliver(fires);
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].index, 0U);
  EXPECT_TRUE(refused[0].whole_topic);
  EXPECT_THAT(refused[0].reason, HasSubstr("clock"));
}

TEST_P(KafkaRefusal, ParksATopicThatTheRightsDoNotCoverAndSendsTheOthers) {
  KafkaServer& server = controlled_kafka();
  address_ = server.address();
  options_ = kafka_options(server.secured_address(), GetParam());
  options_.kafka.properties = {{"security.protocol", "SASL_SSL"},
                               {"sasl.mechanisms", "PLAIN"},
                               {"sasl.username", "app"},
                               {"sasl.password", "pw"},
                               {"ssl.ca.location", server.ca_file().string()}};
  const std::string described = unique_name("described");
  const std::string hidden = unique_name("hidden");
  for (const std::string& topic : {options_.kafka.topic, described, hidden}) server.create_topic(topic);
  server.allow("All", "topic", options_.kafka.topic);
  server.allow("All", "group", options_.instance);
  server.allow("All", "transactional-id", options_.instance);
  server.allow("Describe", "topic", described);
  callback_ = make_kafka(options_);
  claim_kafka(*callback_);

  FireList fires;
  fires.add(1, "a").add(2, "b", described).add(3, "c", hidden).add(4, "d");
  const auto refused = deliver(fires);
  ASSERT_EQ(refused.size(), 2U);
  for (const Refusal& refusal : refused) {
    EXPECT_TRUE(refusal.whole_topic);
    EXPECT_THAT(refusal.reason, HasSubstr("no right"));
  }
  EXPECT_THAT(values(options_.kafka.topic), ElementsAre(R"({"command": "a"})", R"({"command": "d"})"));
}

TEST_P(KafkaRefusal, SendsAgainOnceTheTopicExists) {
  open(GetParam());
  const std::string late = unique_name("late");
  FireList fires;
  fires.add(1, "a", late);
  EXPECT_EQ(deliver(fires).size(), 1U);
  create_kafka_topic(address_, late);
  // Bad news is believed for some seconds.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!deliver(fires).empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(values(late).size(), 1U);
}

TEST_P(KafkaRefusal, SendsAgainOnceTheTopicTakesLargerMessages) {
  open(GetParam());
  const std::string narrow = unique_name("narrow");
  create_kafka_topic(address_, narrow, 1, {{"max.message.bytes", "100"}});
  FireList fires;
  fires.add(1, "a", narrow);
  for (int time = 0; time < 2; ++time) EXPECT_EQ(deliver(fires).size(), 1U);  // the second one knows the limit
  configure_kafka_topic(address_, narrow, {});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!deliver(fires).empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(values(narrow).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Kafka, KafkaRefusal, ::testing::Values(Mode::exactly_once, Mode::at_least_once),
                         [](const auto& kind) { return kind.param == Mode::exactly_once ? "ExactlyOnce" : "AtLeastOnce"; });

}  // namespace
}  // namespace action_scheduler::testing
