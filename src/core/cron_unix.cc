#include "core/cron_unix.h"

#include <algorithm>
#include <array>
#include <utility>

#include "action_scheduler/suggestion.h"
#include "core/calendar_text.h"
#include "core/cron_hint.h"
#include "core/json.h"

namespace action_scheduler {
namespace {

using std::string_view;

constexpr std::array<string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                 "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

const FieldSpec kMinute{"minute", 0, 59};
const FieldSpec kHour{"hour", 0, 23};
const FieldSpec kDay{"day of month", 1, 31};
const FieldSpec kMonth{"month", 1, 12, kMonths, 1};
const FieldSpec kWeekday{"day of week", 0, 7, kWeekdays, 0};

constexpr std::array<std::pair<string_view, string_view>, 7> kMacros = {{{"@yearly", "0 0 1 1 *"},
                                                                         {"@annually", "0 0 1 1 *"},
                                                                         {"@monthly", "0 0 1 * *"},
                                                                         {"@weekly", "0 0 * * 0"},
                                                                         {"@daily", "0 0 * * *"},
                                                                         {"@midnight", "0 0 * * *"},
                                                                         {"@hourly", "0 * * * *"}}};

Error unreadable(const FieldSpec& field, const FieldItem& item, const std::string& reason) {
  const std::string hint = unix_item_hint(item.text);
  if (!hint.empty()) return item.fault(hint);
  return item.fault(reason + "; allowed are `*`, numbers" + (field.names.empty() ? "" : ", names") + " and ranges within " +
                    field.allowed() + ", lists of them, and a step behind `*` or a range");
}

// A number or a name.
Result<int> take_value(const FieldSpec& field, const FieldItem& item, ItemScanner& scanner) {
  if (const std::optional<int> number = scanner.take_number()) return *number;
  const string_view word = scanner.take_word();
  if (word.empty()) {
    return unreadable(field, item, scanner.at_end() ? "it ends where a value is expected" : "it cannot be read");
  }
  if (const std::optional<int> number = field.number_of(word)) return *number;
  if (field.names.empty()) return unreadable(field, item, "this field has no names");
  if (!unix_item_hint(item.text).empty()) return unreadable(field, item, {});
  return unknown_name(item, word, field.names, field.allowed());
}

Error step_behind_single_value(const FieldSpec& field, const FieldItem& item, const ItemRange& range) {
  const bool leaves = *range.step > range.last - range.first;  // the range that other schedulers take it for
  ItemRange kept = range;
  if (leaves) kept.step.reset();
  if (Result<void> checked = check_range(field, item, kept); !checked) return checked.error();
  const std::string first = std::to_string(range.first);
  if (leaves) return item.fault("a single value takes no step; write `" + first + '`');
  std::string reason = "a single value takes no step; write `" + first + "-" + std::to_string(range.last) + "/" +
                       std::to_string(*range.step) + '`';
  if (field.names.empty()) reason += " (the format `apscheduler` takes it as it is)";
  return item.fault(reason);
}

Result<std::uint64_t> parse_item(const FieldSpec& field, const FieldItem& item) {
  ItemScanner scanner(item.text);
  ItemRange range{field.least, field.greatest};
  bool single = false;
  if (!scanner.take('*')) {
    const Result<int> first = take_value(field, item, scanner);
    if (!first) return first.error();
    range.first = range.last = *first;
    single = !scanner.take('-');
    if (!single) {
      const Result<int> last = take_value(field, item, scanner);
      if (!last) return last.error();
      range.last = *last;
      // A range of weekdays may end in Sunday.
      if (&field == &kWeekday && range.last == 0 && range.first > 0) range.last = 7;
    }
  }
  if (scanner.take('/')) {
    range.step = scanner.take_number();
    if (!range.step) return item.fault("a step, a number from 1 on, is expected behind `/`");
    if (single && scanner.at_end()) return step_behind_single_value(field, item, {range.first, field.greatest, range.step});
  }
  if (!scanner.at_end()) return unreadable(field, item, quoted_excerpt(scanner.rest()) + " is left over");
  if (const Result<void> checked = check_range(field, item, range); !checked) return checked.error();
  return range_bits(range);
}

Result<std::uint64_t> parse_field(const FieldSpec& field, const FieldItem& text) {
  std::uint64_t bits = 0;
  std::size_t start = 0;
  while (true) {
    const std::size_t comma = std::min(text.text.find(',', start), text.text.size());
    const FieldItem item{text.text.substr(start, comma - start), text.position + start, field.name};
    if (item.text.empty()) return FieldItem{text.text, item.position, field.name}.fault("an element of its list is empty");
    const Result<std::uint64_t> parsed = parse_item(field, item);
    if (!parsed) return parsed.error();
    bits |= *parsed;
    if (comma == text.text.size()) return bits;
    start = comma + 1;
  }
}

// The fields, of which only the first five are kept, and how many there are.
struct Fields {
  std::array<FieldItem, 5> kept;
  std::size_t count = 0;
};

Fields split(string_view text, std::size_t position) {
  constexpr string_view kBlanks = " \t";
  Fields fields;
  std::size_t start = 0;
  while ((start = text.find_first_not_of(kBlanks, start)) != string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, start), text.size());
    if (fields.count < fields.kept.size()) fields.kept[fields.count] = {text.substr(start, end - start), position + start};
    ++fields.count;
    start = end;
  }
  return fields;
}

Result<string_view> macro_fields(string_view text, std::size_t position) {
  std::array<string_view, kMacros.size()> names;
  for (std::size_t i = 0; i < kMacros.size(); ++i) {
    names[i] = kMacros[i].first;
    if (same_word(text, names[i])) return kMacros[i].second;
  }
  const std::string hint = unix_macro_hint(text);
  std::string message = quoted_excerpt(text) + " at character " + std::to_string(position) + " is not known" +
                        (hint.empty() ? suggestion(text, names) : ": " + hint) + "; allowed are";
  for (const string_view name : names) message += " " + std::string(name);
  return Error{message};
}

// Monday is bit 0; here Sunday is bit 0, and bit 7 too.
std::uint8_t from_sunday_first(std::uint64_t bits) {
  const std::uint64_t sunday = (bits | bits >> 7) & 1;
  return static_cast<std::uint8_t>((bits >> 1 & 0x3F) | sunday << 6);
}

std::uint64_t to_sunday_first(std::uint8_t weekdays) {
  const std::uint64_t sunday = weekdays >> 6 & 1;
  return static_cast<std::uint64_t>(weekdays & 0x3F) << 1 | sunday | sunday << 7;
}

}  // namespace

Result<CalendarSchedule> parse_unix(string_view value) {
  string_view text = trimmed(value);
  std::size_t position = static_cast<std::size_t>(text.data() - value.data()) + 1;
  if (text.empty())
    return Error{quoted_excerpt(value) + " is empty; expected are 5 fields: minute hour day-of-month month day-of-week"};
  if (text.starts_with('@')) {
    const Result<string_view> fields = macro_fields(text, position);
    if (!fields) return fields.error();
    text = *fields;
    position = 1;
  }
  const Fields split_fields = split(text, position);
  const std::array<FieldItem, 5>& fields = split_fields.kept;
  if (split_fields.count != 5) {
    std::string message = quoted_excerpt(value) + " has " + std::to_string(split_fields.count) +
                          (split_fields.count == 1 ? " field" : " fields") +
                          "; expected are 5: minute hour day-of-month month day-of-week, such as \"0 9 * * 1-5\"";
    if (const std::string hint = unix_value_hint(value, split_fields.count); !hint.empty()) message += "; " + hint;
    return Error{message};
  }
  const std::array<const FieldSpec*, 5> specs = {&kMinute, &kHour, &kDay, &kMonth, &kWeekday};
  std::array<std::uint64_t, 5> bits{};
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const Result<std::uint64_t> parsed = parse_field(*specs[i], fields[i]);
    if (!parsed) return parsed.error();
    bits[i] = *parsed;
  }

  CalendarSchedule schedule;
  CalendarMasks& masks = schedule.masks;
  masks.seconds = 1;
  masks.minutes = bits[0];
  masks.hours = static_cast<std::uint32_t>(bits[1]);
  masks.days = static_cast<std::uint32_t>(bits[2]);
  masks.months = static_cast<std::uint16_t>(bits[3]);
  masks.weekdays = from_sunday_first(bits[4]);
  masks.weeks = kAllWeeks;
  masks.either_day = !fields[2].text.starts_with('*') && !fields[4].text.starts_with('*');
  if (masks.either_day && (masks.days == kAllDays || masks.weekdays == kAllWeekdays)) {  // then it is every day
    masks.days = kAllDays;
    masks.weekdays = kAllWeekdays;
    masks.either_day = false;
  }
  schedule.repeats_within_hour = fields[0].text.starts_with('*');
  return schedule;
}

std::string unix_text(const CalendarMasks& masks, bool star) {
  const std::uint64_t weekdays = to_sunday_first(masks.weekdays);
  std::string days = list_text(masks.days, 1, 31);
  std::string days_of_week = masks.weekdays == kAllWeekdays && !masks.either_day ? "*" : list_text(weekdays, 0, 6);
  if (!masks.either_day) {
    // One of the two has to begin with a star, and can, because one did.
    if (std::string starred = star_text(masks.days, 1, 31); !starred.empty()) {
      days = std::move(starred);
    } else {
      days_of_week = star_text(weekdays, 0, 7);
    }
  }
  return calendar_text(masks.minutes, 0, 59, star) + ' ' + calendar_text(masks.hours, 0, 23, true) + ' ' + days + ' ' +
         calendar_text(masks.months, 1, 12, true) + ' ' + days_of_week;
}

}  // namespace action_scheduler
