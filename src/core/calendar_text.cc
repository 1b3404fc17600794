#include "core/calendar_text.h"

#include <cstddef>
#include <utility>

namespace action_scheduler {

namespace {

// The progression at the beginning of the numbers, which are not empty, and how many of them it covers.
std::pair<YearRange, std::size_t> first_progression(std::span<const int> numbers) {
  constexpr std::size_t kShortest = 3;
  std::size_t length = 1;
  const int step = numbers.size() > 1 ? numbers[1] - numbers[0] : 1;
  while (length < numbers.size() && numbers[length] - numbers[length - 1] == step) ++length;
  if (length < kShortest) return {{numbers[0], numbers[0], 1}, 1};
  return {{numbers[0], numbers[length - 1], step}, length};
}

}  // namespace

std::vector<YearRange> progressions(std::span<const int> numbers) {
  std::size_t count = 0;
  for (auto rest = numbers; !rest.empty(); rest = rest.subspan(first_progression(rest).second)) ++count;
  std::vector<YearRange> found;
  found.reserve(count);
  while (!numbers.empty()) {
    const auto [range, length] = first_progression(numbers);
    found.push_back(range);
    numbers = numbers.subspan(length);
  }
  return found;
}

std::string list_text(const std::vector<YearRange>& ranges) {
  std::string text;
  for (const YearRange& range : ranges) {
    if (!text.empty()) text += ',';
    text += std::to_string(range.first);
    if (range.last != range.first) text += '-' + std::to_string(range.last);
    if (range.step != 1) text += '/' + std::to_string(range.step);
  }
  return text;
}

std::string list_text(std::uint64_t bits, int least, int greatest) {
  std::vector<int> numbers;
  for (int value = least; value <= greatest; ++value) {
    if (bits >> value & 1) numbers.push_back(value);
  }
  return list_text(progressions(numbers));
}

std::string star_text(std::uint64_t bits, int least, int greatest) {
  for (int step = 1; step <= greatest - least; ++step) {
    std::uint64_t covered = 0;
    for (int value = least; value <= greatest; value += step) covered |= 1ULL << value;
    if ((covered & ~bits) != 0) continue;
    std::string text = step == 1 ? "*" : "*/" + std::to_string(step);
    const std::string rest = list_text(bits & ~covered, least, greatest);
    if (!rest.empty()) text.append(",").append(rest);
    return text;
  }
  return {};
}

std::string calendar_text(std::uint64_t bits, int least, int greatest, bool star) {
  std::string text = star ? star_text(bits, least, greatest) : std::string();
  return text.empty() ? list_text(bits, least, greatest) : text;
}

}  // namespace action_scheduler
