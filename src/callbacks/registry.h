// The callbacks by the names that `action.callback` may hold.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/callback.h"
#include "action_scheduler/result.h"
#include "callbacks/check.h"
#include "callbacks/options.h"

namespace action_scheduler {

// Makes the callback of this name. It does not connect yet. An Error names what is wrong with the name or an option.
Result<std::unique_ptr<Callback>> make_callback(std::string_view name, const CallbackOptions& options);

// What stands in the way of the callback of this name, which make_callback() would make; `topics` are those that rows name.
// Disturbs no running scheduler. May block for some ten seconds.
std::vector<CallbackFinding> check_callback(std::string_view name, const CallbackOptions& options,
                                            std::span<const std::string> topics);

// Every name, in order of registration.
std::vector<std::string_view> callback_names();

// Whether the callback of this name sends to Kafka and needs KafkaOptions.
bool callback_uses_kafka(std::string_view name);

}  // namespace action_scheduler
