// A file system for SQLite in memory, which loses and tears what was not synced when the power goes.
#pragma once

#include <cstdint>
#include <optional>

namespace action_scheduler::simulation {

struct MemoryVfs {
  bool full = false;        // what would make a file larger fails
  bool sync_fails = false;  // the next sync fails, and what it would have synced never is
  bool frozen = false;      // nothing is written any more: the process is dead and only its destructors run
  std::optional<std::int64_t> writes_until_frozen;  // writes, truncations and syncs

  // Removes all files. None is open.
  void wipe();
  // Of the writes since each file's last sync some come through, by sectors of 512 bytes; `seed` says which. No file is open.
  void lose_power(std::uint64_t seed);
};

// Makes it the default file system of this process, once.
MemoryVfs& install_memory_vfs();

}  // namespace action_scheduler::simulation
