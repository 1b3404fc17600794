// A configuration in which one key is looked at.
#pragma once

#include <string>
#include <string_view>

#include "config/json_reader.h"
#include "config/keys.h"
#include "tests/config/loading.h"

namespace action_scheduler {

// `key` with the value that `json` is, as a JSON object per level.
inline std::string in_levels(std::string_view key, const std::string& json) {
  const auto dot = key.find('.');
  if (dot == std::string_view::npos) return "{" + json_string(key) + ": " + json + "}";
  return "{" + json_string(key.substr(0, dot)) + ": " + in_levels(key.substr(dot + 1), json) + "}";
}

// A configuration in which only the tested key can be wrong. YAML takes JSON.
inline ConfigInputs with_key(std::string_view key, const std::string& json) {
  ConfigInputs made = inputs(in_levels(key, json), {{"KAFKA__SERVER", "a"}, {"KAFKA__TOPIC", "t"}});
  made.environment.emplace_back("ACTIONS_DB__DIALECT", "sqlite");
  made.environment.emplace_back("ACTIONS_DB__DATABASE", "a.db");
  made.environment.emplace_back("INTERNAL_DB__DATABASE", "b.db");
  std::erase_if(made.environment, [&](const auto& variable) { return variable.first == environment_name(key); });
  made.callbacks = {"kafka", "stdout"};
  return made;
}

}  // namespace action_scheduler
