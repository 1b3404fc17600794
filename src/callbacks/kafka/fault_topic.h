// Faults as messages, for those who watch a Kafka topic rather than a log.
#pragma once

#include <memory>
#include <string>

#include "action_scheduler/clock.h"
#include "action_scheduler/log.h"
#include "action_scheduler/result.h"
#include "callbacks/options.h"

namespace action_scheduler {

// A log that passes every event on to `log`, and sends each warning and error to `topic` of the cluster of `options.kafka` too.
// The value of a message is a JSON object with time, level, event and the event's fields; its key is the instance; its headers
// are those of a CloudEvent of type `scheduler.fault`. Best effort, so that nothing waits for it: what Kafka does not take within
// five minutes, or what comes when 10,000 are waiting, is dropped: the next message says how many in `dropped`, and `log` why.
// Its end waits half a second for what is on its way. Thread safe. `options.clock` and `log` outlive it. An Error names the
// property that librdkafka does not take.
Result<std::unique_ptr<Log>> make_fault_topic(const CallbackOptions& options, const std::string& topic, Log& log);

}  // namespace action_scheduler
