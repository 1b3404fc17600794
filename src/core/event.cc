#include "action_scheduler/event.h"

#include <algorithm>

#include "action_scheduler/utf8.h"

namespace action_scheduler {
namespace {

// Whatever a table holds: a line stays one that collectors take.
constexpr std::size_t kValueBytesMax = 4000;

// Also a JSON string.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    // Up to the next character that has a meaning between quotes.
    const std::size_t plain = std::min(text.find_first_of("\"\\"), text.size());
    append_printable(out, text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    out += '\\';
    out += text.front();
    text.remove_prefix(1);
  }
  out += '"';
}

bool needs_quotes(std::string_view text) {
  return text.empty() || !std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("._:/+@,-").find(c) != std::string_view::npos;
         });
}

void append_value(std::string& out, const Field& field, bool bare) {
  if (bare) {
    out += field.value;
    return;
  }
  const std::string_view shown = first_bytes(field.value, kValueBytesMax);
  append_quoted(out, shown.size() == field.value.size() ? field.value : std::string(shown) + "...");
}

}  // namespace

std::string event_pairs(std::string_view event, std::span<const Field> fields) {
  std::string text = "event=";
  append_quoted(text, event);
  for (const Field& field : fields) {
    text.append(" ").append(field.name).append("=");
    append_value(text, field, field.value.size() <= kValueBytesMax && !needs_quotes(field.value));
  }
  return text;
}

std::string event_members(std::string_view event, std::span<const Field> fields) {
  std::string text = "\"event\":";
  append_quoted(text, event);
  for (const Field& field : fields) {
    text.append(",\"").append(field.name).append("\":");
    append_value(text, field, field.number);
  }
  return text;
}

}  // namespace action_scheduler
