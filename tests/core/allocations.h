// Counts what operator new gives and delete takes back. Link allocations.cc into a program to have them counted there.
#pragma once

#include <cstddef>

namespace action_scheduler::testing {

struct Allocations {
  std::size_t count = 0;       // so far
  std::size_t bytes = 0;       // asked for so far
  std::size_t live_bytes = 0;  // as the allocator rounds them
};

// Of the calling thread.
Allocations allocations();

}  // namespace action_scheduler::testing
