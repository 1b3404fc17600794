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

// Receives nlohmann's events. A false answer ends the reading.
class JsonBuilder {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  bool null() { return put(Json::Kind::null, "null"); }
  bool boolean(bool value) { return put(Json::Kind::boolean, value ? "true" : "false"); }
  bool number_integer(number_integer_t value) { return put(Json::Kind::integer, std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) { return put(Json::Kind::integer, std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) {
    // An integer that is too large for 64 bits comes here too.
    return put(text.find_first_of(".eE") == string_t::npos ? Json::Kind::integer : Json::Kind::fraction, text);
  }
  bool string(string_t& text) { return put(Json::Kind::string, std::move(text)); }
  bool binary(binary_t&) { return false; }

  bool start_object(std::size_t) { return open(Json::Kind::object); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(Json::Kind::array); }
  bool end_array() { return close(); }

  bool key(string_t& text) {
    if (open_.back()->members_.size() == kJsonMembersMax) {  // each key is compared with those before it
      error_ = "a JSON object of more than " + std::to_string(kJsonMembersMax) + " keys";
      return false;
    }
    if (open_.back()->find(text) != nullptr) {
      error_ = "the key " + quoted_excerpt(text) + " stands twice in one object";
      return false;
    }
    key_ = std::move(text);
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token, const nlohmann::detail::exception& fault) {
    std::string reason = fault.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 5: syntax error while parsing ...; last read: '...'"
    if (const auto start = reason.find("syntax error"); start != std::string::npos) reason.erase(0, start);
    if (const auto end = reason.find("; last read"); end != std::string::npos) reason.erase(end);
    if (reason.front() == '[') reason = "text that is not UTF-8 or a number out of range";
    error_ = "not valid JSON at character " + std::to_string(position) + ", near " + quoted_excerpt(token) + ": " + reason;
    return false;
  }

  Json take_value() { return std::move(root_); }
  const std::string& error() const { return error_; }

 private:
  Json* place() {
    if (open_.empty()) return &root_;
    Json& parent = *open_.back();
    if (parent.is(Json::Kind::array)) return &parent.items_.emplace_back();
    return &parent.members_.emplace_back(std::move(key_), Json()).second;
  }

  bool put(Json::Kind kind, std::string text) {
    Json* value = place();
    value->kind_ = kind;
    value->text_ = std::move(text);
    return true;
  }

  bool open(Json::Kind kind) {
    if (open_.size() == kJsonDepthMax) {
      error_ = "JSON nested deeper than " + std::to_string(kJsonDepthMax) + " levels";
      return false;
    }
    Json* value = place();
    value->kind_ = kind;
    value->text_.clear();
    open_.push_back(value);  // stays put: a parent gets no further member while its child is open
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  Json root_;
  std::vector<Json*> open_;
  std::string key_;
  std::string error_;
};

std::optional<std::int64_t> Json::integer() const {
  if (kind_ != Kind::integer) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
  if (fault != std::errc() || end != text_.data() + text_.size()) return std::nullopt;
  return value;
}

const Json* Json::find(std::string_view key) const {
  const auto found = std::find_if(members_.begin(), members_.end(), [key](const Member& member) { return member.first == key; });
  return found == members_.end() ? nullptr : &found->second;
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
      return text_.size() <= kExcerptBytes ? text_ : text_.substr(0, kExcerptBytes) + "...";
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

Result<Json> parse_json(std::string_view text) {
  if (text.size() > kJsonBytesMax) {
    return Error{"JSON of " + std::to_string(text.size()) + " bytes is longer than the " + std::to_string(kJsonBytesMax) +
                 " allowed"};
  }
  // The library takes a NUL for the end of the text.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return Error{"not valid JSON at character " + std::to_string(nul + 1) + ": a NUL byte"};
  }
  JsonBuilder builder;
  try {
    if (nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return builder.take_value();
  } catch (const std::exception& fault) {
    return Error{std::string("not valid JSON: ") + fault.what()};
  }
  return Error{builder.error()};
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
