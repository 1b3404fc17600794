// UTF-8, strictly (RFC 3629).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
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

// Whether a log or a terminal shows the character as a character: false for what ends a line, steers a terminal, is not seen or
// turns the direction of text around.
bool is_printable(std::uint32_t code);

// Appends `text` with all that is not printable escaped, as `\n` and `\u001b`; a byte that is no UTF-8 becomes `\ufffd`. One line
// then, whatever it was.
void append_printable(std::string& out, std::string_view text);

// At most `bytes` of the start of `text`, not ending within a character.
std::string_view first_bytes(std::string_view text, std::size_t bytes);

}  // namespace action_scheduler
