// The process dies at a named point of a delivery; its successor goes on.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "tests/callbacks/kafka/dying_child.h"
#include "tests/callbacks/kafka/kafka_fixture.h"

namespace action_scheduler::testing {
namespace {

using Mode = KafkaOptions::DeliveryMode;

constexpr int kFires = 500;

class KafkaCrash : public KafkaTest, public ::testing::WithParamInterface<const char*> {
 protected:
  // How often each fire is seen by a committed reader.
  std::map<std::string, int> seen() {
    std::map<std::string, int> result;
    for (const ReadMessage& message : KafkaReader(address_).read_all(options_.kafka.topic)) ++result[message.header("ce_id")];
    return result;
  }

  // A process dies while it delivers; then a successor delivers what is not settled.
  void die_and_go_on(const std::string& mode, const std::string& point) {
    address_ = shared_kafka();
    options_ = kafka_options(address_, mode == "exactly_once" ? Mode::exactly_once : Mode::at_least_once);
    create_kafka_topic(address_, options_.kafka.topic);
    ASSERT_TRUE(deliver_in_a_child_that_dies(address_, options_.kafka.topic, options_.instance, mode, point, kFires));
    callback_ = make_kafka(options_);
    claim_ = claim_kafka(*callback_);
    FireList fires;
    for (int id = 1; id <= kFires; ++id) fires.add(id, std::to_string(id));
    if (claim_.position) {
      EXPECT_EQ(*claim_.position, fires.batch().position) << "all or nothing";
      return;
    }
    const DeliveryReport report = callback_->deliver(fires.batch());
    EXPECT_EQ(report.status, DeliveryStatus::settled) << report.error.message;
  }
};

class KafkaCrashExactlyOnce : public KafkaCrash {};

TEST_P(KafkaCrashExactlyOnce, IsSeenOnceByACommittedReader) {
  die_and_go_on("exactly_once", GetParam());
  const auto times = seen();
  EXPECT_EQ(times.size(), static_cast<std::size_t>(kFires));
  EXPECT_TRUE(std::ranges::all_of(times, [](const auto& entry) { return entry.second == 1; }));
}

INSTANTIATE_TEST_SUITE_P(Points, KafkaCrashExactlyOnce, ::testing::Values("produced", "offsets_sent", "committed"),
                         [](const auto& kind) { return std::string(kind.param); });

class KafkaCrashAtLeastOnce : public KafkaCrash {};

TEST_P(KafkaCrashAtLeastOnce, LosesNothingAndRepeatsTheSameIds) {
  die_and_go_on("at_least_once", GetParam());
  const auto times = seen();
  EXPECT_EQ(times.size(), static_cast<std::size_t>(kFires));
  EXPECT_TRUE(std::ranges::all_of(times, [](const auto& entry) { return entry.second <= 2; }));
}

INSTANTIATE_TEST_SUITE_P(Points, KafkaCrashAtLeastOnce, ::testing::Values("produced", "acknowledged"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST_F(KafkaTest, CutsABurstIntoTransactionsAndKeepsThePositionOfEach) {
  address_ = shared_kafka();
  options_ = kafka_options(address_, Mode::exactly_once);
  options_.kafka.transaction_fires_max = 10;
  create_kafka_topic(address_, options_.kafka.topic);
  callback_ = make_kafka(options_);
  claim_kafka(*callback_);
  FireList fires;
  for (int id = 1; id <= 35; ++id) fires.add(id, "x", id == 25 ? "no-such-topic" : "");
  const DeliveryReport report = callback_->deliver(fires.batch());
  ASSERT_EQ(report.status, DeliveryStatus::refused);
  EXPECT_EQ(report.refused.size(), 1U);
  EXPECT_EQ(report.unsent.size(), 14U) << "the transactions before it are committed";
  callback_ = make_kafka(options_);
  EXPECT_EQ(claim_kafka(*callback_).position, position_after(fires.fires[19]));
  EXPECT_EQ(values(options_.kafka.topic).size(), 20U);
}

}  // namespace
}  // namespace action_scheduler::testing
