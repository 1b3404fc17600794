// Port: what time it is. Adapters: src/engine/system_clock.h and the stepped clock of the tests.
#pragma once

#include <chrono>

#include "action_scheduler/time.h"

namespace action_scheduler {

// One reading of both clocks. The wall clock says what is due and may jump; the monotonic one says how long something took.
struct ClockReading {
  WallTime wall;
  std::chrono::milliseconds monotonic{0};  // since an arbitrary start
};

class Clock {
 public:
  virtual ~Clock() = default;

  // Thread safe. Cannot fail.
  virtual ClockReading read() = 0;
};

}  // namespace action_scheduler
