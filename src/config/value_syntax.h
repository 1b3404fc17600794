// How booleans and integers are written in configuration.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace action_scheduler {

// ASCII only; other bytes stay.
inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// `true false on off yes no` in any case: what YAML 1.1 takes for a boolean.
inline std::optional<bool> read_yaml_boolean(std::string_view text) {
  const std::string lower = lower_case(text);
  if (lower == "true" || lower == "on" || lower == "yes") return true;
  if (lower == "false" || lower == "off" || lower == "no") return false;
  return std::nullopt;
}

// `true false on off yes no t f 1 0` in any case.
inline std::optional<bool> read_boolean(std::string_view text) {
  const std::string lower = lower_case(text);
  if (lower == "t" || lower == "1") return true;
  if (lower == "f" || lower == "0") return false;
  return read_yaml_boolean(text);
}

// Decimal digits with at most a sign before them.
inline std::optional<std::int64_t> read_integer(std::string_view text) {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  std::int64_t integer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return integer;
}

}  // namespace action_scheduler
