#pragma once

#include "action_scheduler/clock.h"

namespace action_scheduler::testing {

// Where no time passes.
class ZeroClock : public Clock {
 public:
  ClockReading read() override { return {}; }
};

}  // namespace action_scheduler::testing
