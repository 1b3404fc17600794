// The broker goes away, stands still, or thinks that we did.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "action_scheduler/crash_point.h"
#include "tests/callbacks/kafka/kafka_fixture.h"

namespace action_scheduler::testing {
namespace {

using ::testing::HasSubstr;
using Mode = KafkaOptions::DeliveryMode;

// What happens the first time that "offsets_sent" is reached.
std::function<void()> at_offsets_sent;

void run_at_offsets_sent(std::string_view point) {
  if (point != "offsets_sent" || !at_offsets_sent) return;
  const auto once = std::exchange(at_offsets_sent, nullptr);
  once();
}

class KafkaOutage : public KafkaTest, public ::testing::WithParamInterface<Mode> {
 protected:
  KafkaOutage() : server_(controlled_kafka()) {}
  ~KafkaOutage() override {
    crash_hook = nullptr;
    at_offsets_sent = nullptr;
    server_.resume();
    server_.start();
  }

  void open_with_short_timeouts(Mode mode) {
    address_ = server_.address();
    options_ = kafka_options(address_, mode);
    options_.kafka.delivery_timeout_ms = 1500;
    options_.kafka.properties["transaction.timeout.ms"] = "2000";
    server_.create_topic(options_.kafka.topic);
    callback_ = make_kafka(options_);
    claim_kafka(*callback_);
    // A first fire, so that connections are open.
    FireList first;
    first.add(1000, "first");
    deliver_until_settled(*callback_, first);
  }

  FireList ten_fires() {
    FireList fires;
    fires.at(1);
    for (int id = 1; id <= 10; ++id) fires.add(id, std::to_string(id));
    return fires;
  }

  // Each fire once, and the first one.
  void expect_each_seen(int most) {
    std::map<std::string, int> times;
    for (const ReadMessage& message : KafkaReader(address_).read_all(options_.kafka.topic)) ++times[message.header("ce_id")];
    EXPECT_EQ(times.size(), 11U);
    for (const auto& [id, count] : times) EXPECT_LE(count, most) << id;
  }

  KafkaServer& server_;
};

TEST_P(KafkaOutage, OfAKilledBrokerIsReportedAndWaitedOut) {
  open_with_short_timeouts(GetParam());
  FireList fires = ten_fires();
  server_.kill();
  const DeliveryReport report = callback_->deliver(fires.batch());
  EXPECT_EQ(report.status, DeliveryStatus::unavailable);
  EXPECT_EQ(report.unsent.size(), 10U);
  EXPECT_TRUE(report.refused.empty());
  EXPECT_THAT(report.error.message, HasSubstr(address_));
  server_.start();
  deliver_until_settled(*callback_, fires);
  expect_each_seen(1);
}

TEST_P(KafkaOutage, OfAStoppedBrokerIsReportedAndWaitedOut) {
  open_with_short_timeouts(GetParam());
  FireList fires = ten_fires();
  server_.pause();
  const DeliveryReport report = callback_->deliver(fires.batch());
  EXPECT_EQ(report.status, DeliveryStatus::unavailable);
  EXPECT_TRUE(report.refused.empty());
  server_.resume();
  deliver_until_settled(*callback_, fires);
  // A stopped broker may have taken what it acknowledged too late: at_least_once sends that again.
  expect_each_seen(GetParam() == Mode::exactly_once ? 1 : 2);
}

TEST_P(KafkaOutage, AtTheStartIsWaitedOut) {
  address_ = server_.address();
  options_ = kafka_options(address_, GetParam());
  server_.create_topic(options_.kafka.topic);
  server_.kill();
  callback_ = make_kafka(options_);
  const auto result = callback_->claim();
  ASSERT_TRUE(std::holds_alternative<Callback::ClaimFailure>(result));
  EXPECT_EQ(std::get<Callback::ClaimFailure>(result).status, DeliveryStatus::unavailable);
  EXPECT_THAT(std::get<Callback::ClaimFailure>(result).error.message, HasSubstr("no broker answers"));
  server_.start();
  claim_kafka(*callback_);
}

INSTANTIATE_TEST_SUITE_P(Kafka, KafkaOutage, ::testing::Values(Mode::exactly_once, Mode::at_least_once),
                         [](const auto& kind) { return kind.param == Mode::exactly_once ? "ExactlyOnce" : "AtLeastOnce"; });

// Certificates are exchanged, and one is away for a moment.
TEST_P(KafkaOutage, WaitsForAFileThatTheConnectionNeeds) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / unique_name("certificates");
  std::filesystem::create_directory(folder);
  const std::filesystem::path ca = folder / "ca.pem";
  std::filesystem::copy_file(server_.ca_file(), ca);
  CallbackOptions options = kafka_options("127.0.0.1:1", GetParam());
  options.kafka.properties = {{"security.protocol", "ssl"}, {"ssl.ca.location", ca.string()}};
  const auto callback = make_kafka(options);
  const auto reason_of_failure = [&] {
    const auto result = callback->claim();
    const auto* failure = std::get_if<Callback::ClaimFailure>(&result);
    if (failure == nullptr) return std::string("claimed");
    EXPECT_EQ(failure->status, DeliveryStatus::unavailable) << failure->error.message;
    return failure->error.message;
  };
  std::filesystem::rename(ca, folder / "away");
  EXPECT_THAT(reason_of_failure(), HasSubstr("kafka.properties"));
  std::filesystem::rename(folder / "away", ca);
  EXPECT_THAT(reason_of_failure(), HasSubstr("no broker answers"));
  std::filesystem::remove_all(folder);
}

// An authority that was exchanged at the brokers first.
TEST_P(KafkaOutage, OfABrokerThatIsNotTrustedEndsWhenTheFileOfAuthoritiesIsExchanged) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / unique_name("authorities");
  std::filesystem::create_directory(folder);
  const auto trust = [&](const std::filesystem::path& authority) {
    std::filesystem::copy_file(authority, folder / "ca.pem", std::filesystem::copy_options::overwrite_existing);
  };
  trust(server_.authority("another"));
  address_ = server_.address();
  options_ = kafka_options(server_.secured_address(), GetParam());
  options_.kafka.properties = {{"security.protocol", "SASL_SSL"},
                               {"sasl.mechanism", "PLAIN"},
                               {"sasl.username", "app"},
                               {"sasl.password", "pw"},
                               {"ssl.ca.location", (folder / "ca.pem").string()}};
  server_.create_topic(options_.kafka.topic);
  server_.allow("All", "topic", options_.kafka.topic);
  if (GetParam() == Mode::exactly_once) {
    server_.allow("All", "group", options_.instance);
    server_.allow("All", "transactional-id", options_.instance);
  }
  callback_ = make_kafka(options_);
  FireList fires;
  fires.add(1, "a");
  EXPECT_EQ(callback_->deliver(fires.batch()).status, DeliveryStatus::unavailable);
  const auto turned_away = callback_->claim();
  ASSERT_TRUE(std::holds_alternative<Callback::ClaimFailure>(turned_away));
  EXPECT_THAT(std::get<Callback::ClaimFailure>(turned_away).error.message, HasSubstr("certificate verify failed"));

  trust(server_.ca_file());
  claim_kafka(*callback_);
  deliver_until_settled(*callback_, fires);
  EXPECT_EQ(KafkaReader(address_).read_all(options_.kafka.topic).size(), 1U);
  std::filesystem::remove_all(folder);
}

class KafkaOwner : public KafkaOutage {};

TEST_P(KafkaOwner, GoesOnAfterItsOwnTransactionTimedOut) {
  open_with_short_timeouts(GetParam());
  // The process stands still until the broker has aborted its transaction.
  at_offsets_sent = [this] { KafkaReader(address_).read_all(options_.kafka.topic); };
  crash_hook = run_at_offsets_sent;
  FireList fires = ten_fires();
  const DeliveryReport report = callback_->deliver(fires.batch());
  EXPECT_EQ(report.status, DeliveryStatus::unavailable) << report.error.message;
  deliver_until_settled(*callback_, fires);
  expect_each_seen(1);
}

TEST_P(KafkaOwner, StopsWhenANewerOneClaimedWhileItStoodStill) {
  open_with_short_timeouts(GetParam());
  auto newer = make_kafka(options_);
  at_offsets_sent = [&] { claim_kafka(*newer); };
  crash_hook = run_at_offsets_sent;
  FireList fires = ten_fires();
  const DeliveryReport report = callback_->deliver(fires.batch());
  EXPECT_EQ(report.status, DeliveryStatus::fenced) << report.error.message;
  EXPECT_THAT(report.error.message, HasSubstr("a newer scheduler of instance " + options_.instance + " took over"));
  deliver_until_settled(*newer, fires);
  expect_each_seen(1);
}

INSTANTIATE_TEST_SUITE_P(Kafka, KafkaOwner, ::testing::Values(Mode::exactly_once), [](const auto&) { return "ExactlyOnce"; });

}  // namespace
}  // namespace action_scheduler::testing
