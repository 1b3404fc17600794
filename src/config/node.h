// The tree that all layers of configuration are merged into.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace action_scheduler {

// A value with the place that it came from. Maps keep the order in which they were written.
struct ConfigNode {
  enum class Kind { null, text, list, map };
  struct Entry;

  Kind kind = Kind::null;
  std::string text;    // of a text
  bool plain = false;  // a text without quotes: it may mean a number or a boolean
  std::vector<ConfigNode> items;
  std::vector<Entry> entries;
  std::string origin;  // "config.yaml:12:5"

  static ConfigNode make_text(std::string text, std::string origin, bool plain = true);
  static ConfigNode make_null(std::string origin);
  static ConfigNode make_map(std::string origin);

  // The value of an entry; null if this is no map or has none of this name.
  const ConfigNode* find(std::string_view name) const;
  ConfigNode* find(std::string_view name);

  // The nodes in this tree, itself included.
  std::size_t tree_size() const;
};

struct ConfigNode::Entry {
  std::string name;
  ConfigNode value;
};

// Lays `upper` over what stands at `path` in `root`: maps merge, everything else replaces. Levels on the way are made if need be.
void merge_at(ConfigNode& root, std::span<const std::string> path, ConfigNode upper);

// A value as a fault shows it: quoted, control characters escaped, cut off when it is long.
std::string quoted_for_fault(std::string_view text);

}  // namespace action_scheduler
