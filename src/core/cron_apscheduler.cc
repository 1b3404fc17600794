#include "core/cron_apscheduler.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "action_scheduler/suggestion.h"
#include "core/calendar_text.h"
#include "core/cron_hint.h"

namespace action_scheduler {
namespace {

using std::string_view;

constexpr std::array<string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                 "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<string_view, 7> kWeekdays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::array<string_view, 6> kPositions = {"1st", "2nd", "3rd", "4th", "5th", "last"};

constexpr string_view kMixed = "a range is of two numbers or of two names";

constexpr int kFirstYear = 1970;
constexpr int kLastYear = 9999;

enum Field : std::size_t { kYear, kMonth, kDay, kWeek, kWeekday, kHour, kMinute, kSecond };

const std::array<FieldSpec, 8> kSpecs = {FieldSpec{"year", kFirstYear, kLastYear},
                                         FieldSpec{"month", 1, 12, kMonths, 1},
                                         FieldSpec{"day", 1, 31},
                                         FieldSpec{"week", 1, 53},
                                         FieldSpec{"day_of_week", 0, 6, kWeekdays, 0},
                                         FieldSpec{"hour", 0, 23},
                                         FieldSpec{"minute", 0, 59},
                                         FieldSpec{"second", 0, 59}};
const FieldSpec kWeekdayOfMonth{"day", 0, 6, kWeekdays, 0};

// What the expressions of one field say.
struct FieldSet {
  std::uint64_t bits = 0;  // of all fields but the year
  std::vector<ItemRange> years;
  std::uint64_t nth_weekdays = 0;
  bool last_day = false;
  bool begins_with_star = false;

  void add(Field field, const ItemRange& range) {
    if (field == kYear) {
      years.push_back(range);
    } else {
      bits |= range_bits(range);
    }
  }
};

std::string allowed_expressions(Field field) {
  std::string text = "allowed are `*`, `*/a`, `a`, `a-b`, `a-b/c` and `a/c` with numbers in " +
                     std::to_string(kSpecs[field].least) + "-" + std::to_string(kSpecs[field].greatest);
  if (field == kMonth || field == kWeekday) {
    text += ", names and ranges of names in " + std::string(kSpecs[field].names.front()) + "-" +
            std::string(kSpecs[field].names.back());
  }
  if (field == kDay) text += ", `2nd fri`, `last fri` and `last`";
  return text + ", and lists of them";
}

Error unreadable(Field field, const FieldItem& item) {
  const std::string hint = apscheduler_item_hint(kSpecs[field].name, item.text);
  return item.fault((hint.empty() ? "it cannot be read" : hint) + "; " + allowed_expressions(field));
}

bool is_hinted(Field field, const FieldItem& item) { return !apscheduler_item_hint(kSpecs[field].name, item.text).empty(); }

Error left_over(Field field, const FieldItem& item, string_view rest, std::string advice = {}) {
  if (std::string hint = apscheduler_item_hint(kSpecs[field].name, item.text); !hint.empty()) advice = std::move(hint);
  if (advice.empty()) advice = allowed_expressions(field);
  return item.fault(quoted_excerpt(rest) + " is left over; " + advice);
}

// `*`, `*/a`, `a`, `a-b`, `a-b/c`, `a/c`.
Result<void> parse_numbers(Field field, const FieldItem& item, FieldSet& set) {
  const FieldSpec& spec = kSpecs[field];
  ItemScanner scanner(item.text);
  ItemRange range{spec.least, spec.greatest};
  bool open = true;  // up to the field's greatest value
  if (!scanner.take('*')) {
    range.first = *scanner.take_number();
    if (scanner.take('-')) {
      const std::optional<int> last = scanner.take_number();
      if (!last) {
        if (is_ascii_letter(scanner.rest().empty() ? ' ' : scanner.rest().front())) {
          return left_over(field, item, scanner.rest(), std::string(kMixed));
        }
        return unreadable(field, item);
      }
      range.last = *last;
      open = false;
    }
  } else if (!scanner.at_end() && scanner.rest().front() != '/') {
    return left_over(field, item, scanner.rest());
  }
  if (scanner.take('/')) {
    range.step = scanner.take_number();
    if (!range.step) return item.fault("a step, a number from 1 on, is expected behind `/`");
  } else if (open && item.text.front() != '*') {
    range.last = range.first;
  }
  if (!scanner.at_end()) {
    const bool fraction = scanner.rest().front() == '.';
    return left_over(field, item, scanner.rest(), fraction ? "numbers are whole" : "");
  }
  if (field == kWeekday && range.first <= 7 && !item.text.starts_with('*') && (range.last == 7 || range.first == 7)) {
    return item.fault(
        "7 is out of range; allowed are 0-6 and mon-sun: this format counts from Monday = 0, so Sunday is 6 or `sun` (the "
        "format `unix` takes 7)");
  }
  if (Result<void> checked = check_range(spec, item, range); !checked) return checked;
  set.add(field, range);
  return {};
}

// `jan`, `mon-fri`.
Result<void> parse_names(Field field, const FieldItem& item, FieldSet& set) {
  const FieldSpec& spec = kSpecs[field];
  ItemScanner scanner(item.text);
  const string_view first_word = scanner.take_word();
  const std::optional<int> first = spec.number_of(first_word);
  if (!first)
    return is_hinted(field, item) ? unreadable(field, item) : unknown_name(item, first_word, spec.names, spec.allowed());
  ItemRange range{*first, *first};
  if (const string_view rest = scanner.rest(); scanner.take('-')) {
    const string_view last_word = scanner.take_word();
    if (last_word.empty()) return left_over(field, item, rest, std::string(kMixed));
    const std::optional<int> last = spec.number_of(last_word);
    if (!last)
      return is_hinted(field, item) ? unreadable(field, item) : unknown_name(item, last_word, spec.names, spec.allowed());
    range.last = *last;
  }
  if (!scanner.at_end()) {
    std::string advice;
    const string_view rest = scanner.rest();
    if (const std::optional<int> step = scanner.take('/') ? scanner.take_number() : std::nullopt; step && scanner.at_end()) {
      advice = "names take no step, numbers do: `" + std::to_string(range.first) + '-' +
               std::to_string(range.last == range.first ? spec.greatest : range.last) + '/' + std::to_string(*step) + '`';
    }
    return left_over(field, item, rest, std::move(advice));
  }
  if (Result<void> checked = check_range(spec, item, range); !checked) return checked;
  set.add(field, range);
  return {};
}

std::string behind_position(string_view position) {
  return "` takes a weekday, as in `" + std::string(position) + " fri`" + (position == "last" ? ", or nothing" : "");
}

// `last`, `last fri`, `2nd fri`, in the field `day`.
Result<void> parse_day_of_month(const FieldItem& item, FieldSet& set) {
  const string_view number = item.text.substr(0, item.text.find_first_not_of("0123456789"));
  const std::size_t word_size = ItemScanner(item.text.substr(number.size())).take_word().size();
  const string_view position = item.text.substr(0, number.size() + word_size);
  const string_view rest = item.text.substr(position.size());
  const auto found =
      std::find_if(kPositions.begin(), kPositions.end(), [=](string_view name) { return same_word(position, name); });
  if (found == kPositions.end()) {
    for (const string_view name : kPositions) {  // "lastfoo"
      if (same_word(position.substr(0, name.size()), name)) {
        return left_over(kDay, item, item.text.substr(name.size()), "`" + std::string(name) + behind_position(name));
      }
    }
    if (!rest.starts_with(' ') || number.empty()) return unreadable(kDay, item);
    return item.fault("unknown position " + quoted_excerpt(position) + "; allowed are 1st, 2nd, 3rd, 4th, 5th and last");
  }
  if (rest.empty() && *found == "last") {
    set.last_day = true;
    return {};
  }
  const auto form = [position = *found] { return "`" + std::string(position) + behind_position(position); };
  if (rest.empty()) return item.fault(form());
  ItemScanner scanner(rest);
  if (!scanner.take(' ')) return left_over(kDay, item, rest, form());
  scanner.take_blanks();
  const string_view word = scanner.take_word();
  const std::optional<int> weekday = kWeekdayOfMonth.number_of(word);
  if (!weekday)
    return word.empty() ? left_over(kDay, item, scanner.rest(), form()) : unknown_name(item, word, kWeekdays, "mon-sun");
  if (!scanner.at_end()) return left_over(kDay, item, scanner.rest(), form());
  set.nth_weekdays |= 1ULL << (7 * (found - kPositions.begin()) + *weekday);
  return {};
}

Result<void> parse_item(Field field, const FieldItem& item, FieldSet& set) {
  if (item.text.empty()) return item.fault("an element of the list is empty");
  const std::size_t digits = item.text.find_first_not_of("0123456789");
  const char after_digits = digits == string_view::npos ? '\0' : item.text[digits];
  if (field == kDay && (is_ascii_letter(after_digits))) return parse_day_of_month(item, set);
  if (item.text.front() == '*' || is_ascii_digit(item.text.front())) return parse_numbers(field, item, set);
  if ((field == kMonth || field == kWeekday) && is_ascii_letter(item.text.front())) return parse_names(field, item, set);
  return unreadable(field, item);
}

Result<FieldSet> parse_field(Field field, string_view value, bool bare_number) {
  constexpr string_view kBlank = " ";
  const string_view text = trimmed(value);
  const std::size_t position = static_cast<std::size_t>(text.data() - value.data()) + 1;
  FieldSet set;
  if (text.empty()) return Error{quoted_excerpt(value) + " is empty; leave the field out or write `*`"};
  set.begins_with_star = text.starts_with('*');
  if (field == kYear) set.years.reserve(1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), ',')));
  std::size_t start = 0;
  while (true) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    const string_view between = text.substr(start, comma - start);
    const std::size_t first = std::min(between.find_first_not_of(kBlank), between.size());
    const std::size_t end = between.find_last_not_of(kBlank) + 1;  // 0 if it is blank
    const FieldItem item{between.substr(first, end > first ? end - first : 0), bare_number ? 0 : position + start + first};
    if (Result<void> parsed = parse_item(field, item, set); !parsed) {
      if (item.text.empty()) return FieldItem{text, position + start}.fault("an element of the list is empty");
      return parsed.error();
    }
    if (comma == text.size()) return set;
    start = comma + 1;
  }
}

Result<FieldSet> parse_member(Field field, const Json& value) {
  if (value.is(Json::Kind::string)) return parse_field(field, value.text(), false);
  if (value.is(Json::Kind::integer)) return parse_field(field, value.text(), true);
  return Error{value.describe_kind() + "; expected is an integer or a string"};
}

// Empty: all.
std::vector<YearRange> year_ranges(const std::vector<ItemRange>& ranges) {
  if (ranges.size() == 1 && ranges[0].first == kFirstYear && ranges[0].last == kLastYear && ranges[0].step.value_or(1) == 1)
    return {};
  int first = kLastYear;
  int last = kFirstYear;
  std::bitset<kLastYear + 1> listed;
  for (const ItemRange& range : ranges) {
    first = std::min(first, range.first);
    last = std::max(last, range.last);
    for (int year = range.first; year <= range.last; year += range.step.value_or(1)) listed.set(static_cast<std::size_t>(year));
  }
  std::array<int, kLastYear - kFirstYear + 1> years;
  std::size_t count = 0;
  for (int year = first; year <= last; ++year) {
    if (listed[static_cast<std::size_t>(year)]) years[count++] = year;
  }
  return count == years.size() ? std::vector<YearRange>() : progressions(std::span(years).first(count));
}

std::string day_text(const CalendarMasks& masks) {
  std::string text = calendar_text(masks.days, 1, 31, true);
  if (text == "*") return text;
  const auto add = [&text](const std::string& item) { text += (text.empty() ? "" : ",") + item; };
  for (std::size_t bit = 0; bit < 42; ++bit) {
    if (masks.nth_weekdays >> bit & 1) add(std::string(kPositions[bit / 7]) + ' ' + std::string(kWeekdays[bit % 7]));
  }
  if (masks.last_day) add("last");
  return text;
}

}  // namespace

Result<CalendarSchedule> parse_apscheduler(const Json& params) {
  std::array<std::optional<FieldSet>, kApschedulerFields.size()> sets;
  std::size_t given = 0;  // the least significant field that is given, counted from 1
  for (std::size_t i = 0; i < kApschedulerFields.size(); ++i) {
    const Json* value = params.find(kApschedulerFields[i]);
    if (value == nullptr || value->is(Json::Kind::null)) continue;
    Result<FieldSet> parsed = parse_member(static_cast<Field>(i), *value);
    if (!parsed) return Error{"params." + std::string(kApschedulerFields[i]) + ": " + parsed.error().message};
    sets[i] = *std::move(parsed);
    given = i + 1;
  }
  if (given == 0) {
    std::string message = "params: at least one field is expected of";
    for (const string_view name : kApschedulerFields) message += " " + std::string(name);
    return Error{message};
  }

  const auto all = [](Field field) { return range_bits({kSpecs[field].least, kSpecs[field].greatest}); };
  const auto bits = [&](Field field) -> std::uint64_t {
    if (sets[field]) return sets[field]->bits;
    const bool any = field < given || field == kWeek || field == kWeekday;
    return any ? all(field) : 1ULL << kSpecs[field].least;
  };
  const auto begins_with_star = [&](Field field) { return sets[field] ? sets[field]->begins_with_star : field < given; };

  CalendarSchedule schedule;
  CalendarMasks& masks = schedule.masks;
  masks.seconds = bits(kSecond);
  masks.minutes = bits(kMinute);
  masks.hours = static_cast<std::uint32_t>(bits(kHour));
  masks.days = static_cast<std::uint32_t>(bits(kDay));
  masks.months = static_cast<std::uint16_t>(bits(kMonth));
  masks.weeks = bits(kWeek);
  masks.weekdays = static_cast<std::uint8_t>(bits(kWeekday));
  if (sets[kDay] && masks.days != kAllDays) {
    masks.nth_weekdays = sets[kDay]->nth_weekdays;
    masks.last_day = sets[kDay]->last_day;
  }
  masks.first_year = kFirstYear;
  masks.last_year = kLastYear;
  if (sets[kYear]) {
    std::vector<YearRange> years = year_ranges(sets[kYear]->years);
    if (!years.empty()) masks.years = std::make_unique<const std::vector<YearRange>>(std::move(years));
  }
  schedule.repeats_within_hour = begins_with_star(kMinute) || begins_with_star(kSecond);
  return schedule;
}

std::string apscheduler_members(const CalendarMasks& masks, bool star) {
  const std::array<std::string, 8> texts = {masks.years ? list_text(*masks.years) : "*",
                                            calendar_text(masks.months, 1, 12, true),
                                            day_text(masks),
                                            calendar_text(masks.weeks, 1, 53, true),
                                            calendar_text(masks.weekdays, 0, 6, true),
                                            calendar_text(masks.hours, 0, 23, true),
                                            calendar_text(masks.minutes, 0, 59, star),
                                            calendar_text(masks.seconds, 0, 59, star)};
  std::string members;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) members += ',';
    members += '"' + std::string(kApschedulerFields[i]) + "\":\"" + texts[i] + '"';
  }
  return members;
}

}  // namespace action_scheduler
