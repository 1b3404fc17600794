// Words are read back: a reader that shares nothing with the writer makes the times of day of the English again, and has to get
// those at which the schedule fires.
#include <random>
#include <regex>
#include <set>

#include "action_scheduler/describe.h"
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

using Times = std::set<int>;  // seconds of the day

constexpr int kDay = 86400;

int number(const std::string& text) { return std::stoi(text); }

// "09:05", "09:05:30"
int time_of(const std::string& text) {
  return number(text.substr(0, 2)) * 3600 + number(text.substr(3, 2)) * 60 + (text.size() > 5 ? number(text.substr(6, 2)) : 0);
}

// "5 minutes 30 seconds", "hour"
int length_of(const std::string& text) {
  static const std::regex kLength("(\\d+ )?(hour|minute|second)s?");
  int total = 0;
  for (std::sregex_iterator i(text.begin(), text.end(), kLength), end; i != end; ++i) {
    const int unit = (*i)[2] == "hour" ? 3600 : (*i)[2] == "minute" ? 60 : 1;
    total += ((*i)[1].matched ? number((*i)[1]) : 1) * unit;
  }
  return total;
}

// "minute 5", "minutes 0 to 2, 5 and 8 and every 7th minute from 10 to 38": the numbers.
std::set<int> numbers_of(std::string text) {
  std::set<int> found;
  static const std::regex kStepped("every (\\d+)\\w\\w \\w+ from (\\d+) to (\\d+)");
  for (std::smatch match; std::regex_search(text, match, kStepped);) {
    for (int n = number(match[2]); n <= number(match[3]); n += number(match[1])) found.insert(n);
    text = match.prefix().str() + match.suffix().str();
  }
  static const std::regex kPlain("(\\d+)( to (\\d+))?");
  for (std::sregex_iterator i(text.begin(), text.end(), kPlain), end; i != end; ++i) {
    for (int n = number((*i)[1]); n <= number((*i)[(*i)[3].matched ? 3 : 1]); ++n) found.insert(n);
  }
  return found;
}

// The numbers of the unit in "at seconds 0 and 30 of every minute of hours 9 to 17"; all of them where the text does not
// restrict it.
std::set<int> field_of(const std::string& words, const std::string& unit, int count) {
  std::set<int> all;
  for (int n = 0; n < count; ++n) all.insert(n);
  for (const std::string& piece : [&] {
         Texts pieces;
         std::string rest = words;
         for (std::size_t of = 0; (of = rest.find(" of ")) != std::string::npos; rest = rest.substr(of + 4))
           pieces.push_back(rest.substr(0, of));
         pieces.push_back(rest);
         return pieces;
       }()) {
    if (piece.find(unit) == std::string::npos) continue;
    return piece == "every " + unit ? all : numbers_of(piece);
  }
  return unit == "second" ? std::set<int>{0} : all;
}

Times times_of(std::string words) {
  Times times;
  std::smatch match;
  const auto fill = [&](int first, int last, int step) {
    for (int t = first; t <= last; t += step) times.insert(t);
  };
  static const std::regex kDayWords(" every day$");
  words = std::regex_replace(words, kDayWords, "");
  if (words == "every hour on the hour") {
    fill(0, kDay - 1, 3600);
  } else if (std::regex_match(words, match, std::regex("at (.*) past every hour"))) {
    fill(length_of(match[1]), kDay - 1, 3600);
  } else if (std::regex_match(words, match, std::regex("every minute at second (\\d+)"))) {
    fill(number(match[1]), kDay - 1, 60);
  } else if (std::regex_match(words, match, std::regex("every ([^:]*?)((?: and)? ?from \\d\\d:.*)"))) {
    const int step = length_of(match[1]);
    std::string rest = match[2];
    static const std::regex kStretch("from ([\\d:]+) to ([\\d:]+)");
    while (std::regex_search(rest, match, kStretch)) {
      fill(time_of(match[1]), time_of(match[2]), step);
      rest = match.prefix().str() + match.suffix().str();
    }
    static const std::regex kTime("\\d\\d:\\d\\d(:\\d\\d)?");
    for (std::sregex_iterator i(rest.begin(), rest.end(), kTime), end; i != end; ++i) times.insert(time_of(i->str()));
  } else if (words.starts_with("at ") && words.find(':') != std::string::npos) {
    static const std::regex kTime("\\d\\d:\\d\\d(:\\d\\d)?");
    for (std::sregex_iterator i(words.begin(), words.end(), kTime), end; i != end; ++i) times.insert(time_of(i->str()));
  } else if (words.find(" of ") == std::string::npos) {
    fill(0, kDay - 1, length_of(words));
  } else {
    for (const int hour : field_of(words, "hour", 24)) {
      for (const int minute : field_of(words, "minute", 60)) {
        for (const int second : field_of(words, "second", 60)) times.insert((hour * 60 + minute) * 60 + second);
      }
    }
  }
  return times;
}

class RandomFields {
 public:
  explicit RandomFields(std::uint32_t seed) : random_(seed) {}

  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  std::string field(int least, int greatest) {
    std::string text = item(least, greatest);
    for (int more = below(3) == 0 ? below(4) : 0; more > 0; --more) text += ',' + item(least, greatest);
    return text;
  }

 private:
  std::string item(int least, int greatest) {
    const int width = greatest - least;
    const int a = least + below(width + 1);
    const int b = a + below(greatest - a + 1);
    switch (below(6)) {
      case 0:
        return "*";
      case 1:
        return "*/" + std::to_string(1 + below(below(2) ? width : std::min(width, 10)));
      case 2:
        return std::to_string(a) + '-' + std::to_string(b);
      case 3:
        if (b > a) return std::to_string(a) + '-' + std::to_string(b) + '/' + std::to_string(1 + below(b - a));
        [[fallthrough]];
      default:
        return std::to_string(a);
    }
  }

  std::mt19937 random_;
};

TEST(RandomWords, OfTimesOfDayMeanWhatTheScheduleFires) {
  const std::uint32_t seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  RandomFields random(seed);
  for (int i = 0; i < 800; ++i) {
    std::string members = R"("hour":")" + random.field(0, 23) + R"(","minute":")" + random.field(0, 59) + '"';
    // Every second of every minute would be slow to step through.
    if (random.below(3) == 0) {
      members = R"("hour":")" + std::to_string(random.below(24)) + ',' + std::to_string(random.below(24)) + R"(","minute":")" +
                random.field(0, 59) + R"(","second":")" + random.field(0, 59) + '"';
    }
    const Trigger trigger = trigger_of(cron_of("apscheduler", members));
    std::string words = describe(trigger);
    ASSERT_TRUE(words.ends_with(", UTC")) << words;
    words.resize(words.size() - 5);
    Times expected;
    const Instant midnight = at("2026-01-01T00:00:00Z");
    for (auto t = trigger.next(midnight - Seconds{1}); t && *t < midnight + Seconds{kDay}; t = trigger.next(*t)) {
      expected.insert(static_cast<int>((*t - midnight).count()));
    }
    ASSERT_EQ(times_of(words), expected) << members << "\n" << words;
  }
}

TEST(RandomWords, OfDaysNameEveryFieldThatIsRestricted) {
  const std::uint32_t seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  RandomFields random(seed);
  for (int i = 0; i < 800; ++i) {
    const std::string month = random.field(1, 12);
    const std::string day = random.field(1, 31);
    const std::string weekday = random.field(0, 6);
    const std::string week = random.field(1, 53);
    const std::string cron = cron_of("apscheduler", R"("month":")" + month + R"(","day":")" + day + R"(","day_of_week":")" +
                                                        weekday + R"(","week":")" + week + R"(","hour":9)");
    const std::string words = describe(trigger_of(cron));
    // The canonical text has `*` exactly where a field is not restricted.
    const std::string canonical = trigger_of(cron).canonical();
    const auto restricted = [&](const char* field) {
      return canonical.find(std::string("\"") + field + "\":\"*\"") == std::string::npos;
    };
    const auto says = [&](const char* pattern) { return std::regex_search(words, std::regex(pattern)); };
    EXPECT_EQ(says("January|February|March|April|May|June|July|August|September|October|November|December"), restricted("month"))
        << cron << "\n"
        << words;
    EXPECT_EQ(says("weekdays|(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"), restricted("day_of_week")) << cron << "\n" << words;
    EXPECT_EQ(says(" the \\d+(st|nd|rd|th)"), restricted("day")) << cron << "\n" << words;
    EXPECT_EQ(says("ISO week"), restricted("week")) << cron << "\n" << words;
    EXPECT_EQ(says("that fall on"), restricted("day") && restricted("day_of_week")) << cron << "\n" << words;
  }
}

TEST(RandomWords, AreTheSameForSchedulesThatFireAlike) {
  const std::uint32_t seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  RandomFields random(seed);
  for (int i = 0; i < 400; ++i) {
    std::string fields = random.field(0, 59);
    for (const auto& [least, greatest] : {std::pair{0, 23}, {1, 31}, {1, 12}, {0, 7}})
      fields += ' ' + random.field(least, greatest);
    const Trigger trigger = trigger_of(unix_cron(fields));
    EXPECT_EQ(describe(trigger), describe(trigger_of(trigger.canonical()))) << fields;
    // And a schedule is silent for a reason exactly if it is silent.
    const Instant now = at("2026-11-21T10:00:00Z");
    EXPECT_EQ(why_silent(trigger, now).has_value(), !trigger.next(now).has_value()) << fields;
  }
}

}  // namespace
}  // namespace action_scheduler::testing
