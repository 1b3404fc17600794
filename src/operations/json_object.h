// Writing JSON.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

#include "action_scheduler/time.h"
#include "core/json.h"

namespace action_scheduler {

// `{"name":value,...}`. Names are plain words.
class JsonObject {
 public:
  // `value` is JSON.
  JsonObject& raw(std::string_view name, std::string_view value) {
    text_ += text_.size() > 1 ? ",\"" : "\"";
    text_ += name;
    text_ += "\":";
    text_ += value;
    return *this;
  }
  JsonObject& quoted(std::string_view name, std::string_view value) { return raw(name, json_quoted(value)); }
  // An empty text is null.
  JsonObject& text_or_null(std::string_view name, std::string_view value) {
    return raw(name, value.empty() ? "null" : json_quoted(value));
  }
  JsonObject& number(std::string_view name, std::integral auto value) { return raw(name, std::to_string(value)); }
  JsonObject& flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
  JsonObject& time(std::string_view name, std::optional<Instant> value) {
    return raw(name, value ? '"' + format_utc(*value) + '"' : "null");
  }

  std::string text() const { return text_ + '}'; }

 private:
  std::string text_ = "{";
};

// `[...]` of what `text` makes of each.
template <class Items, class Text>
std::string json_array(const Items& items, const Text& text) {
  std::string list;
  for (const auto& item : items) list += (list.empty() ? "" : ",") + text(item);
  return '[' + list + ']';
}

}  // namespace action_scheduler
