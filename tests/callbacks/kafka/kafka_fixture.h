// One broker for the whole program, and callbacks that send to topics of their own on it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "action_scheduler/callback.h"
#include "action_scheduler/log.h"
#include "callbacks/options.h"
#include "tests/callbacks/batches.h"
#include "tests/servers/kafka_reader.h"
#include "tests/servers/kafka_server.h"

namespace action_scheduler::testing {

// The address of KAFKA_SERVER, else of a server that is started at the first call. That Kafka must not create topics by itself.
const std::string& shared_kafka();

// A broker with an authorizer, which tests may stop and pause as well: start it again before the test ends. Never KAFKA_SERVER.
KafkaServer& controlled_kafka();

// Keeps warnings.
class WarningLog : public Log {
 public:
  bool enabled(Level level) const override { return level >= Level::warning; }
  void write(Level level, std::string_view event, std::span<const Field> fields) override;
  std::vector<std::string> lines;
};

// A name that no other test uses.
std::string unique_name(const std::string& stem);

// Options for a new instance and topic (which is not created).
CallbackOptions kafka_options(const std::string& address, KafkaOptions::DeliveryMode mode);

std::unique_ptr<Callback> make_kafka(const CallbackOptions& options);

// Claims, trying for half a minute. Fails the test if it does not succeed.
Claim claim_kafka(Callback& callback);

// Hands the batch over until it is settled, for at most a minute, as an engine does: waits out `unavailable`, claims again where
// told. Fires that the position says are settled are not sent again. Returns the number of hand-overs.
int deliver_until_settled(Callback& callback, FireList& fires);

// A callback that has claimed, over a topic of its own that exists.
class KafkaTest : public ::testing::Test {
 protected:
  // `address` empty: the shared broker.
  void open(KafkaOptions::DeliveryMode mode, const std::string& address = "");

  std::vector<std::string> values(const std::string& topic);

  CallbackOptions options_;
  std::string address_;
  std::unique_ptr<Callback> callback_;
  Claim claim_;
};

}  // namespace action_scheduler::testing
