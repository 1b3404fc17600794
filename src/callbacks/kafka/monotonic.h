// The clock that delivery waits by. Included only within this folder.
#pragma once

#include <chrono>

namespace action_scheduler::kafka {

using MonotonicTime = std::chrono::steady_clock::time_point;

// The monotonic clock of the machine. A file of its own, so that a simulation may link another one in its place.
MonotonicTime monotonic_now();

}  // namespace action_scheduler::kafka
