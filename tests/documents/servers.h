// The Kafka of this program. Its first listener takes everything from everybody; rights can be given, and are kept.
#pragma once

#include <string>

#include "tests/servers/kafka_server.h"

namespace action_scheduler::testing {

// Started at the first call, stopped with the program.
KafkaServer& document_kafka();

// The folder of Kafka's jars.
std::string kafka_jars();

}  // namespace action_scheduler::testing
