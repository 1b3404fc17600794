// What the key table means: names, expectations and values.
#include <algorithm>
#include <utility>

#include "action_scheduler/suggestion.h"
#include "config/addresses.h"
#include "config/json_reader.h"
#include "config/keys.h"
#include "config/value_syntax.h"

namespace action_scheduler {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view kind_name(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::null:
      return "nothing";
    case ConfigNode::Kind::text:
      return "a text";
    case ConfigNode::Kind::list:
      return "a list";
    case ConfigNode::Kind::map:
      return "keys below it";
  }
  return "something else";
}

Error unexpected(const KeySpec& key, const ConfigNode& node) {
  const bool shown = node.kind == ConfigNode::Kind::text && !key.secret && key.type != KeyType::properties;
  return Error{"expected " + expectation(key) + ", got " + (shown ? quoted_for_fault(node.text) : std::string(kind_name(node)))};
}

Result<ConfigValue> parse_properties(const KeySpec& key, const ConfigNode& node) {
  if (node.kind != ConfigNode::Kind::map) return unexpected(key, node);
  Properties properties;
  for (const auto& [name, value] : node.entries) {
    if (value.kind == ConfigNode::Kind::null) continue;
    if (value.kind != ConfigNode::Kind::text) {
      const bool nested = value.kind == ConfigNode::Kind::map && key.dots_in_properties;
      return Error{"expected a text for " + quoted_for_fault(name) + " at " + value.origin + ", got " +
                   std::string(kind_name(value)) +
                   (nested ? "; a name with dots is written in one piece, such as sasl.username" : "")};
    }
    properties[name] = value.text;
  }
  return ConfigValue(std::move(properties));
}

Result<ConfigValue> parse_servers(const KeySpec& key, const ConfigNode& node) {
  std::vector<std::string> items;
  if (node.kind == ConfigNode::Kind::text) items.push_back(node.text);
  for (const ConfigNode& item : node.items) {
    if (item.kind != ConfigNode::Kind::text) return unexpected(key, item);
    items.push_back(item.text);
  }
  if (node.kind == ConfigNode::Kind::map) return unexpected(key, node);
  auto servers = parse_kafka_servers(items);
  if (!servers) return servers.error();
  return ConfigValue(std::move(*servers));
}

Result<ConfigValue> parse_text(const KeySpec& key, const std::string& given) {
  if (key.check == nullptr) return ConfigValue(given);
  auto checked = key.check(given);
  if (!checked) return checked.error();
  return ConfigValue(std::move(*checked));
}

}  // namespace

const KeySpec* find_key(std::string_view name) {
  const auto keys = config_keys();
  const auto found = std::ranges::find(keys, name, &KeySpec::name);
  return found == keys.end() ? nullptr : &*found;
}

bool is_level(std::string_view name) {
  return std::ranges::find(config_sections(), name, &SectionSpec::name) != config_sections().end();
}

std::vector<std::string> split_key(std::string_view name) {
  for (const KeySpec& key : config_keys()) {
    if (key.type != KeyType::properties || !name.starts_with(key.name)) continue;
    if (name.size() <= key.name.size() || name[key.name.size()] != '.') continue;
    std::vector<std::string> parts = split(key.name, '.');
    parts.emplace_back(name.substr(key.name.size() + 1));
    return parts;
  }
  return split(name, '.');
}

std::string environment_name(std::string_view key) {
  std::string name;
  for (const char c : key) {
    if (c == '.') {
      name += "__";
    } else {
      name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return name;
}

std::string expectation(const KeySpec& key) {
  switch (key.type) {
    case KeyType::text:
      return key.what.empty() ? "a text" : std::string(key.what);
    case KeyType::integer:
      return std::string("an integer ") + (key.seconds ? "of seconds " : "") + "from " + std::to_string(key.min) + " to " +
             std::to_string(key.max);
    case KeyType::boolean:
      return "true or false";
    case KeyType::choice: {
      const auto choices = split(key.choices, '|');
      if (choices.size() == 1) return choices.front();
      std::string list;
      for (const std::string& choice : choices) list += (list.empty() ? "" : ", ") + choice;
      return "one of " + list;
    }
    case KeyType::servers:
      return "host:port or a list of them";
    case KeyType::properties:
      return "properties below it, each with a text";
  }
  return {};
}

Result<ConfigValue> parse_value(const KeySpec& key, const ConfigNode& node) {
  if (node.kind == ConfigNode::Kind::null) return ConfigValue();
  if (key.type == KeyType::properties) return parse_properties(key, node);
  if (key.type == KeyType::servers) return parse_servers(key, node);
  if (node.kind != ConfigNode::Kind::text) return unexpected(key, node);
  if (node.text.empty()) return ConfigValue();
  switch (key.type) {
    case KeyType::integer: {
      const auto integer = read_integer(node.text);
      if (!integer || *integer < key.min || *integer > key.max) return unexpected(key, node);
      return ConfigValue(*integer);
    }
    case KeyType::boolean: {
      const auto boolean = read_boolean(node.text);
      if (!boolean) return unexpected(key, node);
      return ConfigValue(*boolean);
    }
    case KeyType::choice: {
      const auto choices = split(key.choices, '|');
      if (std::ranges::find(choices, node.text) == choices.end()) {
        return Error{unexpected(key, node).message + suggestion(node.text, choices)};
      }
      return ConfigValue(node.text);
    }
    default:
      return parse_text(key, node.text);
  }
}

ConfigValue fallback_value(const KeySpec& key) {
  if (key.fallback.empty()) return {};
  return parse_value(key, ConfigNode::make_text(std::string(key.fallback), "default")).value();
}

bool is_secret_property(std::string_view name) {
  const std::string lower = lower_case(name);
  const auto secret_words = {"password",  "passphrase",        "secret", "token", "key", "jaas", "credential",
                             "assertion", "oauthbearer.config"};
  return std::ranges::any_of(secret_words, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

}  // namespace action_scheduler
