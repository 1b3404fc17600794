#include "operations/schedule_text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ostream>

#include "action_scheduler/describe.h"

namespace action_scheduler {
namespace {

constexpr std::size_t kWidth = 80;

}  // namespace

std::vector<Instant> next_fires(const Trigger& trigger, Instant after) {
  std::vector<Instant> fires;
  for (auto t = trigger.next(after); t && fires.size() < kShownFires; t = trigger.next(*t)) fires.push_back(*t);
  return fires;
}

std::string for_people(Instant t, const Zone& zone) {
  constexpr std::array<const char*, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  std::string text = format_in_zone(t, zone);
  const Seconds offset = text.ends_with('Z') ? Seconds{0} : zone.span_at(t).offset;
  const std::chrono::weekday weekday{std::chrono::floor<std::chrono::days>(t + offset)};
  constexpr std::size_t kDate = 10;
  constexpr std::size_t kDateAndTime = 19;
  text[kDate] = ' ';
  if (!text.ends_with('Z')) text.insert(kDateAndTime, " ");
  return std::string(kWeekdays.at(weekday.c_encoding())) + ' ' + text;
}

void print_fires(const std::vector<Instant>& fires, const Zone& zone, std::ostream& out) {
  const bool only_utc = zone.name() == "UTC";
  out << (fires.size() == 1 ? "The only fire ahead" : "Next fires") << (only_utc ? " (UTC)" : " (" + zone.name() + ", UTC)")
      << '\n';
  for (const Instant fire : fires) {
    // In UTC the Z stands in the second column alone.
    const std::string local = only_utc ? for_people(fire, zone).substr(0, 23) : for_people(fire, zone);
    out << "  " << local << "   " << format_utc(fire) << '\n';
  }
}

std::string fires_json(const std::vector<Instant>& fires, const Zone& zone) {
  std::string list;
  for (const Instant t : fires) {
    list +=
        (list.empty() ? R"({"utc":")" : R"(,{"utc":")") + format_utc(t) + R"(","local":")" + format_in_zone(t, zone) + R"("})";
  }
  return '[' + list + ']';
}

std::string wrapped(const std::string& text, std::size_t indent) {
  std::string lines;
  std::size_t column = indent;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::size_t size = end - start;
    if (column > indent && column + 1 + size > kWidth) {
      lines += '\n' + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) lines += ' ', ++column;
    lines += text.substr(start, size);
    column += size;
    start = end + 1;
  }
  return lines;
}

}  // namespace action_scheduler
