#include "config/node.h"

#include <algorithm>
#include <utility>

#include "action_scheduler/utf8.h"

namespace action_scheduler {
namespace {

void merge(ConfigNode& lower, ConfigNode upper) {
  if (lower.kind != ConfigNode::Kind::map || upper.kind != ConfigNode::Kind::map) {
    lower = std::move(upper);
    return;
  }
  lower.origin = std::move(upper.origin);
  for (auto& [name, value] : upper.entries) {
    if (ConfigNode* there = lower.find(name)) {
      merge(*there, std::move(value));
    } else {
      lower.entries.push_back({std::move(name), std::move(value)});
    }
  }
}

}  // namespace

ConfigNode ConfigNode::make_text(std::string text, std::string origin, bool plain) {
  ConfigNode node;
  node.kind = Kind::text;
  node.text = std::move(text);
  node.plain = plain;
  node.origin = std::move(origin);
  return node;
}

ConfigNode ConfigNode::make_null(std::string origin) {
  ConfigNode node;
  node.origin = std::move(origin);
  return node;
}

ConfigNode ConfigNode::make_map(std::string origin) {
  ConfigNode node;
  node.kind = Kind::map;
  node.origin = std::move(origin);
  return node;
}

const ConfigNode* ConfigNode::find(std::string_view name) const {
  for (const Entry& entry : entries) {
    if (entry.name == name) return &entry.value;
  }
  return nullptr;
}

ConfigNode* ConfigNode::find(std::string_view name) { return const_cast<ConfigNode*>(std::as_const(*this).find(name)); }

std::size_t ConfigNode::tree_size() const {
  std::size_t size = 1;
  for (const ConfigNode& item : items) size += item.tree_size();
  for (const Entry& entry : entries) size += entry.value.tree_size();
  return size;
}

void merge_at(ConfigNode& root, std::span<const std::string> path, ConfigNode upper) {
  ConfigNode* place = &root;
  for (const std::string& name : path) {
    if (place->kind != ConfigNode::Kind::map) *place = ConfigNode::make_map(upper.origin);
    ConfigNode* next = place->find(name);
    if (next == nullptr) {
      place->entries.push_back({name, ConfigNode::make_null(upper.origin)});
      next = &place->entries.back().value;
    }
    place = next;
  }
  merge(*place, std::move(upper));
}

std::string quoted_for_fault(std::string_view text) {
  constexpr std::size_t kShown = 80;
  constexpr char kHex[] = "0123456789abcdef";
  std::string_view rest = first_bytes(text, kShown);
  const bool cut = rest.size() < text.size();
  std::string quoted = "\"";
  while (!rest.empty()) {
    const Utf8Character character = first_character(rest);
    const auto byte = static_cast<unsigned char>(rest.front());
    const std::size_t bytes = std::max<std::size_t>(character.bytes, 1);
    if (character.bytes == 0 || byte < 0x20 || byte == 0x7f) {
      quoted += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      if (byte == '"' || byte == '\\') quoted += '\\';
      append_printable(quoted, rest.substr(0, bytes));
    }
    rest.remove_prefix(bytes);
  }
  return quoted + (cut ? "...\"" : "\"");
}

}  // namespace action_scheduler
