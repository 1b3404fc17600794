// UTF-8, strictly (RFC 3629).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace action_scheduler {

struct Utf8Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0: `text` does not begin with a well-formed character
};

// The character at the start of `text`, which is not empty.
Utf8Character first_character(std::string_view text);

// The byte, counted from 0, at which `text` stops being UTF-8; absent if it never does.
std::optional<std::size_t> invalid_utf8_at(std::string_view text);

}  // namespace action_scheduler
