#include "action_scheduler/action.h"

#include <cstring>

namespace action_scheduler {

namespace {

constexpr std::uint32_t kAbsent = 0xffffffff;
constexpr std::size_t kFixedParts = 4;  // name, command, topic, key

// The packed form: the lengths of the fixed parts and the number of headers, the fixed parts, then length and text of each
// header's name and value.
constexpr std::size_t kLengthsSize = (kFixedParts + 1) * sizeof(std::uint32_t);

std::uint32_t read_u32(const char* at) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
}

char* write_u32(char* at, std::size_t value) {
  const auto narrow = static_cast<std::uint32_t>(value);
  std::memcpy(at, &narrow, sizeof narrow);
  return at + sizeof narrow;
}

char* write_text(char* at, std::string_view text) {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

std::uint32_t stored_length(std::uint32_t length) { return length == kAbsent ? 0 : length; }

}  // namespace

ActionText::ActionText(const Parts& parts) {
  std::size_t size =
      kLengthsSize + parts.name.size() + parts.command.size() + parts.topic.value_or("").size() + parts.key.value_or("").size();
  for (const auto& [name, value] : parts.headers) size += 2 * sizeof(std::uint32_t) + name.size() + value.size();

  packed_ = std::make_unique_for_overwrite<char[]>(size);
  char* at = packed_.get();
  at = write_u32(at, parts.name.size());
  at = write_u32(at, parts.command.size());
  at = write_u32(at, parts.topic ? parts.topic->size() : kAbsent);
  at = write_u32(at, parts.key ? parts.key->size() : kAbsent);
  at = write_u32(at, parts.headers.size());
  at = write_text(at, parts.name);
  at = write_text(at, parts.command);
  at = write_text(at, parts.topic.value_or(""));
  at = write_text(at, parts.key.value_or(""));
  for (const auto& [name, value] : parts.headers) {
    at = write_text(write_u32(at, name.size()), name);
    at = write_text(write_u32(at, value.size()), value);
  }
}

std::optional<std::string_view> ActionText::part(std::size_t index) const {
  if (!packed_) return std::nullopt;
  const char* text = packed_.get() + kLengthsSize;
  for (std::size_t i = 0; i < index; ++i) text += stored_length(read_u32(packed_.get() + i * sizeof(std::uint32_t)));
  const std::uint32_t length = read_u32(packed_.get() + index * sizeof(std::uint32_t));
  if (length == kAbsent) return std::nullopt;
  return std::string_view(text, length);
}

std::string_view ActionText::name() const { return part(0).value_or(""); }
std::string_view ActionText::command() const { return part(1).value_or(""); }
std::optional<std::string_view> ActionText::topic() const { return part(2); }
std::optional<std::string_view> ActionText::key() const { return part(3); }

bool ActionText::has_headers() const { return packed_ && read_u32(packed_.get() + kFixedParts * sizeof(std::uint32_t)) != 0; }

std::vector<HeaderView> ActionText::headers() const {
  std::vector<HeaderView> headers;
  if (!has_headers()) return headers;
  const std::uint32_t count = read_u32(packed_.get() + kFixedParts * sizeof(std::uint32_t));
  const char* at = packed_.get() + kLengthsSize;
  for (std::size_t i = 0; i < kFixedParts; ++i) at += stored_length(read_u32(packed_.get() + i * sizeof(std::uint32_t)));
  const auto take = [&at] {
    const std::uint32_t length = read_u32(at);
    const std::string_view text(at + sizeof length, length);
    at += sizeof length + length;
    return text;
  };
  headers.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string_view name = take();
    headers.emplace_back(name, take());
  }
  return headers;
}

MissedPolicy ScheduledAction::policy() const {
  MissedPolicy policy;
  policy.merge = merge_;
  if (actuality_s_ >= 0) policy.actuality = Seconds{actuality_s_};
  return policy;
}

}  // namespace action_scheduler
