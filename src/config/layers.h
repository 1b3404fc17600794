// Puts the layers of configuration on top of each other: config.yaml, .env, the environment, the command line.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "action_scheduler/result.h"
#include "config/fault.h"
#include "config/node.h"

namespace action_scheduler {

struct ConfigFile {
  std::string path;  // as faults show it
  std::string text;
};

// Everything that configuration is made from.
struct ConfigInputs {
  std::vector<std::pair<std::string, std::string>> environment;
  std::optional<ConfigFile> dotenv;
  std::optional<ConfigFile> yaml;
  bool yaml_unreadable = false;   // there is a config.yaml but it does not open, so what seems to be missing may stand there
  std::vector<std::string> sets;  // key=value of --set, in order
  // Reads the file that a name ending in _FILE gives.
  std::function<Result<std::string>(const std::string& path)> read_file;
  std::vector<std::string> callbacks = {"kafka", "stdout"};  // the registered ones, for action.callback
};

struct LayeredConfig {
  ConfigNode root;  // a map
  ConfigFaults faults;
  bool yaml_broken = false;  // config.yaml could not be read or understood
};

// Later layers win, level by level. Names that are nobody's key are faults; values are not looked at yet.
LayeredConfig merge_layers(const ConfigInputs& inputs);

}  // namespace action_scheduler
