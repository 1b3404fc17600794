// What happened, for people and log collectors: data and its text. Where events go is the port in log.h.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace action_scheduler {

enum class Level : std::uint8_t { debug, info, warning, error };

constexpr std::string_view to_string(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "error";
}

// One fact of an event: `Field{"action", 42}`, `Field{"reason", text}`. The value is copied as text; `number` says that JSON may
// show it bare.
struct Field {
  std::string_view name;  // a word of lower case letters, digits and _; outlives the call
  std::string value;
  bool number = false;

  Field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const char* text) : name(field_name), value(text) {}
  Field(std::string_view field_name, std::string text) : name(field_name), value(std::move(text)) {}
  Field(std::string_view field_name, bool flag) : name(field_name), value(flag ? "true" : "false"), number(true) {}
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>)
  Field(std::string_view field_name, Integer integer) : name(field_name), value(std::to_string(integer)), number(true) {}
};

// An event as text of one line, whatever its values hold: control characters and what is not UTF-8 are escaped, long values are
// cut. Time and level are the caller's to add.

// event="action cannot be scheduled" action=42 reason="..."
std::string event_pairs(std::string_view event, std::span<const Field> fields);

// "event":"action cannot be scheduled","action":42,"reason":"..." for a JSON object.
std::string event_members(std::string_view event, std::span<const Field> fields);

}  // namespace action_scheduler
