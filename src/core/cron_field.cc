#include "core/cron_field.h"

#include <algorithm>

#include "core/json.h"

namespace action_scheduler {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view take_front(std::string_view& text, std::size_t count) {
  const std::string_view front = text.substr(0, count);
  text.remove_prefix(front.size());
  return front;
}

template <class Predicate>
std::string_view take_while(std::string_view& text, Predicate wanted) {
  std::size_t count = 0;
  while (count < text.size() && wanted(text[count])) ++count;
  return take_front(text, count);
}

}  // namespace

bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";
  const auto first = text.find_first_not_of(kWhiteSpace);
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
}

std::optional<int> FieldSpec::number_of(std::string_view word) const {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::equal(word.begin(), word.end(), names[i].begin(), names[i].end(), [](char a, char b) { return lower(a) == b; })) {
      return first_name + static_cast<int>(i);
    }
  }
  return std::nullopt;
}

std::string FieldSpec::allowed() const {
  std::string text = std::to_string(least) + "-" + std::to_string(greatest);
  if (!names.empty()) text += " and " + std::string(names.front()) + "-" + std::string(names.back());
  return text;
}

Error FieldItem::fault(std::string_view reason) const {
  return Error{quoted_excerpt(text) + " (character " + std::to_string(position) + "): " + std::string(reason)};
}

bool ItemScanner::take(char c) {
  if (rest_.empty() || rest_.front() != c) return false;
  rest_.remove_prefix(1);
  return true;
}

std::optional<int> ItemScanner::take_number() {
  const std::string_view digits = take_while(rest_, is_ascii_digit);
  if (digits.empty()) return std::nullopt;
  int number = 0;
  for (const char digit : digits) number = number >= kHugeNumber / 10 ? kHugeNumber : number * 10 + (digit - '0');
  return number;
}

std::string_view ItemScanner::take_word() { return take_while(rest_, is_ascii_letter); }
void ItemScanner::take_blanks() {
  take_while(rest_, [](char c) { return c == ' '; });
}

Result<void> check_range(const FieldSpec& field, const FieldItem& item, const ItemRange& range) {
  const std::string bounds = std::to_string(range.first) + "-" + std::to_string(range.last);
  for (const int value : {range.first, range.last}) {
    if (value < field.least || value > field.greatest) {
      const std::string number = value == ItemScanner::kHugeNumber ? "the number" : std::to_string(value);
      return item.fault(number + " is out of range; allowed are " + field.allowed());
    }
  }
  if (range.first > range.last) return item.fault("the range " + bounds + " is reversed: it has to ascend");
  if (!range.step) return {};
  const int largest = range.last - range.first;
  if (*range.step == 0) return item.fault("the step is 0; the least is 1");
  if (*range.step > largest) {
    const std::string step = *range.step == ItemScanner::kHugeNumber ? "the step" : "step " + std::to_string(*range.step);
    return item.fault(step + " is larger than the range " + bounds +
                      (largest > 0 ? "; allowed are 1-" + std::to_string(largest) : "; leave the step out"));
  }
  return {};
}

std::uint64_t range_bits(const ItemRange& range) {
  std::uint64_t bits = 0;
  for (int value = range.first; value <= range.last; value += range.step.value_or(1)) bits |= 1ULL << value;
  return bits;
}

}  // namespace action_scheduler
