#include "core/fire_order.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>

namespace action_scheduler {

namespace {

bool is_before(const Fire& a, const Fire& b) { return std::tie(a.due, a.action, a.time) < std::tie(b.due, b.action, b.time); }

// Fewer are sorted as fast by comparing.
constexpr std::size_t kFewest = 1000;

constexpr unsigned kDigitBits = 11;
constexpr std::size_t kBuckets = std::size_t{1} << kDigitBits;

struct Ranked {
  std::uint64_t rank = 0;
  std::uint32_t index = 0;
};

// How far a number lies above the lowest one, and how many bits that takes.
struct Range {
  std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
  std::int64_t highest = std::numeric_limits<std::int64_t>::min();

  void add(std::int64_t number) {
    lowest = std::min(lowest, number);
    highest = std::max(highest, number);
  }
  std::uint64_t above(std::int64_t number) const {
    return static_cast<std::uint64_t>(number) - static_cast<std::uint64_t>(lowest);
  }
  unsigned bits() const { return static_cast<unsigned>(std::bit_width(above(highest))); }
};

// Radix sort, the lowest digit first (Knuth, The Art of Computer Programming 3, 5.2.5): equal ranks keep their order.
void sort_by_rank(std::vector<Ranked>& ranked, unsigned bits) {
  std::vector<Ranked> sorted(ranked.size());
  for (unsigned shift = 0; shift < bits; shift += kDigitBits) {
    const auto digit = [shift](const Ranked& one) { return (one.rank >> shift) & (kBuckets - 1); };
    std::array<std::size_t, kBuckets> place{};
    for (const Ranked& one : ranked) ++place[digit(one)];
    std::size_t before = 0;
    for (std::size_t& count : place) before += std::exchange(count, before);
    for (const Ranked& one : ranked) sorted[place[digit(one)]++] = one;
    ranked.swap(sorted);
  }
}

}  // namespace

void sort_for_delivery(std::vector<Fire>& fires) {
  if (std::ranges::is_sorted(fires, is_before)) return;
  if (fires.size() < kFewest) {
    std::ranges::sort(fires, is_before);
    return;
  }
  std::vector<Fire> sorted;
  append_for_delivery(fires, sorted);
  fires = std::move(sorted);
}

void append_for_delivery(std::vector<Fire>& fires, std::vector<Fire>& into) {
  Range due;
  Range action;
  for (const Fire& fire : fires) {
    due.add(unix_seconds(fire.due));
    action.add(fire.action);
  }
  const unsigned bits = fires.empty() ? 0 : due.bits() + action.bits();
  if (fires.size() < kFewest || bits > 64 || fires.size() > std::numeric_limits<std::uint32_t>::max()) {
    std::ranges::sort(fires, is_before);
    into.insert(into.end(), fires.begin(), fires.end());
    return;
  }
  // Moving 16 bytes of each to and fro, and the fire itself once.
  std::vector<Ranked> ranked;
  ranked.reserve(fires.size());
  for (const Fire& fire : fires) {
    const std::uint64_t high = action.bits() == 64 ? 0 : due.above(unix_seconds(fire.due)) << action.bits();
    ranked.push_back({high | action.above(fire.action), static_cast<std::uint32_t>(ranked.size())});
  }
  sort_by_rank(ranked, bits);
  into.reserve(into.size() + fires.size());
  for (const Ranked& one : ranked) into.push_back(fires[one.index]);
}

}  // namespace action_scheduler
