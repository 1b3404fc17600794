#include "tests/documents/servers.h"

#include <gtest/gtest.h>

#include <memory>

namespace action_scheduler::testing {
namespace {

std::unique_ptr<KafkaServer> server;

// Stops it when the program ends, before static objects go.
class StopServer : public ::testing::Environment {
 public:
  void TearDown() override { server.reset(); }
};
const auto* const stop_server = ::testing::AddGlobalTestEnvironment(new StopServer);

}  // namespace

KafkaServer& document_kafka() {
  if (!server) {
    KafkaServerOptions options;
    options.secured = true;
    server = std::make_unique<KafkaServer>(options);
  }
  return *server;
}

std::string kafka_jars() { return ACTION_SCHEDULER_KAFKA_JARS; }

}  // namespace action_scheduler::testing
