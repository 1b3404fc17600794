#include "tests/callbacks/callback_conformance.h"
#include "tests/callbacks/kafka/kafka_fixture.h"

namespace action_scheduler::testing {
namespace {

class KafkaHarness : public CallbackHarness {
 public:
  explicit KafkaHarness(KafkaOptions::DeliveryMode mode) : options_(kafka_options(shared_kafka(), mode)) {
    options_.kafka.value = KafkaOptions::Value::raw;
    create_kafka_topic(shared_kafka(), options_.kafka.topic);
  }
  std::unique_ptr<Callback> make() override { return make_kafka(options_); }
  Delivery delivery() const override {
    return options_.kafka.delivery == KafkaOptions::DeliveryMode::at_least_once ? Delivery::at_least_once
                                                                                : Delivery::exactly_once;
  }
  std::vector<std::string> received() override {
    std::vector<std::string> commands;
    for (const ReadMessage& message : KafkaReader(shared_kafka()).read_all(options_.kafka.topic)) {
      commands.push_back(message.value.value_or("(null)"));
    }
    return commands;
  }

 private:
  CallbackOptions options_;
};

template <KafkaOptions::DeliveryMode mode>
std::unique_ptr<CallbackHarness> harness() {
  return std::make_unique<KafkaHarness>(mode);
}

INSTANTIATE_TEST_SUITE_P(Kafka, CallbackConformance,
                         ::testing::Values(CallbackKind{"ExactlyOnce", harness<KafkaOptions::DeliveryMode::exactly_once>},
                                           CallbackKind{"AtLeastOnce", harness<KafkaOptions::DeliveryMode::at_least_once>},
                                           CallbackKind{"Automatic", harness<KafkaOptions::DeliveryMode::automatic>}),
                         kind_name);

}  // namespace
}  // namespace action_scheduler::testing
