// SQLite's way to the disk with counters and faults in it.
#pragma once

#include <atomic>
#include <cstdint>

namespace action_scheduler::testing {

// What the disk is to do, and what was asked of it. Applies to all files that are opened through SQLite after
// install_faulty_vfs(), in any thread.
struct FaultyDisk {
  std::atomic<std::uint64_t> syncs = 0;  // fsync and fdatasync
  std::atomic<bool> full = false;        // writes fail as with ENOSPC
  std::atomic<bool> sync_fails = false;  // syncs fail as with EIO

  void mend() { full = sync_fails = false; }
};

// Makes the faulty file system the default one of this process, once. The state that it obeys and counts in.
FaultyDisk& install_faulty_vfs();

}  // namespace action_scheduler::testing
