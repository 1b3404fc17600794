// From the layers of configuration to Settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/fault.h"
#include "config/keys.h"
#include "config/layers.h"
#include "config/settings.h"

namespace action_scheduler {

// One key as it is in force.
struct EffectiveValue {
  std::string key;  // a property of a third-party client has a line of its own: kafka.properties.sasl.username
  ConfigValue value;
  std::string origin;  // as in ConfigFault::source, or "default"
  bool secret = false;
};

struct LoadedSettings {
  Settings settings;                   // meaningful only without faults
  std::vector<EffectiveValue> values;  // in the order of the key table
  ConfigFaults faults;                 // all of them

  bool ok() const { return faults.empty(); }

  // Where the value of a key came from; empty for an unknown key.
  std::string_view origin_of(std::string_view key) const;
};

// Pure but for `inputs.read_file`. Never throws for bad input: what is wrong is in `faults`, all at once.
LoadedSettings load_settings(const ConfigInputs& inputs);

}  // namespace action_scheduler
