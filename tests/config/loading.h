// Inputs of configuration without files or environment.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/load_settings.h"

namespace action_scheduler {

using Variables = std::vector<std::pair<std::string, std::string>>;

// The least that is a configuration.
inline constexpr const char* kSmallYaml = "actions_db:\n  dialect: sqlite\n  database: a.db\n";

inline ConfigInputs inputs(std::string yaml, Variables environment = {}) {
  ConfigInputs made;
  made.yaml = ConfigFile{"config.yaml", std::move(yaml)};
  made.environment = std::move(environment);
  made.read_file = [](const std::string& path) -> Result<std::string> { return Error{"cannot read the file " + path}; };
  return made;
}

inline ConfigInputs with_dotenv(ConfigInputs made, std::string text) {
  made.dotenv = ConfigFile{".env", std::move(text)};
  return made;
}

inline ConfigInputs with_sets(ConfigInputs made, std::vector<std::string> sets) {
  made.sets = std::move(sets);
  return made;
}

inline ConfigInputs with_files(ConfigInputs made, std::map<std::string, std::string> files) {
  made.read_file = [files = std::move(files)](const std::string& path) -> Result<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return Error{"cannot read the file " + path + ": No such file or directory"};
    return found->second;
  };
  return made;
}

inline std::vector<std::string> described(const ConfigFaults& faults) {
  std::vector<std::string> lines;
  for (const ConfigFault& fault : faults) lines.push_back(fault.describe());
  return lines;
}

}  // namespace action_scheduler
