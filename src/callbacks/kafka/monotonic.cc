#include "callbacks/kafka/monotonic.h"

namespace action_scheduler::kafka {

MonotonicTime monotonic_now() { return std::chrono::steady_clock::now(); }

}  // namespace action_scheduler::kafka
