// The callbacks by the names that `action.callback` may hold.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/callback.h"
#include "action_scheduler/result.h"
#include "callbacks/options.h"

namespace action_scheduler {

// Makes the callback of this name. It does not connect yet. An Error names what is wrong with the name or an option.
Result<std::unique_ptr<Callback>> make_callback(std::string_view name, const CallbackOptions& options);

// Every name, in order of registration.
std::vector<std::string_view> callback_names();

// Whether the callback of this name sends to Kafka and needs KafkaOptions.
bool callback_uses_kafka(std::string_view name);

}  // namespace action_scheduler
