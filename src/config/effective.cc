#include "config/effective.h"

#include <algorithm>
#include <utility>

#include "action_scheduler/utf8.h"
#include "config/json_reader.h"

namespace action_scheduler {
namespace {

constexpr std::string_view kMask = "***";

std::string printable(std::string_view text) {
  std::string shown;
  append_printable(shown, text);
  return shown;
}

std::string json_value(const EffectiveValue& effective) {
  if (const bool* flag = std::get_if<bool>(&effective.value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&effective.value)) return std::to_string(*integer);
  if (const auto* text = std::get_if<std::string>(&effective.value)) return json_string(effective.secret ? kMask : *text);
  return "null";
}

// Texts that a terminal could misread are quoted.
std::string shown_value(const EffectiveValue& effective) {
  const auto* text = std::get_if<std::string>(&effective.value);
  if (text == nullptr) return std::holds_alternative<std::monostate>(effective.value) ? "-" : json_value(effective);
  if (effective.secret) return std::string(kMask);
  const bool plain =
      !text->empty() && *text != "-" && text->front() != ' ' && text->find('"') == std::string::npos && printable(*text) == *text;
  return plain ? *text : json_string(*text);
}

}  // namespace

std::string effective_table(std::span<const EffectiveValue> values) {
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  std::vector<std::string> shown;
  for (const EffectiveValue& value : values) {
    shown.push_back(shown_value(value));
    key_width = std::max(key_width, value.key.size());
    value_width = std::max(value_width, std::min<std::size_t>(shown.back().size(), 50));
  }
  std::string table;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto padded = [](std::string text, std::size_t width) {
      text.resize(std::max(text.size(), width), ' ');
      return text;
    };
    table += padded(printable(values[i].key), key_width) + "  " + padded(shown[i], value_width) + "  " +
             printable(values[i].origin) + '\n';
  }
  return table;
}

std::string effective_json(std::span<const EffectiveValue> values) {
  std::string json;
  for (const EffectiveValue& value : values) {
    json += json.empty() ? "{\n" : ",\n";
    json +=
        "  " + json_string(value.key) + ": {\"value\": " + json_value(value) + ", \"origin\": " + json_string(value.origin) + '}';
  }
  return (json.empty() ? "{" : json) + "\n}\n";
}

std::string faults_json(std::span<const ConfigFault> faults) {
  std::string json;
  for (const ConfigFault& fault : faults) {
    if (!json.empty()) json += ", ";
    json += "{\"source\": " + json_string(fault.source) + ", \"key\": " + json_string(fault.key) +
            ", \"message\": " + json_string(fault.message) + '}';
  }
  return "{\"faults\": [" + json + "]}\n";
}

}  // namespace action_scheduler
