#include "core/cron_hint.h"

#include <algorithm>
#include <array>
#include <utility>

#include "action_scheduler/suggestion.h"
#include "core/cron_field.h"
#include "core/json.h"

namespace action_scheduler {
namespace {

using std::string_view;

constexpr string_view kDigits = "0123456789";

// "L", "L-3", "5L", "friL".
bool is_last(string_view item) {
  const auto is_l = [](char c) { return c == 'L' || c == 'l'; };
  if (item.size() == 1 || item.substr(1).starts_with("-")) return is_l(item.front());
  const string_view before = item.substr(0, item.size() - 1);
  return is_l(item.back()) &&
         (before.find_first_not_of(kDigits) == string_view::npos || (before.size() == 3 && item.back() == 'L'));
}

// "W", "15W", "LW".
bool is_working_day(string_view item) {
  if (!item.ends_with('W') && !item.ends_with('w')) return false;
  const string_view before = item.substr(0, item.size() - 1);
  return before.find_first_not_of(kDigits) == string_view::npos || before == "L" || before == "l";
}

// Elements of other schedulers that neither format has; the three that one of them has in other words come from the caller.
std::string dialect_hint(string_view item, string_view question_mark, string_view hash, string_view last) {
  const auto has = [item](char c) { return item.find(c) != string_view::npos; };
  if (item.empty()) return {};
  if (has('?')) return std::string(question_mark);
  if (has('#')) return std::string(hash);
  if (is_last(item)) return std::string(last);
  if (is_working_day(item)) return "`W` (the nearest working day) is Quartz's, and none of the formats here has it";
  if (has('~')) return "`~` (a random value) is cronie's; here the parameter `jitter` spreads fires";
  if (item == "H" || item.starts_with("H/") || item.starts_with("H(")) {
    return "`H` (a value from a hash) is Jenkins'; here the parameter `jitter` spreads fires";
  }
  const bool beyond_ascii = std::any_of(item.begin(), item.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  return beyond_ascii ? "digits and letters are those of ASCII" : "";
}

// The first character that is neither ASCII nor a blank, tab or visible; with its place, from 1.
std::string odd_character(string_view text) {
  const auto odd = std::find_if(text.begin(), text.end(), [](char c) { return (c < ' ' && c != '\t') || c > '~'; });
  if (odd == text.end()) return {};
  const auto at = static_cast<std::size_t>(odd - text.begin());
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return quoted_excerpt(text.substr(at, end - at)) + " at character " + std::to_string(at + 1);
}

bool contains(const auto& texts, string_view text) { return std::find(texts.begin(), texts.end(), text) != texts.end(); }

}  // namespace

std::string unix_item_hint(string_view item) {
  return dialect_hint(item, "`?` is Quartz's; write `*`",
                      "`#` is Quartz's; the format `apscheduler` has it as `2nd fri` in its field `day`",
                      "`L` is Quartz's; the format `apscheduler` has it as `last` and `last fri` in its field `day`");
}

std::string unix_value_hint(string_view value, std::size_t fields) {
  if (value.starts_with("TZ=") || value.starts_with("CRON_TZ=")) {
    return "the zone does not stand in the value: it is the parameter `timezone`";
  }
  if (value.starts_with("rate(")) return R"(`rate` is the format `interval`, such as {"minutes": 5})";
  if (value.starts_with("cron(")) return "the fields stand by themselves, without `cron(` and `)`";
  if (const std::string odd = odd_character(value); !odd.empty()) {
    return "only blanks and tabs separate them, and there is " + odd;
  }
  if (value.find(", ") != string_view::npos || value.find(" ,") != string_view::npos) {
    return "a list stands without blanks, such as `1,2`";
  }
  if (fields == 6 || fields == 7) {
    return std::string("seconds (the first of ") + (fields == 6 ? "six" : "seven") +
           ", as in Quartz) and years (the last) are the fields `second` and `year` of the format `apscheduler`";
  }
  return {};
}

std::string unix_macro_hint(string_view value) {
  const string_view name = value.substr(0, value.find_first_of(" \t"));
  const auto is = [name](string_view other) { return edit_distance(name, other) == 0; };
  if (is("@reboot")) return "it names no time, and none of the formats has it";
  if (is("@every")) return R"(it is the format `interval`, such as {"minutes": 5})";
  if (is("@every_minute")) return "write `* * * * *`";
  if (is("@every_second")) return R"(it is the format `apscheduler`, {"second": "*"})";
  return {};
}

std::string apscheduler_item_hint(string_view field, string_view item) {
  if (std::string hint = dialect_hint(item, "`?` is Quartz's; write `*` or leave the field out",
                                      "`#` is Quartz's; write the weekday as `2nd fri` in the field `day`",
                                      "`L` is Quartz's; write `last` or `last fri` in the field `day`");
      !hint.empty()) {
    return hint;
  }
  if (item.starts_with('@')) return "names with `@` are the format `unix`";
  if (item.starts_with('-')) return "numbers are not negative";
  constexpr std::array<string_view, 7> kWeekdays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  if (field == "day" && contains(kWeekdays, item)) {
    const std::string name(item);
    return "every `" + name + "` is the field `day_of_week`; `day` takes `1st " + name + "` to `5th " + name + "` and `last " +
           name + "`";
  }
  const bool nth =
      item.size() > 4 && is_ascii_digit(item[0]) && is_ascii_letter(item[1]) && is_ascii_letter(item[2]) && item[3] == ' ';
  const bool position = nth || item == "last" || item.starts_with("last ");
  if (field != "day" && position) return "`last`, `last fri` and `2nd fri` stand in the field `day`";
  if (const std::size_t blank = item.rfind(' '); !position && blank != string_view::npos) {
    if (field == "day" && contains(kWeekdays, item.substr(blank + 1))) return "positions are 1st, 2nd, 3rd, 4th, 5th and last";
    return "blanks stand around commas only";
  }
  return {};
}

std::string param_hint(string_view format, string_view key) {
  constexpr std::array<string_view, 8> kFields = {"year", "month", "day", "week", "day_of_week", "hour", "minute", "second"};
  constexpr std::array<string_view, 5> kUnits = {"weeks", "days", "hours", "minutes", "seconds"};
  string_view owner;
  if (key == "value") owner = "unix";
  if (contains(kFields, key)) owner = "apscheduler";
  if (contains(kUnits, key)) owner = "interval";
  if (key == "run_date") owner = "date";
  if (owner.empty() || owner == format) return {};
  return "the format `" + std::string(owner) + "` has it";
}

std::string zone_hint(string_view name) {
  if (name.empty()) return "leave it out for the zone of the column, of the configuration, or UTC";
  if (name == "Z" || name == "z" || edit_distance(name, "utc") == 0) return "write \"UTC\"";
  if (name == "localtime" || name == "local") return "name the zone itself: that of the machine may be another tomorrow";
  if (name.starts_with("posix/") || name.starts_with("right/"))
    return "write it without \"" + std::string(name.substr(0, 6)) + '"';
  string_view rest = name;
  for (const string_view prefix : {"UTC", "GMT"}) {
    if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
  }
  if (rest.starts_with('+') || (rest.starts_with('-') && rest.size() > 1)) {
    const std::size_t end = std::min(rest.find_first_not_of(kDigits, 1), rest.size());
    int hours = 0;
    for (std::size_t i = 1; i < end && i <= 2; ++i) hours = hours * 10 + (rest[i] - '0');
    const string_view minutes = rest.substr(std::min<std::size_t>(end, 3));
    const bool whole = end > 1 && (minutes.empty() || minutes == ":00" || minutes == "00" || minutes == ":0");
    const bool east = rest.front() == '+';
    if (!whole || hours == 0 || hours > (east ? 14 : 12)) return "an offset is no zone, a place is";
    // The names of the tz database have POSIX' sign: west is positive.
    return std::string("an offset is no zone: the one that is always at ") + rest.front() + (hours < 10 ? "0" : "") +
           std::to_string(hours) + ":00 is \"Etc/GMT" + (east ? '-' : '+') + std::to_string(hours) + '"';
  }
  const std::size_t letters = std::min(rest.find_first_of("<,+-0123456789"), rest.size());
  const bool abbreviation = letters >= 3 && letters < rest.size() &&
                            std::all_of(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(letters), is_ascii_letter);
  if (abbreviation || rest.starts_with('<')) return "a POSIX rule is no zone";
  return {};
}

}  // namespace action_scheduler
