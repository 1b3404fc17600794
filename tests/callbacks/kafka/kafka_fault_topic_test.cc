// Faults as messages.
#include <gmock/gmock.h>

#include "action_scheduler/clock.h"
#include "callbacks/kafka/fault_topic.h"
#include "tests/callbacks/kafka/kafka_fixture.h"

namespace action_scheduler::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class FixedClock : public Clock {
 public:
  ClockReading read() override {
    return {WallTime{std::chrono::milliseconds{1'795'255'200'123}}, {}};
  }  // 2026-11-21T10:00:00.123Z
};

class FaultTopic : public ::testing::Test {
 protected:
  FaultTopic() : options_(kafka_options(address_, KafkaOptions::DeliveryMode::automatic)) { options_.clock = &clock_; }

  FixedClock clock_;
  WarningLog log_;
  const std::string address_ = shared_kafka();
  CallbackOptions options_;
  const std::string topic_ = unique_name("faults");
};

TEST_F(FaultTopic, GetsWarningsAndErrorsAsCloudEvents) {
  create_kafka_topic(address_, topic_);
  {
    const auto made = make_fault_topic(options_, topic_, log_);
    ASSERT_TRUE(made) << made.error().message;
    Log& log = **made;
    log.info("summary", {{"delivered", 1}});
    log.warning("action cannot be scheduled", {{"action", 42}, {"reason", "a \"b\"\n"}});
    log.error("the table cannot be read");
    const auto messages = KafkaReader(address_).read(topic_, 2);
    ASSERT_THAT(messages, SizeIs(2));
    EXPECT_EQ(messages[0].key, options_.instance);
    EXPECT_EQ(messages[0].value, R"({"time":"2026-11-21T10:00:00Z","level":"warning","event":"action cannot be scheduled",)"
                                 R"("action":42,"reason":"a \"b\"\n"})");
    EXPECT_EQ(messages[0].header("ce_specversion"), "1.0");
    EXPECT_EQ(messages[0].header("ce_type"), "scheduler.fault");
    EXPECT_EQ(messages[0].header("ce_source"), options_.instance);
    EXPECT_EQ(messages[0].header("ce_subject"), options_.instance);
    EXPECT_EQ(messages[0].header("ce_time"), "2026-11-21T10:00:00Z");
    EXPECT_EQ(messages[0].header("content-type"), "application/json");
    EXPECT_EQ(messages[1].value, R"({"time":"2026-11-21T10:00:00Z","level":"error","event":"the table cannot be read"})");
    EXPECT_NE(messages[0].header("ce_id"), messages[1].header("ce_id"));
  }
  EXPECT_THAT(log_.lines, ElementsAre(HasSubstr("action cannot be scheduled"), HasSubstr("the table cannot be read")));
}

TEST_F(FaultTopic, NeverWaitsAndSaysHowManyWereDropped) {
  constexpr int kEvents = 20'000;
  const auto made = make_fault_topic(options_, topic_, log_);
  ASSERT_TRUE(made) << made.error().message;
  // Nobody takes them yet, and the queue has an end.
  for (int i = 1; i <= kEvents; ++i) made.value()->warning("action cannot be scheduled", {{"action", i}});
  create_kafka_topic(address_, topic_);
  const std::size_t taken = KafkaReader(address_).read(topic_, 10'000).size();
  made.value()->warning("the last one");
  const auto messages = KafkaReader(address_).read(topic_, taken + 1);
  ASSERT_THAT(messages, SizeIs(taken + 1));
  EXPECT_THAT(*messages.back().value, HasSubstr(R"("event":"the last one","dropped":)" + std::to_string(kEvents - taken) + "}"));
  EXPECT_THAT(log_.lines, SizeIs(kEvents + 2));
  EXPECT_THAT(log_.lines, Contains(HasSubstr("faults are logged, but not sent as messages")).Times(1));
}

TEST_F(FaultTopic, SaysAtItsEndWhatNobodyTook) {
  make_fault_topic(options_, "not..a/topic", log_).value()->warning("action cannot be scheduled");
  EXPECT_THAT(log_.lines,
              ElementsAre(HasSubstr("action cannot be scheduled"), HasSubstr("faults are logged, but not sent as messages")));
}

TEST_F(FaultTopic, RefusesPropertiesThatDoNotExist) {
  options_.kafka.properties["no.such"] = "1";
  const auto made = make_fault_topic(options_, topic_, log_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("kafka.properties: no.such"));
}

}  // namespace
}  // namespace action_scheduler::testing
