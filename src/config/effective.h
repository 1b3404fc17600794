// Shows the configuration in force.
#pragma once

#include <span>
#include <string>

#include "config/load_settings.h"

namespace action_scheduler {

// Lines of key, value and origin in columns, secrets as `***`. Ends in a newline.
std::string effective_table(std::span<const EffectiveValue> values);

// {"kafka.topic": {"value": "...", "origin": "env KAFKA__TOPIC"}, ...}; what is not set is null. Ends in a newline.
std::string effective_json(std::span<const EffectiveValue> values);

// {"faults": [{"source": "...", "key": "...", "message": "..."}]}. Ends in a newline.
std::string faults_json(std::span<const ConfigFault> faults);

}  // namespace action_scheduler
