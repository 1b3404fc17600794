#include "config/json_reader.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "config/value_syntax.h"

namespace action_scheduler {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kJsonLevelsMax = 50;

ConfigNode to_node(const Json& json, const std::string& origin) {
  ConfigNode node;
  node.origin = origin;
  if (json.is_string()) {
    node = ConfigNode::make_text(json.get<std::string>(), origin, false);
  } else if (json.is_array()) {
    node.kind = ConfigNode::Kind::list;
    for (const Json& item : json) node.items.push_back(to_node(item, origin));
  } else if (json.is_object()) {
    node.kind = ConfigNode::Kind::map;
    for (const auto& [name, value] : json.items()) node.entries.push_back({name, to_node(value, origin)});
  } else if (!json.is_null()) {
    node = ConfigNode::make_text(json.dump(), origin, true);
  }
  return node;
}

bool is_json_number(std::string_view text) {
  if (text.find_first_not_of("+-.eE0123456789") != std::string_view::npos) return false;
  const Json json = Json::parse(text, nullptr, false);
  return json.is_number();
}

}  // namespace

Result<ConfigNode> read_json(std::string_view text, const std::string& origin) {
  try {
    bool too_deep = false;
    std::vector<std::set<std::string>> keys;  // of the objects that are open
    std::optional<std::string> twice;
    const Json json = Json::parse(text, [&](int depth, Json::parse_event_t event, Json& parsed) {
      too_deep = too_deep || depth > kJsonLevelsMax;
      if (event == Json::parse_event_t::object_start) keys.emplace_back();
      if (event == Json::parse_event_t::object_end) keys.pop_back();
      if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second && !twice) {
        twice = parsed.get<std::string>();
      }
      return !too_deep;
    });
    if (too_deep) return Error{"expected at most " + std::to_string(kJsonLevelsMax) + " levels of JSON"};
    if (twice) return Error{"the key " + quoted_for_fault(*twice) + " stands twice in one object"};
    return to_node(json, origin);
  } catch (const Json::parse_error& error) {
    return Error{"it is no JSON from byte " + std::to_string(error.byte) + " on"};
  } catch (const std::exception&) {
    return Error{"it is no JSON"};
  }
}

std::string json_string(std::string_view text) {
  return Json(std::string(text)).dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string write_json(const ConfigNode& node) {
  std::string json;
  switch (node.kind) {
    case ConfigNode::Kind::null:
      return "null";
    case ConfigNode::Kind::text:
      if (node.plain) {
        if (const auto boolean = read_yaml_boolean(node.text)) return *boolean ? "true" : "false";
        if (is_json_number(node.text)) return node.text;
      }
      return json_string(node.text);
    case ConfigNode::Kind::list:
      for (const ConfigNode& item : node.items) json += (json.empty() ? "" : ", ") + write_json(item);
      return '[' + json + ']';
    case ConfigNode::Kind::map:
      for (const auto& [name, value] : node.entries) {
        json += (json.empty() ? "" : ", ") + json_string(name) + ": " + write_json(value);
      }
      return '{' + json + '}';
  }
  return json;
}

}  // namespace action_scheduler
