// Memory of this process.
#pragma once

#include <cstddef>
#include <string>

namespace action_scheduler::bench {

// The most that has been resident so far, in GiB; 0 if the kernel does not tell.
double peak_gib();

// Bytes that were allocated and not given back, as the allocator rounds them, whichever library and thread asked for them.
std::size_t heap_in_use();

// "jemalloc" with its version, or "libc".
std::string allocator();

// From now on an allocation fails that would take the process beyond this. Throws std::runtime_error.
void limit_memory(double gib);

}  // namespace action_scheduler::bench
