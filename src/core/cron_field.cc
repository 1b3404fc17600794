#include "core/cron_field.h"

#include <algorithm>

#include "action_scheduler/suggestion.h"
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

// "; write `22-23,0-2`" for "22-2".
std::string in_two_ranges(const FieldSpec& field, const FieldItem& item, const ItemRange& range) {
  constexpr int kCycleMax = 60;  // years do not come again
  const std::size_t dash = item.text.find('-');
  if (range.step || dash == std::string_view::npos || field.greatest - field.least >= kCycleMax) return {};
  const std::string first(item.text.substr(0, dash));
  const std::string last(item.text.substr(dash + 1));
  const bool named_first = is_ascii_letter(first.front());
  const bool named_last = is_ascii_letter(last.front());
  const int greatest = named_first ? field.first_name + static_cast<int>(field.names.size()) - 1 : field.greatest;
  const int least = named_last ? field.first_name : field.least;
  std::string text = "; write `" + first;
  if (range.first != greatest) text += '-' + (named_first ? std::string(field.names.back()) : std::to_string(greatest));
  text += ',';
  if (range.last != least) text += (named_last ? std::string(field.names.front()) : std::to_string(least)) + '-';
  return text + last + '`';
}

}  // namespace

bool same_word(std::string_view word, std::string_view name) {
  return std::equal(word.begin(), word.end(), name.begin(), name.end(), [](char a, char b) { return lower(a) == b; });
}

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
    if (same_word(word, names[i])) {
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
  if (position == 0 && reason.starts_with(text)) return Error{std::string(reason)};
  std::string message = position == 0 ? std::string(text) : quoted_excerpt(text);
  if (!field.empty()) message += " in " + std::string(field);
  if (position > 0) message += " at character " + std::to_string(position);
  return Error{message + ": " + std::string(reason)};
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

Error unknown_name(const FieldItem& item, std::string_view word, std::span<const std::string_view> names,
                   std::string_view allowed) {
  std::string near = suggestion(word, names);
  for (const std::string_view name : names) {
    // "monday", "september": too long to be near
    if (near.empty() && word.size() > name.size() && edit_distance(word.substr(0, name.size()), name) == 0) {
      near = " (did you mean \"" + std::string(name) + "\"?)";
    }
  }
  return item.fault("unknown name " + quoted_excerpt(word) + near + "; allowed are " + std::string(allowed));
}

Result<void> check_range(const FieldSpec& field, const FieldItem& item, const ItemRange& range) {
  for (const int value : {range.first, range.last}) {
    if (value < field.least || value > field.greatest) {
      const std::string number = value == ItemScanner::kHugeNumber ? "the number" : std::to_string(value);
      return item.fault(number + " is out of range; allowed are " + field.allowed());
    }
  }
  if (range.first > range.last) return item.fault("the range is reversed: it has to ascend" + in_two_ranges(field, item, range));
  if (!range.step) return {};
  if (*range.step == 0) return item.fault("the step is 0; the least is 1");
  const int largest = range.last - range.first;
  if (*range.step > largest) {
    std::string reason = "step is larger than the range " + std::to_string(range.first) + "-" + std::to_string(range.last);
    if (*range.step != ItemScanner::kHugeNumber) {
      reason += ": from " + std::to_string(range.first) + " it leads to " + std::to_string(range.first + *range.step);
    }
    if (largest == 0) return item.fault(reason + "; leave it out");
    return item.fault(reason + (largest == 1 ? "; allowed is 1" : "; allowed are steps 1-" + std::to_string(largest)));
  }
  return {};
}

std::uint64_t range_bits(const ItemRange& range) {
  std::uint64_t bits = 0;
  for (int value = range.first; value <= range.last; value += range.step.value_or(1)) bits |= 1ULL << value;
  return bits;
}

}  // namespace action_scheduler
