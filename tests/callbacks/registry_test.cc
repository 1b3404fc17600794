#include "callbacks/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action_scheduler/clock.h"
#include "tests/callbacks/zero_clock.h"

namespace action_scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

CallbackOptions options() {
  static testing::ZeroClock clock;
  CallbackOptions result;
  result.instance = "i";
  result.kafka.servers = {"127.0.0.1:1"};
  result.kafka.topic = "t";
  result.clock = &clock;
  return result;
}

std::string error_of(const CallbackOptions& callback_options, std::string_view name = "kafka") {
  const auto made = make_callback(name, callback_options);
  return made ? "" : made.error().message;
}

TEST(CallbackRegistry, KnowsTheNamesOfThePythonProgramToo) {
  EXPECT_THAT(callback_names(), ElementsAre("kafka", "stdout", "action_scheduler.callbacks:kafka_send",
                                            "action_scheduler.callbacks:print_command"));
  for (const std::string_view name : callback_names()) EXPECT_EQ(error_of(options(), name), "") << name;
  EXPECT_TRUE(callback_uses_kafka("action_scheduler.callbacks:kafka_send"));
  EXPECT_FALSE(callback_uses_kafka("stdout"));
}

TEST(CallbackRegistry, NamesWhatThereIsWhenANameIsUnknown) {
  EXPECT_THAT(error_of(options(), "kafak"), HasSubstr("\"kafak\", use one of kafka stdout"));
}

TEST(KafkaOptions, CannotWeakenAcknowledgementOrIdempotence) {
  for (const auto& [name, value] :
       {std::pair("acks", "1"), std::pair("request.required.acks", "0"), std::pair("enable.idempotence", "false"),
        std::pair("transactional.id", "x"), std::pair("bootstrap.servers", "elsewhere:1"), std::pair("max.in.flight", "100")}) {
    CallbackOptions weak = options();
    weak.kafka.properties[name] = value;
    EXPECT_THAT(error_of(weak), HasSubstr("kafka.properties")) << name;
  }
  CallbackOptions same = options();
  same.kafka.properties = {
      {"acks", "all"}, {"enable.idempotence", "true"}, {"compression.type", "lz4"}, {"delivery.timeout.ms", "5000"}};
  EXPECT_EQ(error_of(same), "");
}

TEST(KafkaOptions, NameThePropertyThatIsUnknown) {
  CallbackOptions typo = options();
  typo.kafka.properties["compresion.type"] = "lz4";
  EXPECT_THAT(error_of(typo), HasSubstr("compresion.type"));
}

}  // namespace
}  // namespace action_scheduler
