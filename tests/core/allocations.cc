#include "tests/core/allocations.h"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

thread_local action_scheduler::testing::Allocations so_far;

}  // namespace

namespace action_scheduler::testing {

Allocations allocations() { return so_far; }

}  // namespace action_scheduler::testing

void* operator new(std::size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  ++so_far.count;
  so_far.bytes += size;
  so_far.live_bytes += malloc_usable_size(block);
  return block;
}

void operator delete(void* block) noexcept {
  so_far.live_bytes -= malloc_usable_size(block);
  std::free(block);
}

void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
