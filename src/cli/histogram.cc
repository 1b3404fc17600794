#include "cli/histogram.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "cli/progress.h"

namespace action_scheduler {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kBinsMax = 60;

Instant begin_of(const Histogram& histogram, std::size_t bin) {
  return histogram.from + static_cast<std::int64_t>(bin) * histogram.bin;
}

// "2026-11-21 10:00", with seconds only where bins do not begin at minutes, without the time where they are days.
std::string label(const Histogram& histogram, std::size_t bin) {
  std::string text = format_utc(begin_of(histogram, bin));
  text[text.find('T')] = ' ';
  const auto aligned = [&](std::int64_t unit) {
    return histogram.bin.count() % unit == 0 && unix_seconds(histogram.from) % unit == 0;
  };
  constexpr std::size_t kDate = 10;
  constexpr std::size_t kToMinute = 16;
  constexpr std::size_t kToSecond = 19;
  return text.substr(0, aligned(kDay) ? kDate : aligned(kMinute) ? kToMinute : kToSecond);
}

// A bar of `eighths` eighths of a column.
std::string bar(std::size_t eighths) {
  constexpr std::array<const char*, 8> kParts = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  std::string text;
  for (std::size_t i = 0; i < eighths / 8; ++i) text += "█";
  return text + kParts.at(eighths % 8);
}

// `value` of `most` in steps of `whole`; what is not nothing is seen.
std::size_t scaled(std::uint64_t value, std::uint64_t most, std::size_t whole) {
  if (value == 0) return 0;
  const auto part = static_cast<double>(value) / static_cast<double>(most) * static_cast<double>(whole);
  return std::max<std::size_t>(1, static_cast<std::size_t>(part));
}

std::uint64_t most_of(const Histogram& histogram) {
  return histogram.fires.empty() ? 0 : *std::ranges::max_element(histogram.fires);
}

}  // namespace

Seconds bin_width(Instant from, Instant to) {
  constexpr std::array<std::int64_t, 12> kWidths = {1,         10,        kMinute, 5 * kMinute, 15 * kMinute, kHour,
                                                    3 * kHour, 6 * kHour, kDay,    7 * kDay,    28 * kDay,    364 * kDay};
  const std::int64_t length = (to - from).count();
  for (const std::int64_t width : kWidths) {
    if ((length + width - 1) / width <= kBinsMax) return Seconds{width};
  }
  const std::int64_t years = (length + kWidths.back() * kBinsMax - 1) / (kWidths.back() * kBinsMax);
  return Seconds{kWidths.back() * years};
}

std::string length_in_words(Seconds length) {
  struct Unit {
    std::int64_t seconds;
    const char* name;
  };
  constexpr std::array<Unit, 4> kUnits = {{{kDay, "day"}, {kHour, "hour"}, {kMinute, "minute"}, {1, "second"}}};
  const auto unit = std::ranges::find_if(kUnits, [&](const Unit& one) { return length.count() % one.seconds == 0; });
  const std::int64_t number = length.count() / unit->seconds;
  return grouped(static_cast<std::uint64_t>(number)) + ' ' + unit->name + (number == 1 ? "" : "s");
}

std::string histogram_text(const Histogram& histogram, std::size_t width) {
  constexpr std::size_t kLeastWidth = 40;
  const std::uint64_t most = most_of(histogram);
  const std::size_t number_width = grouped(most).size();
  std::string text;
  for (std::size_t i = 0; i < histogram.fires.size(); ++i) {
    const std::string number = grouped(histogram.fires[i]);
    std::string line = label(histogram, i) + "  " + std::string(number_width - number.size(), ' ') + number;
    const std::size_t used = line.size() + 2;
    const std::size_t room = std::max(width, kLeastWidth) - std::min(used, std::max(width, kLeastWidth) - 1);
    if (histogram.fires[i] > 0) line += "  " + bar(scaled(histogram.fires[i], most, room * 8));
    text += line + '\n';
  }
  return text;
}

std::string histogram_svg(const Histogram& histogram, const std::string& title) {
  constexpr std::size_t kWidth = 960;
  constexpr std::size_t kHeight = 320;
  constexpr std::size_t kLeft = 90;
  constexpr std::size_t kTop = 50;
  constexpr std::size_t kPlotWidth = kWidth - kLeft - 20;
  constexpr std::size_t kPlotHeight = kHeight - kTop - 50;
  const std::uint64_t most = most_of(histogram);
  const std::size_t bins = std::max<std::size_t>(histogram.fires.size(), 1);
  std::ostringstream svg;
  svg << R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )" << kWidth << ' ' << kHeight
      << R"(" font-family="sans-serif" font-size="13" role="img">)" << "\n<title>" << title << "</title>\n"
      << "<style>text{fill:#333}.bar{fill:#2a6fb0}.axis{stroke:#888}@media(prefers-color-scheme:dark){text{fill:#ddd}.bar{fill:#"
         "6cb0f0}}"
      << "</style>\n"
      << R"(<text x=")" << kLeft << R"(" y="26" font-size="16">)" << title << "</text>\n"
      << R"(<text x=")" << kLeft - 8 << R"(" y=")" << kTop + 5 << R"(" text-anchor="end">)" << grouped(most) << "</text>\n"
      << R"(<text x=")" << kLeft - 8 << R"(" y=")" << kTop + kPlotHeight << R"(" text-anchor="end">0</text>)" << '\n';
  for (std::size_t i = 0; i < histogram.fires.size(); ++i) {
    const double left = static_cast<double>(kLeft) + static_cast<double>(kPlotWidth * i) / static_cast<double>(bins);
    const double wide = std::max(0.5, static_cast<double>(kPlotWidth) / static_cast<double>(bins) - 2);
    const std::size_t high = scaled(histogram.fires[i], std::max<std::uint64_t>(most, 1), kPlotHeight);
    svg << R"(<rect class="bar" x=")" << left << R"(" y=")" << kTop + kPlotHeight - high << R"(" width=")" << wide
        << R"(" height=")" << high << R"("><title>)" << format_utc(begin_of(histogram, i)) << ": " << grouped(histogram.fires[i])
        << "</title></rect>\n";
  }
  svg << R"(<line class="axis" x1=")" << kLeft << R"(" x2=")" << kLeft + kPlotWidth << R"(" y1=")" << kTop + kPlotHeight
      << R"(" y2=")" << kTop + kPlotHeight << R"("/>)" << '\n'
      << R"(<text x=")" << kLeft << R"(" y=")" << kHeight - 22 << R"(">)" << format_utc(histogram.from) << "</text>\n"
      << R"(<text x=")" << kLeft + kPlotWidth << R"(" y=")" << kHeight - 22 << R"(" text-anchor="end">)"
      << format_utc(histogram.to) << "</text>\n</svg>\n";
  return svg.str();
}

}  // namespace action_scheduler
