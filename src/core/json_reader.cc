#include <algorithm>
#include <charconv>
#include <cstring>

#include "action_scheduler/utf8.h"
#include "core/json.h"

namespace action_scheduler {

std::uint32_t JsonDocument::append() {
  if (size_ == few_.size() && many_.empty()) many_.assign(few_.begin(), few_.end());
  if (size_ >= few_.size()) many_.emplace_back();
  return size_++;
}

// From left to right, without a second look. Each function stands behind what it has read and is false after a fault.
class JsonReader {
 public:
  JsonReader(std::string_view text, JsonDocument& document) : text_(text), document_(document) {}

  bool read() {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    if (!read_value({}, 0)) return false;
    skip_white_space();
    return at_ == text_.size() || fail("text is left over behind the value");
  }

  const std::string& fault() const { return fault_; }

 private:
  bool fail(std::string_view reason) {
    constexpr std::size_t kNearBytes = 20;
    fault_ = "not valid JSON at character " + std::to_string(at_ + 1);
    if (at_ < text_.size()) {
      std::size_t end = std::min(at_ + kNearBytes, text_.size());
      while (end < text_.size() && end > at_ + 1 && (static_cast<unsigned char>(text_[end]) & 0xC0) == 0x80) --end;
      fault_ += ", near " + quoted_excerpt(text_.substr(at_, end - at_));
    }
    fault_.append(": ").append(reason);
    return false;
  }

  bool refuse(std::string fault) {
    fault_ = std::move(fault);
    return false;
  }

  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }
  void skip_white_space() {
    while (next_is(' ') || next_is('\t') || next_is('\n') || next_is('\r')) ++at_;
  }

  Json& value(std::uint32_t index) { return document_.values()[index]; }

  bool read_value(std::string_view key, std::size_t depth) {
    skip_white_space();
    const std::uint32_t index = document_.append();
    value(index).key_ = key;
    if (at_ == text_.size()) return fail("it ends where a value is expected");
    switch (text_[at_]) {
      case '{':
        return open(index, Json::Kind::object, depth) && read_members(index, depth + 1);
      case '[':
        return open(index, Json::Kind::array, depth) && read_items(index, depth + 1);
      case '"':
        value(index).kind_ = Json::Kind::string;
        return read_string(value(index).text_);
      case 't':
        return read_word(index, Json::Kind::boolean, "true");
      case 'f':
        return read_word(index, Json::Kind::boolean, "false");
      case 'n':
        return read_word(index, Json::Kind::null, "null");
      default:
        return read_number(index);
    }
  }

  bool open(std::uint32_t index, Json::Kind kind, std::size_t depth) {
    if (depth == kJsonDepthMax) return refuse("JSON nested deeper than " + std::to_string(kJsonDepthMax) + " levels");
    ++at_;
    value(index).kind_ = kind;
    value(index).text_ = {};
    return true;
  }

  bool read_items(std::uint32_t array, std::size_t depth) {
    skip_white_space();
    if (take(']')) return true;
    while (read_value({}, depth)) {
      value(array).values_ = document_.size_ - array;
      skip_white_space();
      if (take(']')) return true;
      if (!take(',')) return fail("`,` or `]` is expected");
    }
    return false;
  }

  bool read_members(std::uint32_t object, std::size_t depth) {
    skip_white_space();
    if (take('}')) return true;
    for (std::size_t members = 0;; ++members) {
      skip_white_space();
      if (!next_is('"')) return fail("a key in double quotes is expected");
      std::string_view key;
      if (!read_string(key)) return false;
      if (members == kJsonMembersMax) {  // each key is compared with those before it
        return refuse("a JSON object of more than " + std::to_string(kJsonMembersMax) + " keys");
      }
      if (value(object).find(key) != nullptr) return refuse("the key " + quoted_excerpt(key) + " stands twice in one object");
      skip_white_space();
      if (!take(':')) return fail("`:` is expected behind the key");
      if (!read_value(key, depth)) return false;
      value(object).values_ = document_.size_ - object;
      skip_white_space();
      if (take('}')) return true;
      if (!take(',')) return fail("`,` or `}` is expected");
    }
  }

  bool read_word(std::uint32_t index, Json::Kind kind, std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return fail("a value is expected; words are only true, false and null");
    value(index).kind_ = kind;
    value(index).text_ = text_.substr(at_, word.size());
    at_ += word.size();
    return true;
  }

  std::size_t take_digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ - begin;
  }

  bool read_number(std::uint32_t index) {
    std::size_t begin = at_;
    const bool negative = take('-');
    if (!take('0') && take_digits() == 0) return fail(negative ? "a digit is expected" : "a value is expected");
    value(index).kind_ = Json::Kind::integer;
    if (take('.')) {
      value(index).kind_ = Json::Kind::fraction;
      if (take_digits() == 0) return fail("a digit is expected");
    }
    if (take('e') || take('E')) {
      value(index).kind_ = Json::Kind::fraction;
      if (!take('+')) take('-');
      if (take_digits() == 0) return fail("a digit is expected");
    }
    if (text_.substr(begin, at_ - begin) == "-0") ++begin;
    value(index).text_ = text_.substr(begin, at_ - begin);
    return true;
  }

  bool read_string(std::string_view& content) {
    const std::size_t begin = ++at_;
    while (at_ < text_.size()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"') {
        content = text_.substr(begin, at_++ - begin);
        return true;
      }
      if (byte == '\\') return read_escaped_string(begin, content);
      if (!take_character(byte)) return false;
    }
    return fail("a string has no closing quote");
  }

  bool take_character(unsigned char first) {
    if (first < 0x20) return fail("a control character in a string is to be written as an escape, such as \\t or \\u0009");
    const std::size_t bytes = first < 0x80 ? 1 : first_character(text_.substr(at_)).bytes;
    if (bytes == 0) return fail("these bytes are not UTF-8");
    at_ += bytes;
    return true;
  }

  // A string from its first escape on; its content goes to where all such strings of the document are.
  bool read_escaped_string(std::size_t begin, std::string_view& content) {
    if (!document_.unescaped_) {
      document_.unescaped_ = std::make_unique_for_overwrite<char[]>(text_.size());  // none is longer than what was written
      unescaped_end_ = document_.unescaped_.get();
    }
    const char* const first = unescaped_end_;
    put(text_.substr(begin, at_ - begin));
    while (at_ < text_.size()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"') {
        ++at_;
        content = std::string_view(first, static_cast<std::size_t>(unescaped_end_ - first));
        return true;
      }
      const std::size_t from = at_;
      if (byte == '\\') {
        if (!read_escape()) return false;
      } else {
        if (!take_character(byte)) return false;
        put(text_.substr(from, at_ - from));
      }
    }
    return fail("a string has no closing quote");
  }

  void put(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(unescaped_end_, bytes.data(), bytes.size());
    unescaped_end_ += bytes.size();
  }

  bool read_escape() {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    const char letter = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (letter == 'u') return read_unicode_escape();
    const std::size_t known = kLetters.find(letter);
    if (known == std::string_view::npos) return fail("an unknown escape; allowed are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
    put(kMeant.substr(known, 1));
    at_ += 2;
    return true;
  }

  // The number of `\uXXXX` at `at`, absent if there is none.
  std::optional<std::uint32_t> code_unit(std::size_t at) const {
    const std::string_view escape = text_.substr(std::min(at, text_.size()), 6);
    std::uint32_t code = 0;
    if (escape.size() < 6 || !escape.starts_with("\\u")) return std::nullopt;
    const char* const end = escape.data() + escape.size();
    const auto [stop, error] = std::from_chars(escape.data() + 2, end, code, 16);
    return stop == end && error == std::errc() ? std::optional(code) : std::nullopt;
  }

  bool read_unicode_escape() {
    const std::optional<std::uint32_t> unit = code_unit(at_);
    if (!unit) return fail("four hexadecimal digits are expected behind \\u");
    std::uint32_t code = *unit;
    std::size_t length = 6;
    if (code >= 0xD800 && code <= 0xDFFF) {
      const std::uint32_t low = code_unit(at_ + 6).value_or(0);
      if (code > 0xDBFF || low < 0xDC00 || low > 0xDFFF) return fail("half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      length = 12;
    }
    const auto tail = [&](int shift) { return static_cast<char>(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x80) {
      put(std::array{static_cast<char>(code)});
    } else if (code < 0x800) {
      put(std::array{static_cast<char>(0xC0 | code >> 6), tail(0)});
    } else if (code < 0x10000) {
      put(std::array{static_cast<char>(0xE0 | code >> 12), tail(6), tail(0)});
    } else {
      put(std::array{static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0)});
    }
    at_ += length;
    return true;
  }

  template <std::size_t n>
  void put(const std::array<char, n>& bytes) {
    put(std::string_view(bytes.data(), n));
  }

  std::string_view text_;
  JsonDocument& document_;
  std::size_t at_ = 0;
  char* unescaped_end_ = nullptr;
  std::string fault_;
};

Result<JsonDocument> parse_json(std::string_view text) {
  if (text.size() > kJsonBytesMax) {
    return Error{"JSON of " + std::to_string(text.size()) + " bytes is longer than the " + std::to_string(kJsonBytesMax) +
                 " allowed"};
  }
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return Error{"not valid JSON at character " + std::to_string(nul + 1) + ": a NUL byte"};
  }
  Result<JsonDocument> document = JsonDocument();
  JsonReader reader(text, *document);
  if (!reader.read()) return Error{reader.fault()};
  return document;
}

}  // namespace action_scheduler
