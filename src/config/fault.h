// What is wrong with a configuration.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace action_scheduler {

struct ConfigFault {
  std::string source;   // "config.yaml:12:5", "env KAFKA__TOPIC", ".env:3", "--set"; empty: something is missing altogether
  std::string key;      // "kafka.topic"; empty if it is not about a key
  std::string message;  // what was expected; never holds a secret

  // "config.yaml:12:5: kafka.topic: expected ...", one line whatever the file holds.
  std::string describe() const {
    std::string line = source;
    if (!key.empty()) line += (line.empty() ? "" : ": ") + key;
    line += (line.empty() ? "" : ": ") + message;
    for (char& c : line) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return line;
  }

  friend bool operator==(const ConfigFault&, const ConfigFault&) = default;
};

using ConfigFaults = std::vector<ConfigFault>;

}  // namespace action_scheduler
