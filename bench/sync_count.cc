#include "bench/sync_count.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace {

std::atomic<std::uint64_t> syncs{0};

}  // namespace

// These stand in front of the C library's for every library of the program.
extern "C" int fsync(int fd) {
  ++syncs;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" int fdatasync(int fd) {
  ++syncs;
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

namespace action_scheduler::bench {

std::uint64_t syncs_so_far() { return syncs; }

}  // namespace action_scheduler::bench
