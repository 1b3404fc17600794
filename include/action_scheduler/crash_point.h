// Named points between the steps of a delivery at which a test may end the process, to show that nothing is lost or repeated.
#pragma once

#include <atomic>
#include <string_view>

namespace action_scheduler {

// Called at each point with its name, in the thread that reached it. Null, as it is in production: nothing happens. Only test
// programs set it, before the threads start.
inline std::atomic<void (*)(std::string_view point)> crash_hook{nullptr};

// Says that `point` was reached. The callbacks name these:
//   "produced"      every message of a transaction (or batch) was handed to the receiver, nothing is committed or acknowledged
//   for sure "offsets_sent"  exactly_once: the position is in the transaction too, which is still open "committed" exactly_once:
//   the transaction is committed, the caller does not know yet "acknowledged"  at_least_once: every message is acknowledged, the
//   caller does not know yet
inline void reached(std::string_view point) {
  if (auto* hook = crash_hook.load(std::memory_order_relaxed)) hook(point);
}

}  // namespace action_scheduler
