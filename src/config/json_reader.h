// Reads and writes the JSON that stands in configuration values.
#pragma once

#include <string>
#include <string_view>

#include "action_scheduler/result.h"
#include "config/node.h"

namespace action_scheduler {

// The tree of a JSON text; every node gets `origin`. The Error says where the text goes wrong but never quotes it, since it may
// hold a password. At most 50 levels.
Result<ConfigNode> read_json(std::string_view text, const std::string& origin);

// The tree as JSON with Python's separators, ASCII only: `{"format": "unix", "params": {"value": "* * * * *"}}`. Plain texts
// become integers, numbers and booleans where they look like ones (YAML's `yes`, `on`, ... too); others are strings.
std::string write_json(const ConfigNode& node);

// A JSON string literal, ASCII only. What is not UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text);

}  // namespace action_scheduler
