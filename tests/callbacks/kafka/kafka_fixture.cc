#include "tests/callbacks/kafka/kafka_fixture.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>

#include "action_scheduler/clock.h"
#include "callbacks/kafka/kafka_callback.h"
#include "tests/callbacks/zero_clock.h"

namespace action_scheduler::testing {
namespace {

std::unique_ptr<KafkaServer> shared_server;
std::unique_ptr<KafkaServer> controlled_server;

// Stops the servers when the program ends, before static objects go.
class StopServers : public ::testing::Environment {
 public:
  void TearDown() override {
    shared_server.reset();
    controlled_server.reset();
  }
};
const auto* const stop_servers = ::testing::AddGlobalTestEnvironment(new StopServers);

}  // namespace

const std::string& shared_kafka() {
  static const std::string address = [] {
    if (const std::string external = external_kafka(); !external.empty()) return external;
    shared_server = std::make_unique<KafkaServer>();
    return shared_server->address();
  }();
  return address;
}

KafkaServer& controlled_kafka() {
  if (!controlled_server) {
    KafkaServerOptions options;
    options.secured = true;
    controlled_server = std::make_unique<KafkaServer>(options);
  }
  return *controlled_server;
}

void WarningLog::write(Level, std::string_view event, std::span<const Field> fields) {
  std::string line(event);
  for (const Field& field : fields) line.append(" ").append(field.name).append("=").append(field.value);
  lines.push_back(line);
}

std::string unique_name(const std::string& stem) {
  static std::atomic<int> count{0};
  return stem + "-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

CallbackOptions kafka_options(const std::string& address, KafkaOptions::DeliveryMode mode) {
  static ZeroClock clock;
  CallbackOptions options;
  options.kafka.servers = {address};
  options.kafka.topic = unique_name("fires");
  options.kafka.delivery = mode;
  options.instance = "instance-of-" + options.kafka.topic;
  options.clock = &clock;
  return options;
}

std::unique_ptr<Callback> make_kafka(const CallbackOptions& options) {
  auto made = make_kafka_callback(options);
  if (made) return std::move(*made);
  ADD_FAILURE() << made.error().message;
  std::abort();
}

Claim claim_kafka(Callback& callback) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::string reason;
  do {
    auto result = callback.claim();
    if (auto* claim = std::get_if<Claim>(&result)) return *claim;
    const auto& failure = std::get<Callback::ClaimFailure>(result);
    reason = failure.error.message;
    if (failure.status != DeliveryStatus::unavailable) break;
  } while (std::chrono::steady_clock::now() < deadline);
  ADD_FAILURE() << "cannot claim: " << reason;
  return {};
}

int deliver_until_settled(Callback& callback, FireList& fires) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const Position last = fires.batch().position;
  std::vector<Fire> rest = fires.fires;
  for (int hand_overs = 1; std::chrono::steady_clock::now() < deadline; ++hand_overs) {
    const DeliveryReport report = callback.deliver({rest, fires.actions, last, 0});
    if (report.status == DeliveryStatus::settled) return hand_overs;
    if (report.status != DeliveryStatus::unavailable) {
      ADD_FAILURE() << "status " << static_cast<int>(report.status) << ": " << report.error.message;
      return hand_overs;
    }
    std::vector<Fire> unsent;
    for (const std::size_t index : report.unsent) unsent.push_back(rest[index]);
    rest = unsent;
    if (!report.reclaim) continue;
    const Claim claim = claim_kafka(callback);
    if (claim.position) {
      std::erase_if(rest, [&](const Fire& fire) { return position_after(fire) <= *claim.position; });
    }
    if (rest.empty()) return hand_overs;
  }
  ADD_FAILURE() << "not settled within a minute";
  return 0;
}

void KafkaTest::open(KafkaOptions::DeliveryMode mode, const std::string& address) {
  address_ = address.empty() ? shared_kafka() : address;
  options_ = kafka_options(address_, mode);
  create_kafka_topic(address_, options_.kafka.topic);
  callback_ = make_kafka(options_);
  claim_ = claim_kafka(*callback_);
}

std::vector<std::string> KafkaTest::values(const std::string& topic) {
  std::vector<std::string> result;
  for (const ReadMessage& message : KafkaReader(address_).read_all(topic)) result.push_back(message.value.value_or("(null)"));
  return result;
}

}  // namespace action_scheduler::testing
