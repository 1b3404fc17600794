#include "core/json.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "action_scheduler/utf8.h"

namespace action_scheduler {

namespace {

constexpr std::size_t kExcerptBytes = 60;

// Beyond the control characters that JSON escapes itself: what ends a line, turns the direction of the text or steers a terminal.
bool is_control(std::uint32_t code) {
  return (code >= 0x7f && code <= 0x9f) || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

// The same JSON string with those escaped.
std::string printable(std::string quoted) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (std::size_t at = 0; at < quoted.size();) {
    const Utf8Character character = first_character(std::string_view(quoted).substr(at));
    const std::size_t bytes = std::max<std::size_t>(1, character.bytes);
    if (!is_control(character.code)) {
      at += bytes;
      continue;
    }
    std::string escape = "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) escape += kHex[character.code >> shift & 0xf];
    quoted.replace(at, bytes, escape);
    at += escape.size();
  }
  return quoted;
}

}  // namespace

std::optional<std::int64_t> Json::integer() const {
  if (kind_ != Kind::integer) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
  if (fault != std::errc() || end != text_.data() + text_.size()) return std::nullopt;
  return value;
}

const Json* Json::find(std::string_view key) const {
  for (const Json& child : children()) {
    if (child.key_ == key) return &child;
  }
  return nullptr;
}

std::string Json::describe() const {
  switch (kind_) {
    case Kind::string:
      return quoted_excerpt(text_);
    case Kind::array:
      return "an array";
    case Kind::object:
      return "an object";
    default:
      return text_.size() <= kExcerptBytes ? std::string(text_) : std::string(text_.substr(0, kExcerptBytes)) + "...";
  }
}

std::string Json::describe_kind() const {
  const std::string kind(kind_name(kind_));
  return is(Kind::array) || is(Kind::object) || is(Kind::null) ? kind : describe() + " is " + kind;
}

std::string_view kind_name(Json::Kind kind) {
  switch (kind) {
    case Json::Kind::null:
      return "null";
    case Json::Kind::boolean:
      return "a boolean";
    case Json::Kind::integer:
      return "an integer";
    case Json::Kind::fraction:
      return "a number with a fraction or exponent";
    case Json::Kind::string:
      return "a string";
    case Json::Kind::array:
      return "an array";
    case Json::Kind::object:
      return "an object";
  }
  return "";
}

std::string json_quoted(std::string_view text) {
  return nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string quoted_excerpt(std::string_view text) {
  if (text.size() <= kExcerptBytes) return printable(json_quoted(text));
  std::size_t end = kExcerptBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
  return printable(json_quoted(std::string(text.substr(0, end)) + "..."));
}

}  // namespace action_scheduler
