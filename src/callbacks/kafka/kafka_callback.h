// Sends each fire as a Kafka message.
#pragma once

#include <memory>

#include "action_scheduler/callback.h"
#include "action_scheduler/result.h"
#include "callbacks/options.h"

namespace action_scheduler {

// Does not connect yet: claim() does. An Error names an option that librdkafka does not take, or one that would weaken the
// guarantees.
Result<std::unique_ptr<Callback>> make_kafka_callback(const CallbackOptions& options);

}  // namespace action_scheduler
