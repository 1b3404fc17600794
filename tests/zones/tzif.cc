#include "tests/zones/tzif.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace action_scheduler::testing {
namespace {

constexpr int kLastYear = 2500;
constexpr std::int64_t kDay = 86400;

// Big-endian numbers, one after the other.
class Reader {
 public:
  Reader(const std::string& bytes, std::size_t position) : bytes_(bytes), position_(position) {}

  std::int64_t take(std::size_t size) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < size; ++i) number = number << 8 | static_cast<unsigned char>(bytes_.at(position_++));
    if (size == 4) return static_cast<std::int32_t>(number);
    return static_cast<std::int64_t>(number);
  }
  void skip(std::int64_t size) { position_ += static_cast<std::size_t>(size); }
  std::string rest() const { return bytes_.substr(position_); }

 private:
  const std::string& bytes_;
  std::size_t position_;
};

struct Header {
  std::int64_t ut_indicators, standard_indicators, leap_seconds, transitions, types, characters;

  explicit Header(Reader& reader) {
    reader.skip(20);
    for (std::int64_t* count : {&ut_indicators, &standard_indicators, &leap_seconds, &transitions, &types, &characters}) {
      *count = reader.take(4);
    }
  }
  std::int64_t size(std::int64_t time_size) const {
    return transitions * (time_size + 1) + types * 6 + characters + leap_seconds * (time_size + 4) + standard_indicators +
           ut_indicators;
  }
};

// A POSIX rule such as "CET-1CEST,M3.5.0,M10.5.0/3".
class Rule {
 public:
  explicit Rule(const std::string& text) : text_(text) {
    take_name();
    standard_ = -take_time();
    if (at_end()) return;
    take_name();
    daylight_ = at(',') ? standard_ + 3600 : -take_time();
    begin_ = take_date();
    end_ = take_date();
    has_daylight_ = true;
    if (!at_end()) throw std::runtime_error("left over in rule " + text);
  }

  // The changes of a year, in order.
  std::vector<std::pair<std::int64_t, std::int64_t>> changes(int year) const {
    if (!has_daylight_) return {};
    std::vector<std::pair<std::int64_t, std::int64_t>> both = {{begin_.in(year)-standard_, daylight_},
                                                               {end_.in(year)-daylight_, standard_}};
    std::sort(both.begin(), both.end());
    return both;
  }

 private:
  struct Date {
    char kind = 'M';  // M: month, week, weekday; J: day of the year 1-365 without 29 February; 0: day of the year from 0
    int month = 0, week = 0, weekday = 0, day = 0;
    std::int64_t time = 7200;

    std::int64_t in(int year) const {
      std::int64_t found = days_since_1970(year, 1, 1) + day;
      if (kind == 'J') {
        found -= 1;
        if (day >= 60 && days_since_1970(year, 3, 1) - days_since_1970(year, 2, 28) == 2) ++found;
      } else if (kind == 'M') {
        found = days_since_1970(year, month, 1);
        int left = week;
        for (std::int64_t today = found; calendar_day(today).month == month; ++today) {
          if ((calendar_day(today).weekday + 1) % 7 == weekday && left > 0) {
            found = today;
            --left;
          }
        }
      }
      return found * kDay + time;
    }
  };

  bool at_end() const { return position_ == text_.size(); }
  bool at(char c) const { return !at_end() && text_[position_] == c; }
  bool take(char c) {
    if (!at(c)) return false;
    ++position_;
    return true;
  }
  void take_name() {
    if (take('<')) {
      while (!take('>')) ++position_;
    } else {
      while (!at_end() && std::isalpha(static_cast<unsigned char>(text_[position_])) != 0) ++position_;
    }
  }
  int take_number() {
    int number = 0;
    while (!at_end() && std::isdigit(static_cast<unsigned char>(text_[position_])) != 0) {
      number = number * 10 + (text_[position_++] - '0');
    }
    return number;
  }
  std::int64_t take_time() {
    const int sign = take('-') ? -1 : 1;
    take('+');
    std::int64_t seconds = take_number() * 3600;
    if (take(':')) seconds += take_number() * 60;
    if (take(':')) seconds += take_number();
    return sign * seconds;
  }
  Date take_date() {
    Date date;
    if (!take(',')) throw std::runtime_error("a comma is expected in rule " + text_);
    if (take('M')) {
      date.month = take_number();
      take('.');
      date.week = take_number();
      take('.');
      date.weekday = take_number();
    } else {
      date.kind = take('J') ? 'J' : '0';
      date.day = take_number();
    }
    if (take('/')) date.time = take_time();
    return date;
  }

  std::string text_;
  std::size_t position_ = 0;
  std::int64_t standard_ = 0;
  std::int64_t daylight_ = 0;
  bool has_daylight_ = false;
  Date begin_;
  Date end_;
};

void add_change(ReferenceZone& zone, std::int64_t at, std::int64_t offset) {
  const std::int64_t before = zone.changes.empty() ? zone.first_offset : zone.changes.back().second;
  if (offset != before) zone.changes.emplace_back(at, offset);
}

}  // namespace

ReferenceZone read_tzif(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (bytes.substr(0, 4) != "TZif" || bytes.size() < 44 || bytes[4] < '2') throw std::runtime_error("not TZif: " + path.string());
  Reader reader(bytes, 0);
  const Header short_one(reader);
  reader.skip(short_one.size(4));
  const Header header(reader);
  std::vector<std::int64_t> times;
  std::vector<std::size_t> types;
  std::vector<std::int64_t> offsets;
  for (std::int64_t i = 0; i < header.transitions; ++i) times.push_back(reader.take(8));
  for (std::int64_t i = 0; i < header.transitions; ++i) types.push_back(static_cast<std::size_t>(reader.take(1)));
  for (std::int64_t i = 0; i < header.types; ++i) {
    offsets.push_back(reader.take(4));
    reader.skip(2);
  }
  reader.skip(header.characters + header.leap_seconds * 12 + header.standard_indicators + header.ut_indicators + 1);
  std::string footer = reader.rest();
  footer = footer.substr(0, footer.find('\n'));

  ReferenceZone zone{offsets.at(0)};
  for (std::size_t i = 0; i < times.size(); ++i) add_change(zone, times[i], offsets.at(types[i]));
  if (!footer.empty()) {
    const Rule rule(footer);
    const std::int64_t listed_until = times.empty() ? days_since_1970(1970, 1, 1) * kDay : times.back();
    for (int year = calendar_day(listed_until / kDay).year; year <= kLastYear; ++year) {
      for (const auto& [at, offset] : rule.changes(year)) {
        if (at > listed_until) add_change(zone, at, offset);
      }
    }
  }
  return zone;
}

std::vector<std::string> tzdata_names(const std::filesystem::path& directory) {
  std::ifstream file(directory / "tzdata.zi");
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind, first, second;
    words >> kind >> first >> second;
    if (kind == "Z") names.push_back(first);
    if (kind == "L") names.push_back(second);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::filesystem::path tzdata_directory() {
  const char* directory = std::getenv("TZDIR");
  return directory != nullptr && *directory != '\0' ? directory : "/usr/share/zoneinfo";
}

}  // namespace action_scheduler::testing
