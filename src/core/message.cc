#include "action_scheduler/message.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "action_scheduler/utf8.h"

namespace action_scheduler {
namespace {

// Characters that Python's json.dumps writes as they are: printable ASCII but for the quote and the backslash.
constexpr bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

// Whether each of the eight bytes at `text` is plain: tests of whole words (Warren, Hacker's Delight, 6-1) say so exactly.
bool are_plain(const char* text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighest = kOnes * 0x80;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, text, sizeof bytes);
  const auto has = [&](char c) {
    const std::uint64_t zero = bytes ^ (kOnes * static_cast<unsigned char>(c));
    return (zero - kOnes) & ~zero;
  };
  const std::uint64_t below_space = (bytes - kOnes * ' ') & ~bytes;
  return ((bytes | below_space | has('"') | has('\\') | has('\x7f')) & kHighest) == 0;
}

std::size_t plain_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at + sizeof(std::uint64_t) <= text.size() && are_plain(text.data() + at)) at += sizeof(std::uint64_t);
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

void append_u16(std::string& out, std::uint32_t unit) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(unit >> shift) & 0xF];
}

// Decodes the character at `text[at]` and moves `at` behind it. A byte that is not UTF-8 counts as U+FFFD.
std::uint32_t decode(std::string_view text, std::size_t& at) {
  const Utf8Character character = first_character(text.substr(at));
  at += std::max<std::size_t>(character.bytes, 1);
  return character.bytes == 0 ? 0xFFFD : character.code;
}

void append_escaped(std::string& out, std::uint32_t code) {
  switch (code) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      if (code < 0x10000) return append_u16(out, code);
      append_u16(out, 0xD800 + ((code - 0x10000) >> 10));
      append_u16(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
  }
}

// Small texts without the heap.
class Scratch {
 public:
  Scratch& clear() {
    size_ = 0;
    return *this;
  }
  Scratch& integer(std::int64_t value) {
    const auto end = std::to_chars(data_.data() + size_, data_.data() + data_.size(), value).ptr;
    size_ = static_cast<std::size_t>(end - data_.data());
    return *this;
  }
  Scratch& unsigned_integer(std::uint64_t value) {
    const auto end = std::to_chars(data_.data() + size_, data_.data() + data_.size(), value).ptr;
    size_ = static_cast<std::size_t>(end - data_.data());
    return *this;
  }
  // As format_utc().
  Scratch& utc(Instant t) {
    const auto day = std::chrono::floor<std::chrono::days>(t);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{t - day};
    digits(static_cast<unsigned>(static_cast<int>(date.year())), 4).put('-');
    digits(static_cast<unsigned>(date.month()), 2).put('-');
    digits(static_cast<unsigned>(date.day()), 2).put('T');
    digits(static_cast<unsigned>(time.hours().count()), 2).put(':');
    digits(static_cast<unsigned>(time.minutes().count()), 2).put(':');
    return digits(static_cast<unsigned>(time.seconds().count()), 2).put('Z');
  }
  Scratch& text(std::string_view text) {
    std::ranges::copy(text, data_.data() + size_);
    size_ += text.size();
    return *this;
  }
  Scratch& put(char c) {
    data_[size_++] = c;
    return *this;
  }
  std::string_view view() const { return {data_.data(), size_}; }

 private:
  Scratch& digits(unsigned value, std::size_t count) {
    for (std::size_t i = count; i > 0; --i, value /= 10) data_[size_ + i - 1] = static_cast<char>('0' + value % 10);
    size_ += count;
    return *this;
  }

  std::array<char, 64> data_;
  std::size_t size_ = 0;
};

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t plain = plain_prefix(text.substr(at));
    out.append(text, at, plain);
    at += plain;
    if (at < text.size()) append_escaped(out, decode(text, at));
  }
  out += '"';
}

void append_command_json(std::string& out, std::string_view command) {
  out += "{\"command\": ";
  append_json_string(out, command);
  out += '}';
}

void visit_cloudevents_headers(const Fire& fire, std::string_view name, const EventContext& context, HeaderVisitor& visitor) {
  Scratch time;
  time.utc(fire.time);
  Scratch scratch;
  visitor.header("ce_specversion", "1.0");
  scratch.integer(fire.action).put('@').text(time.view());
  if (is_requested(fire)) scratch.put('+').utc(fire.requested);
  visitor.header("ce_id", scratch.view());
  visitor.header("ce_source", context.source);
  visitor.header("ce_type", "action.fired");
  visitor.header("ce_time", time.view());
  visitor.header("ce_subject", name);
  visitor.header("content-type", context.content_type);
  visitor.header("ce_actionid", scratch.clear().integer(fire.action).view());
  visitor.header("ce_attempt", scratch.clear().integer(fire.attempt).view());
  visitor.header("ce_reason", to_string(fire.reason));
  if (fire.merged_count > 0) {
    visitor.header("ce_mergedcount", scratch.clear().unsigned_integer(fire.merged_count).view());
    visitor.header("ce_firstmissed", scratch.clear().utc(fire.first_missed).view());
  }
  if (fire.expires) visitor.header("ce_expirytime", scratch.clear().utc(*fire.expires).view());
}

std::size_t count_cloudevents_headers(const Fire& fire) {
  return 10U + (fire.merged_count > 0 ? 2U : 0U) + (fire.expires ? 1U : 0U);
}

}  // namespace action_scheduler
