// The instant at which waiting ends, because the process does.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

namespace action_scheduler {

// Set by one thread, asked by another. Instants are of the monotonic clock, as the owner reads it.
class Interruption {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Waiting ends at `end`, or when it was told to before, if that is earlier.
  void set(Time end) {
    Time known = end_;
    while (end < known && !end_.compare_exchange_weak(known, end)) {
    }
  }

  bool passed(Time now) const { return now >= end_.load(); }

  // Whole milliseconds until the end, at most `most_ms`; 0 when it has passed.
  int left_ms(Time now, int most_ms) const {
    const Time end = end_;
    if (end >= now + std::chrono::milliseconds{most_ms}) return most_ms;
    return static_cast<int>(
        std::max<std::chrono::milliseconds::rep>(0, std::chrono::duration_cast<std::chrono::milliseconds>(end - now).count()));
  }

 private:
  std::atomic<Time> end_{Time::max()};
};

}  // namespace action_scheduler
