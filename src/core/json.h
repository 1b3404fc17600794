// JSON texts as values, read strictly: no duplicate keys, no NUL, no comments, limits on size and depth; numbers keep their text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "action_scheduler/result.h"

namespace action_scheduler {

inline constexpr std::size_t kJsonBytesMax = 1 << 20;
inline constexpr std::size_t kJsonDepthMax = 32;
inline constexpr std::size_t kJsonMembersMax = 4096;  // of one object

class Json {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, fraction, string, array, object };
  using Member = std::pair<std::string, Json>;

  Json() = default;

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }

  // Of a boolean.
  bool boolean() const { return text_ == "true"; }

  // Of an integer: absent if it does not fit.
  std::optional<std::int64_t> integer() const;

  // A string's content; a number, boolean or null as it was written. An integer has no point and no exponent, however large;
  // `5.0` and `1e3` are fractions.
  const std::string& text() const { return text_; }

  // Of an array, else empty.
  const std::vector<Json>& items() const { return items_; }

  // Of an object, in the order of the text, no key twice, else empty.
  const std::vector<Member>& members() const { return members_; }

  // The member of this key, else null. Valid as long as this value.
  const Json* find(std::string_view key) const;

  // For messages: `5.0`, `"text"` (cut where it is long), `an array`.
  std::string describe() const;

  // The same with its kind: `5.0 is a number with a fraction or exponent`, `an array`.
  std::string describe_kind() const;

 private:
  friend class JsonBuilder;

  Kind kind_ = Kind::null;
  std::string text_ = "null";
  std::vector<Json> items_;
  std::vector<Member> members_;
};

// "null", "a boolean", "an integer", ...
std::string_view kind_name(Json::Kind kind);

// Reads one JSON text (RFC 8259, UTF-8). The Error gives the position in bytes, counted from 1.
Result<Json> parse_json(std::string_view text);

// The text as a JSON string with its quotes.
std::string json_quoted(std::string_view text);

// The same for messages: cut after some 60 bytes, bytes that are not UTF-8 replaced, all control characters escaped.
std::string quoted_excerpt(std::string_view text);

}  // namespace action_scheduler
