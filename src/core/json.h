// JSON texts as values, read strictly: no duplicate keys, no NUL, no comments, limits on size and depth; numbers keep their text.
// The values are views of the text, so that a small one is read without an allocation.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/result.h"

namespace action_scheduler {

inline constexpr std::size_t kJsonBytesMax = 1 << 20;
inline constexpr std::size_t kJsonDepthMax = 32;
inline constexpr std::size_t kJsonMembersMax = 4096;  // of one object

// A value in a JsonDocument, valid as long as that document and the text that it was read from. Not to be copied out of it: the
// values inside an array or object stand behind it.
class Json {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, fraction, string, array, object };

  // What is inside an array or object, in the order of the text.
  class Children {
   public:
    class Iterator {
     public:
      explicit Iterator(const Json* at) : at_(at) {}
      const Json& operator*() const { return *at_; }
      Iterator& operator++() {
        at_ += at_->values_;
        return *this;
      }
      bool operator==(const Iterator&) const = default;

     private:
      const Json* at_;
    };

    explicit Children(const Json& parent) : parent_(&parent) {}
    Iterator begin() const { return Iterator(parent_ + 1); }
    Iterator end() const { return Iterator(parent_ + parent_->values_); }

   private:
    const Json* parent_;
  };

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }

  // Of a boolean.
  bool boolean() const { return text_ == "true"; }

  // Of an integer: absent if it does not fit.
  std::optional<std::int64_t> integer() const;

  // A string's content; a number, boolean or null as it was written (`-0` as `0`). An integer has no point and no exponent,
  // however large; `5.0` and `1e3` are fractions.
  std::string_view text() const { return text_; }

  // Of a member of an object, else empty. No key stands twice in one object.
  std::string_view key() const { return key_; }

  // Of a string, number, boolean or null: none.
  Children children() const { return Children(*this); }

  // The member of this key, else null.
  const Json* find(std::string_view key) const;

  // For messages: `5.0`, `"text"` (cut where it is long), `an array`.
  std::string describe() const;

  // The same with its kind: `5.0 is a number with a fraction or exponent`, `an array`.
  std::string describe_kind() const;

 private:
  friend class JsonDocument;
  friend class JsonReader;

  std::string_view key_;
  std::string_view text_ = "null";
  std::uint32_t values_ = 1;  // itself and all that is inside; they follow each other in the document
  Kind kind_ = Kind::null;
};

// All values of one text.
class JsonDocument {
 public:
  const Json& root() const { return values()[0]; }

 private:
  friend class JsonReader;

  const Json* values() const { return many_.empty() ? few_.data() : many_.data(); }
  Json* values() { return many_.empty() ? few_.data() : many_.data(); }
  std::uint32_t append();

  std::array<Json, 20> few_;  // enough for a schedule
  std::vector<Json> many_;    // all of them, if they are more
  std::uint32_t size_ = 0;
  std::unique_ptr<char[]> unescaped_;  // the strings that hold escapes; null if there are none
};

// "null", "a boolean", "an integer", ...
std::string_view kind_name(Json::Kind kind);

// Reads one JSON text (RFC 8259, UTF-8), of which the document keeps views. The Error gives the position in bytes, counted
// from 1.
Result<JsonDocument> parse_json(std::string_view text);
template <std::same_as<std::string> Text>
Result<JsonDocument> parse_json(Text&&) = delete;  // a temporary would be gone

// The text as a JSON string with its quotes.
std::string json_quoted(std::string_view text);

// The same for messages: cut after some 60 bytes, bytes that are not UTF-8 replaced, all control characters escaped.
std::string quoted_excerpt(std::string_view text);

}  // namespace action_scheduler
