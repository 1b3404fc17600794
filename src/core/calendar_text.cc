#include "core/calendar_text.h"

namespace action_scheduler {

std::vector<YearRange> progressions(const std::vector<int>& numbers) {
  constexpr std::size_t kShortest = 3;
  std::vector<YearRange> found;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i + 1;
    const int step = end < numbers.size() ? numbers[end] - numbers[i] : 1;
    while (end < numbers.size() && numbers[end] - numbers[end - 1] == step) ++end;
    if (end - i < kShortest) end = i + 1;
    found.push_back({numbers[i], numbers[end - 1], end - i == 1 ? 1 : step});
    i = end;
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
