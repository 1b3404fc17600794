// Port: where events for people and log collectors go. Adapters: src/cli/logging.h and the recording log of the tests.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
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

// Receives events. Implementations are thread safe, never throw, and escape every value so that what a table holds cannot forge
// a line.
class Log {
 public:
  virtual ~Log() = default;

  // Whether events of this level are kept: ask before making expensive fields.
  virtual bool enabled(Level level) const = 0;

  // Writes one event as one line. `event` is a sentence of fixed words, "action cannot be scheduled"; what varies is in `fields`.
  virtual void write(Level level, std::string_view event, std::span<const Field> fields) = 0;

  void event(Level level, std::string_view what, std::initializer_list<Field> fields = {}) {
    if (enabled(level)) write(level, what, {fields.begin(), fields.size()});
  }
  void debug(std::string_view what, std::initializer_list<Field> fields = {}) { event(Level::debug, what, fields); }
  void info(std::string_view what, std::initializer_list<Field> fields = {}) { event(Level::info, what, fields); }
  void warning(std::string_view what, std::initializer_list<Field> fields = {}) { event(Level::warning, what, fields); }
  void error(std::string_view what, std::initializer_list<Field> fields = {}) { event(Level::error, what, fields); }
};

}  // namespace action_scheduler
