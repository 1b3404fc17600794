#include "callbacks/kafka/position_codec.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace action_scheduler::kafka {
namespace {

constexpr std::string_view kVersion = "v1";
constexpr std::int64_t kForeignOffsetMin = 946'684'800'000;  // 2000-01-01T00:00:00Z in milliseconds

// The next word of `text`, which is taken off its front.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

template <class Integer>
bool read(std::string_view text, Integer& value) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

// False if the metadata is not ours.
bool read_metadata(std::string_view metadata, StoredPosition& stored) {
  if (take_word(metadata) != kVersion) return false;
  while (!metadata.empty()) {
    const std::string_view word = take_word(metadata);
    if (word == "unset") {
      stored.position.reset();
    } else if (word.starts_with("owner=")) {
      stored.owner = word.substr(6);
    } else if (word.starts_with("after=")) {
      if (!stored.position || !read(word.substr(6), stored.position->last_action)) return false;
    } else if (word.starts_with("batch=")) {
      if (!read(word.substr(6), stored.exception_batch)) return false;
    }
    // Other words are a later version's.
  }
  return !stored.owner.empty();
}

}  // namespace

std::int64_t offset_of(const StoredPosition& stored) {
  if (!stored.position) return 0;
  return std::max<std::int64_t>(0, unix_seconds(stored.position->instant)) * 1000;
}

std::string metadata_of(const StoredPosition& stored) {
  std::string text = std::string(kVersion) + " owner=" + stored.owner;
  if (!stored.position) {
    text += " unset";
  } else if (stored.position->last_action != Position::kWholeInstant) {
    text += " after=" + std::to_string(stored.position->last_action);
  }
  if (stored.exception_batch != 0) text += " batch=" + std::to_string(stored.exception_batch);
  return text;
}

StoredPosition decode_position(std::int64_t offset, std::string_view metadata) {
  const Position whole{
      std::chrono::floor<Seconds>(std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(offset)))};
  StoredPosition stored;
  stored.position = whole;
  if (!read_metadata(metadata, stored)) {
    stored = {};
    // Kafka's tools clamp a reset to the offsets of the topic's messages: as an instant that is no time to go on from.
    if (offset >= kForeignOffsetMin) stored.position = whole;
  }
  return stored;
}

}  // namespace action_scheduler::kafka
