// A client of librdkafka, for what tests ask of a Kafka themselves.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>

namespace action_scheduler::testing {

using KafkaClient = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

// Connects when it is first asked something, and stays silent about what fails.
KafkaClient connect_to_kafka(const std::string& address);

}  // namespace action_scheduler::testing
