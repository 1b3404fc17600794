#include "core/json.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "action_scheduler/utf8.h"

namespace action_scheduler {

namespace {

constexpr std::size_t kExcerptBytes = 60;

// The same JSON string, without what is legal in JSON but not fit to be shown.
std::string printable(const std::string& quoted) {
  std::string shown;
  append_printable(shown, quoted);
  return shown;
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
  return printable(json_quoted(std::string(first_bytes(text, kExcerptBytes)) + "..."));
}

}  // namespace action_scheduler
