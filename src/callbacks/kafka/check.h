// Whether Kafka is ready for the scheduler.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "callbacks/check.h"
#include "callbacks/options.h"

namespace action_scheduler {

// Asks the cluster about kafka.topic, `topics` and the delivery mode, without touching the instance: a scheduler that runs
// meanwhile is not fenced, no topic is created, nothing is sent. `options.clock` and `options.log` may be null. Blocks for some
// ten seconds at most where the cluster answers badly. Never throws.
std::vector<CallbackFinding> check_kafka_callback(const CallbackOptions& options, std::span<const std::string> topics);

}  // namespace action_scheduler
