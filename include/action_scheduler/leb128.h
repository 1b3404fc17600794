// Numbers in as many bytes as they need: seven bits a byte, the lowest first; the last byte has its highest bit clear (LEB128,
// DWARF 5, section 7.6). Reentrant, without errors.
#pragma once

#include <cstddef>
#include <cstdint>

namespace action_scheduler {

inline constexpr std::size_t kLeb128BytesMax = 10;

// Writes `number` to `at`, where kLeb128BytesMax bytes must be free unless its size is known. Returns where the next one goes.
inline char* write_leb128(char* at, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) *at++ = static_cast<char>(number | 0x80);
  *at++ = static_cast<char>(number);
  return at;
}

// Writes `number` into just kLeb128BytesMax bytes.
inline char* write_whole_leb128(char* at, std::uint64_t number) {
  for (std::size_t i = 1; i < kLeb128BytesMax; ++i, number >>= 7) *at++ = static_cast<char>(number | 0x80);
  *at++ = static_cast<char>(number);
  return at;
}

// Reads what write_leb128() wrote and moves `at` behind it. For the program's own memory: nothing is checked.
inline std::uint64_t read_leb128(const char*& at) {
  std::uint64_t number = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return number;
  }
}

}  // namespace action_scheduler
