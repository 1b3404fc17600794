// What is wrong with a configuration.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "action_scheduler/utf8.h"

namespace action_scheduler {

struct ConfigFault {
  std::string source;   // "config.yaml:12:5", "env KAFKA__TOPIC", ".env:3", "--set"; empty: something is missing altogether
  std::string key;      // "kafka.topic"; empty if it is not about a key
  std::string message;  // what was expected; never holds a secret

  // "config.yaml:12:5: kafka.topic: expected ...", one line whatever the file holds.
  std::string describe() const {
    constexpr std::size_t kSourceMax = 400;
    constexpr std::size_t kSourceEnd = 100;  // where the line and column stand
    constexpr std::size_t kKeyMax = 200;
    std::string line;
    append_printable(line, source);
    if (line.size() > kSourceMax) {
      const std::string end = line.substr(line.size() - kSourceEnd);
      line.resize(first_bytes(line, kSourceMax - kSourceEnd).size());
      line += "...";
      append_printable(line, end);
    }
    if (!key.empty()) {
      std::string shown;
      append_printable(shown, key);
      line += line.empty() ? "" : ": ";
      line += first_bytes(shown, kKeyMax);
      line += shown.size() > kKeyMax ? "..." : "";
    }
    line += line.empty() ? "" : ": ";
    append_printable(line, message);
    return line;
  }

  friend bool operator==(const ConfigFault&, const ConfigFault&) = default;
};

using ConfigFaults = std::vector<ConfigFault>;

}  // namespace action_scheduler
