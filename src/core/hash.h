// Hashes of many fields.
#pragma once

#include <cstddef>
#include <cstdint>

namespace action_scheduler {

// `hash` with one more value in it; the order of values matters.
constexpr std::size_t mixed_hash(std::size_t hash, std::uint64_t value) {
  const std::uint64_t mixed = (hash ^ value) * 0x9E3779B97F4A7C15U;
  return static_cast<std::size_t>(mixed ^ mixed >> 29);
}

}  // namespace action_scheduler
