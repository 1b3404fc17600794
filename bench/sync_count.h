// How often this process asked the disk to be done with it.
#pragma once

#include <cstdint>

namespace action_scheduler::bench {

// Calls of fsync() and fdatasync() so far, whichever library made them. Thread safe.
std::uint64_t syncs_so_far();

}  // namespace action_scheduler::bench
