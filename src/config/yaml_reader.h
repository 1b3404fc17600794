// Reads YAML into the tree of configuration values.
#pragma once

#include <string>
#include <string_view>

#include "config/fault.h"
#include "config/node.h"

namespace action_scheduler {

struct YamlReading {
  ConfigNode root;  // null if the text is empty or cannot be read
  ConfigFaults faults;
};

// One document. `name` stands for the file in origins and faults, which read "name:line:column" and for an entry of a map name
// the place of its key. Rejected: broken syntax, duplicate keys, keys that are no plain text, a second document, aliases that
// hold themselves, trees over 50,000 nodes or 50 levels, bytes that are not UTF-8 text. Never throws for bad input.
YamlReading read_yaml(std::string_view text, const std::string& name);

}  // namespace action_scheduler
