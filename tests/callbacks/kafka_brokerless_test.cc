// What delivery to Kafka decides by itself: the client's failures and what is known of the topics are given, no broker is there.
#include <gtest/gtest.h>

#include "action_scheduler/clock.h"
#include "callbacks/interruption.h"
#include "callbacks/kafka/verdict.h"
#include "tests/callbacks/batches.h"
#include "tests/callbacks/mute_server.h"
#include "tests/callbacks/zero_clock.h"

namespace action_scheduler::testing {
namespace {

CallbackOptions options_with(Clock& clock, const std::string& server) {
  CallbackOptions options;
  options.instance = "brokerless";
  options.clock = &clock;
  options.kafka.servers = {server};
  options.kafka.topic = "silent";
  return options;
}

// Two fires were handed over, each to a topic of its own; that of `silent` was not acknowledged in time.
class Silence : public ::testing::Test {
 protected:
  void SetUp() override {
    interruption_.set(Interruption::Time{});  // nothing waits
    ASSERT_TRUE(producer_.connect(""));
    fires_.add(1, "a", "silent").add(2, "b", "other");
    for (std::size_t i = 0; i < fires_.fires.size(); ++i) {
      const ActionText& text = fires_.actions.find(fires_.fires[i].action)->text();
      slots_.push_back({i, &text, &producer_.topics().find(*text.topic())});
      slots_.back().topic->checked = true;
    }
  }

  void judge_silence() {
    for (const kafka::Slot& slot : slots_) slot.topic->handed = 1;
    producer_.client().clear_failures();
    producer_.client().fail({0, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, false});
    verdict_ = kafka::judge(producer_, fires_.batch(), slots_);
  }

  const kafka::Topic& silent() const { return *slots_[0].topic; }
  const kafka::Topic& other() const { return *slots_[1].topic; }

  ZeroClock clock_;
  const MuteServer server_;
  const CallbackOptions options_ = options_with(clock_, server_.address());
  Interruption interruption_;
  FireList fires_;
  kafka::Producer producer_{options_, interruption_};
  std::vector<kafka::Slot> slots_;
  kafka::Verdict verdict_;
};

TEST_F(Silence, IsTheTopicsOwnWhileAnotherAcknowledges) {
  judge_silence();
  EXPECT_TRUE(silent().refuses());
  EXPECT_FALSE(other().refuses());
  ASSERT_EQ(verdict_.refused.size(), 1U);
  EXPECT_EQ(verdict_.refused[0].index, 0U);
}

// A transaction that a deleted topic is part of is held up as a whole, and all are behind a network that is silent: what has not
// failed yet has not been acknowledged for that.
TEST_F(Silence, IsNotTheTopicsOwnWhileNobodyHasAcknowledgedAnything) {
  ASSERT_EQ(producer_.hand_over(fires_.batch(), {slots_[1]}, true), kafka::Producer::End::cut_short);
  ASSERT_EQ(producer_.client().outstanding(), 1U);
  judge_silence();
  EXPECT_FALSE(silent().refuses());
  EXPECT_TRUE(verdict_.refused.empty());
  EXPECT_EQ(verdict_.failed, std::vector<std::size_t>{0});
  EXPECT_TRUE(verdict_.timed_out);
  EXPECT_FALSE(silent().checked || other().checked) << "metadata may tell which of them holds up the other";
}

TEST(KafkaBatches, AreAsSmallAsTheTopicsTakeAndLargeAgainWhenTheyTakeMore) {
  ZeroClock clock;
  const CallbackOptions options = options_with(clock, "127.0.0.1:1");
  const Interruption interruption;
  kafka::Producer producer(options, interruption);
  const std::size_t usual = producer.batch_bytes();
  EXPECT_TRUE(producer.batches_fit());
  kafka::Topic& topic = producer.topics().find("narrow");
  topic.message_bytes_max = 100;
  EXPECT_FALSE(producer.batches_fit());
  producer.fit_batches();
  EXPECT_EQ(producer.batch_bytes(), 100U);
  topic.message_bytes_max = 10 * usual;
  EXPECT_FALSE(producer.batches_fit());
  producer.fit_batches();
  EXPECT_EQ(producer.batch_bytes(), usual);
}

TEST(KafkaBatches, BecomeSmallerUntilTheCulpritIsAlone) {
  ZeroClock clock;
  const CallbackOptions options = options_with(clock, "127.0.0.1:1");
  const Interruption interruption;
  kafka::Producer producer(options, interruption);
  producer.make_smaller_batches();
  EXPECT_GT(producer.batch_bytes(), 1U);
  producer.make_smaller_batches();
  EXPECT_EQ(producer.batch_bytes(), 1U);
  EXPECT_TRUE(producer.batches_fit()) << "not large again at once";
}

}  // namespace
}  // namespace action_scheduler::testing
