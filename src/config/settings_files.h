// Gathers the real inputs of configuration: files, the environment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "action_scheduler/result.h"
#include "config/load_settings.h"

namespace action_scheduler {

// The text of a regular file or pipe of at most `bytes_max` bytes. The Error names the file and the system's reason.
Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max);

struct SettingsSources {
  std::optional<std::string>
      config_path;                // --config: it must exist; absent: config.yaml of the working directory if there is one
  std::vector<std::string> sets;  // --set
  std::vector<std::string> callbacks = {"kafka", "stdout"};
};

// Reads config.yaml and .env of the working directory and this process' environment, then load_settings(). A file that exists but
// cannot be read is a fault.
LoadedSettings load_settings_of_process(const SettingsSources& sources);

}  // namespace action_scheduler
