// The clocks of the machine.
#pragma once

#include <ctime>

#include "action_scheduler/clock.h"

namespace action_scheduler {

class SystemClock : public Clock {
 public:
  ClockReading read() override {
    timespec monotonic{};
    // CLOCK_MONOTONIC stands still while the machine sleeps, which is how a sleep is noticed.
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    return {std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()),
            std::chrono::milliseconds{monotonic.tv_sec * 1000 + monotonic.tv_nsec / 1'000'000}};
  }
};

}  // namespace action_scheduler
