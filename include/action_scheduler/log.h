// Port: where events for people and log collectors go. Adapters: src/cli/logging.h and the recording log of the tests.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "action_scheduler/event.h"

namespace action_scheduler {

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
