// Fires over time as a picture: bars of text, or SVG.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "action_scheduler/time.h"

namespace action_scheduler {

struct Histogram {
  Instant from;
  Instant to;
  Seconds bin;
  std::vector<std::uint64_t> fires;  // of each bin
};

// A width of a bin that people know (10 seconds, 5 minutes, 6 hours, a day, ...) and that cuts the range into 60 bins at most.
Seconds bin_width(Instant from, Instant to);

// "5 minutes", "1 day", "90 seconds"
std::string length_in_words(Seconds length);

// A line for each bin: its beginning, its fires, a bar. No line is wider than `width` columns; at least 40 are taken.
std::string histogram_text(const Histogram& histogram, std::size_t width);

// A picture that stands alone (SVG 1.1), readable on light and dark ground.
std::string histogram_svg(const Histogram& histogram, const std::string& title);

}  // namespace action_scheduler
