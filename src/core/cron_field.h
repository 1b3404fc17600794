// What the fields of the two calendar formats share: scanning, ranges and steps, and the words of their errors.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "action_scheduler/result.h"
#include "core/calendar_fields.h"

namespace action_scheduler {

// A calendar schedule as parsed from text, before zone and bounds.
struct CalendarSchedule {
  CalendarMasks masks;
  bool repeats_within_hour = false;  // its minute or second begins with `*`
};

// One field: its name as people know it, its numbers, and its names if it has any.
struct FieldSpec {
  std::string_view name;
  int least;
  int greatest;
  std::span<const std::string_view> names = {};
  int first_name = 0;  // the number that names[0] stands for

  // The number of a name in any case.
  std::optional<int> number_of(std::string_view word) const;
  // "0-59", "1-12 and jan-dec".
  std::string allowed() const;
};

// One element of a field's list, such as "*/5" or "mon-fri".
struct FieldItem {
  std::string_view text;
  std::size_t position = 1;     // of its first character in the whole value, from 1; 0 if the value is a bare number
  std::string_view field = {};  // named in the message if it is not empty

  // `"*/75" in minute at character 1: <reason>`
  Error fault(std::string_view reason) const;
};

// Reads an item from left to right.
class ItemScanner {
 public:
  explicit ItemScanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  bool take(char c);
  // ASCII digits, as many as there are. Too large a number becomes kHugeNumber.
  std::optional<int> take_number();
  // ASCII letters, as many as there are.
  std::string_view take_word();
  void take_blanks();

  static constexpr int kHugeNumber = 1'000'000'000;

 private:
  std::string_view rest_;
};

// The Error of a word that is none of `names`.
Error unknown_name(const FieldItem& item, std::string_view word, std::span<const std::string_view> names,
                   std::string_view allowed);

// first, first + step, ... last as a set, or why not. `last` has to be at least `first`, the step 1 to last - first.
struct ItemRange {
  int first;
  int last;
  std::optional<int> step = std::nullopt;
};

Result<void> check_range(const FieldSpec& field, const FieldItem& item, const ItemRange& range);

// The bits of a range that was checked.
std::uint64_t range_bits(const ItemRange& range);

// Without ASCII white space at either end.
std::string_view trimmed(std::string_view text);

// Whether `word` is `name`, which is in lower case, in letters of any case.
bool same_word(std::string_view word, std::string_view name);

bool is_ascii_letter(char c);
bool is_ascii_digit(char c);

}  // namespace action_scheduler
