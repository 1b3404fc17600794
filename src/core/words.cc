#include "core/words.h"

#include <array>
#include <utility>

#include "action_scheduler/describe.h"
#include "core/datetime_text.h"

namespace action_scheduler {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits = {
    {{"week", 604800}, {"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}}};

std::string two_digits(std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

// The years 1 to 9999 have four digits.
bool is_writable(Instant local) { return local >= kFirstInstant && local <= kLastInstant; }

}  // namespace

std::string joined(const std::vector<std::string>& words, std::string_view last_link) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? last_link : ", ";
    text += words[i];
  }
  return text;
}

std::string ordinal(int number) {
  const int tens = number % 100;
  const char* ending = "th";
  if (tens < 11 || tens > 13) {
    if (number % 10 == 1) ending = "st";
    if (number % 10 == 2) ending = "nd";
    if (number % 10 == 3) ending = "rd";
  }
  return std::to_string(number) + ending;
}

std::string counted(std::int64_t number, std::string_view unit) {
  return std::to_string(number) + ' ' + std::string(unit) + (number == 1 ? "" : "s");
}

std::string length_words(Seconds length) {
  constexpr std::int64_t kMostOfOneUnit = 120;  // "90 minutes", but not "525600 minutes"
  std::int64_t rest = length.count();
  for (const auto& [unit, seconds] : kUnits) {
    if (rest >= seconds && rest % seconds == 0 && (rest / seconds < kMostOfOneUnit || seconds >= 86400)) {
      return counted(rest / seconds, unit);
    }
  }
  std::string text;
  for (const auto& [unit, seconds] : kUnits) {
    if (seconds == 604800 || rest < seconds) continue;
    text += (text.empty() ? "" : " ") + counted(rest / seconds, unit);
    rest %= seconds;
  }
  return text;
}

std::string period_words(Seconds period) {
  for (const auto& [unit, seconds] : kUnits) {
    if (period.count() == seconds) return std::string(unit);
  }
  return length_words(period);
}

std::string time_of_day(int second_of_day, bool with_seconds) {
  std::string text = two_digits(second_of_day / 3600) + ':' + two_digits(second_of_day / 60 % 60);
  if (with_seconds || second_of_day % 60 != 0) text += ':' + two_digits(second_of_day % 60);
  return text;
}

std::string format_offset(Seconds offset) {
  const std::int64_t seconds = std::abs(offset.count());
  std::string text = (offset.count() < 0 ? '-' : '+') + two_digits(seconds / 3600) + ':' + two_digits(seconds / 60 % 60);
  return seconds % 60 == 0 ? text : text + ':' + two_digits(seconds % 60);
}

std::string format_in_zone(Instant t, const Zone& zone) {
  const Seconds offset = zone.span_at(t).offset;
  if (!is_writable(t + offset)) return format_utc(t);
  return format_local(std::chrono::local_seconds{t.time_since_epoch() + offset}) + format_offset(offset);
}

std::string moment_words(Instant t, const Zone& zone) {
  const Seconds offset = zone.span_at(t).offset;
  if (!is_writable(t + offset)) return format_utc(t);
  const std::chrono::local_seconds local{t.time_since_epoch() + offset};
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  std::string text = time_of_day(static_cast<int>((local - day).count()));
  if (zone.first_reaching(local) != t) text += " (UTC" + format_offset(offset) + ')';
  return text + " on " + std::to_string(static_cast<unsigned>(date.day())) + ' ' +
         month_name(static_cast<int>(static_cast<unsigned>(date.month()))) + ' ' + std::to_string(static_cast<int>(date.year()));
}

std::string month_name(int month) {
  constexpr std::array<const char*, 12> kNames = {"January", "February", "March",     "April",   "May",      "June",
                                                  "July",    "August",   "September", "October", "November", "December"};
  return kNames.at(static_cast<std::size_t>(month - 1));
}

std::string weekday_name(int weekday) {
  constexpr std::array<const char*, 7> kNames = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  return kNames.at(static_cast<std::size_t>(weekday));
}

SetWords set_words(const std::vector<NumberRange>& progressions, std::string_view unit,
                   const std::function<std::string(int)>& name) {
  constexpr int kFewest = 5;  // members, for which a step is easier to read than a list
  SetWords words;
  for (const NumberRange& range : progressions) {
    if (range.step > 1 && (range.last - range.first) / range.step + 1 >= kFewest) {
      words.stepped.push_back("every " + ordinal(range.step) + ' ' + std::string(unit) + " from " + name(range.first) + " to " +
                              name(range.last));
    } else if (range.step == 1 && range.last > range.first) {
      words.plain.push_back(name(range.first) + " to " + name(range.last));
    } else {
      for (int value = range.first; value <= range.last; value += range.step) words.plain.push_back(name(value));
    }
  }
  return words;
}

std::string numbered(const std::vector<NumberRange>& progressions, std::string_view unit) {
  SetWords words = set_words(progressions, unit, [](int value) { return std::to_string(value); });
  const bool single = words.plain.size() == 1 && words.plain.front().find(' ') == std::string::npos;
  std::vector<std::string> all;
  if (!words.plain.empty()) all.push_back(std::string(unit) + (single ? " " : "s ") + joined(words.plain));
  all.insert(all.end(), words.stepped.begin(), words.stepped.end());
  return joined(all);
}

std::string zone_words(const Zone& zone) {
  std::string name = zone.name();
  if (name == "UTC") return name;
  const std::size_t last = name.rfind('/');
  if (last == std::string::npos || name.starts_with("Etc/")) return name + " time";
  std::string place = name.substr(last + 1);
  const std::size_t first = name.find('/');
  if (first != last) place += " (" + name.substr(first + 1, last - first - 1) + ')';
  for (char& c : place) {
    if (c == '_') c = ' ';
  }
  return place + " time";
}

}  // namespace action_scheduler
