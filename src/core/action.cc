#include "action_scheduler/action.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "action_scheduler/leb128.h"

namespace action_scheduler {

namespace {

// The packed form: the lengths of name, command, topic and key, the number of headers, the parts themselves, then length and text
// of each header's name and value. A length is one more than it is, so that 0 says that there is none. All numbers are
// LEB128.
constexpr std::size_t kFixedParts = 4;

std::size_t size_of_number(std::uint64_t number) {
  std::size_t bytes = 1;
  while (number >>= 7) ++bytes;
  return bytes;
}

char* write_text(char* at, std::string_view text) {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

std::uint64_t stored_length(const std::optional<std::string_view>& text) { return text ? text->size() + 1 : 0; }

// What stands before the parts.
struct Lengths {
  std::array<std::uint64_t, kFixedParts> stored{};
  std::uint64_t headers = 0;
  const char* parts = nullptr;

  explicit Lengths(const char* packed) : parts(packed) {
    for (std::uint64_t& length : stored) length = read_leb128(parts);
    headers = read_leb128(parts);
  }
  std::size_t size(std::size_t index) const { return stored[index] == 0 ? 0 : stored[index] - 1; }
  const char* part(std::size_t index) const {
    const char* at = parts;
    for (std::size_t i = 0; i < index; ++i) at += size(i);
    return at;
  }
};

}  // namespace

ActionText::ActionText(const Parts& parts) {
  const std::array<std::optional<std::string_view>, kFixedParts> fixed{parts.name, parts.command, parts.topic, parts.key};
  std::size_t size = size_of_number(parts.headers.size());
  for (const auto& text : fixed) size += size_of_number(stored_length(text)) + (text ? text->size() : 0);
  for (const auto& [name, value] : parts.headers) {
    size += size_of_number(name.size()) + name.size() + size_of_number(value.size()) + value.size();
  }

  packed_ = std::make_unique_for_overwrite<char[]>(size);
  char* at = packed_.get();
  for (const auto& text : fixed) at = write_leb128(at, stored_length(text));
  at = write_leb128(at, parts.headers.size());
  for (const auto& text : fixed) at = write_text(at, text.value_or(""));
  for (const auto& [name, value] : parts.headers) {
    at = write_text(write_leb128(at, name.size()), name);
    at = write_text(write_leb128(at, value.size()), value);
  }
}

std::optional<std::string_view> ActionText::part(std::size_t index) const {
  if (!packed_) return std::nullopt;
  const Lengths lengths(packed_.get());
  const std::uint64_t stored = lengths.stored.at(index);
  if (stored == 0) return std::nullopt;
  return std::string_view(lengths.part(index), stored - 1);
}

ActionText::Texts ActionText::texts() const {
  Texts texts;
  if (!packed_) return texts;
  const Lengths lengths(packed_.get());
  const char* at = lengths.parts;
  const auto take = [&](std::size_t index) -> std::optional<std::string_view> {
    if (lengths.stored[index] == 0) return std::nullopt;
    const std::string_view text(at, lengths.size(index));
    at += text.size();
    return text;
  };
  texts.name = take(0).value_or("");
  texts.command = take(1).value_or("");
  texts.topic = take(2);
  texts.key = take(3);
  texts.has_headers = lengths.headers != 0;
  return texts;
}

std::string_view ActionText::name() const { return part(0).value_or(""); }
std::string_view ActionText::command() const { return part(1).value_or(""); }
std::optional<std::string_view> ActionText::topic() const { return part(2); }
std::optional<std::string_view> ActionText::key() const { return part(3); }

bool ActionText::has_headers() const { return packed_ && Lengths(packed_.get()).headers != 0; }

std::vector<HeaderView> ActionText::headers() const {
  std::vector<HeaderView> headers;
  if (!packed_) return headers;
  const Lengths lengths(packed_.get());
  const char* at = lengths.part(kFixedParts);
  const auto take = [&at] {
    const std::uint64_t length = read_leb128(at);
    const std::string_view text(at, length);
    at += length;
    return text;
  };
  headers.reserve(lengths.headers);
  for (std::uint64_t i = 0; i < lengths.headers; ++i) {
    const std::string_view name = take();
    headers.emplace_back(name, take());
  }
  return headers;
}

MissedPolicy ScheduledAction::policy() const {
  MissedPolicy policy;
  policy.merge = (policy_ & kMerge) != 0;
  if (const std::uint32_t actuality_s = policy_ & ~kMerge; actuality_s != kForEver) policy.actuality = Seconds{actuality_s};
  return policy;
}

// No actuality time is beyond 68 years.
void ScheduledAction::set_policy(MissedPolicy policy) {
  constexpr std::int64_t kLongest_s = kForEver - 1;
  policy_ = policy.actuality ? static_cast<std::uint32_t>(std::min(policy.actuality->count(), kLongest_s)) : kForEver;
  if (policy.merge) policy_ |= kMerge;
}

}  // namespace action_scheduler
