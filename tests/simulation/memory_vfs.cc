#include "tests/simulation/memory_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace action_scheduler::simulation {
namespace {

constexpr std::size_t kSector = 512;

struct File {
  std::string bytes;
  std::string synced;
  std::vector<std::pair<std::size_t, std::size_t>> dirty;  // what was written since the last sync
  bool unsynced = false;                                   // something was never synced, and no sync will
  std::vector<std::unique_ptr<char[]>> shared;             // regions of the WAL index
  int opened = 0;
};

MemoryVfs state;
std::map<std::string, File> files;
sqlite3_vfs* real_vfs = nullptr;

struct Handle {
  sqlite3_file base;
  File* file;
};

File& file_of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file)->file; }

int close(sqlite3_file* file) {
  // Shared memory goes with the last process that has it.
  if (--file_of(file).opened == 0) file_of(file).shared.clear();
  return SQLITE_OK;
}
int read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  const std::string& bytes = file_of(file).bytes;
  const auto begin = std::min(static_cast<std::size_t>(offset), bytes.size());
  const auto count = std::min(static_cast<std::size_t>(size), bytes.size() - begin);
  std::memcpy(data, bytes.data() + begin, count);
  if (count == static_cast<std::size_t>(size)) return SQLITE_OK;
  std::memset(static_cast<char*>(data) + count, 0, static_cast<std::size_t>(size) - count);
  return SQLITE_IOERR_SHORT_READ;
}
// The process may die at any of what it does to its files.
bool is_frozen() {
  if (state.writes_until_frozen && --*state.writes_until_frozen < 0) state.frozen = true;
  return state.frozen;
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  if (is_frozen()) return SQLITE_OK;
  std::string& bytes = file_of(file).bytes;
  const auto begin = static_cast<std::size_t>(offset);
  const std::size_t end = begin + static_cast<std::size_t>(size);
  if (state.full && end > bytes.size()) return SQLITE_FULL;
  if (end > bytes.size()) bytes.resize(end);
  std::memcpy(bytes.data() + begin, data, static_cast<std::size_t>(size));
  file_of(file).dirty.emplace_back(begin, end);
  return SQLITE_OK;
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (!is_frozen()) file_of(file).bytes.resize(static_cast<std::size_t>(size));
  return SQLITE_OK;
}
int sync(sqlite3_file* file, int) {
  if (is_frozen()) return SQLITE_OK;
  if (state.sync_fails) {
    state.sync_fails = false;
    // As Linux does: the pages count as clean.
    file_of(file).unsynced |= !std::exchange(file_of(file).dirty, {}).empty();
    return SQLITE_IOERR_FSYNC;
  }
  File& synced = file_of(file);
  synced.synced.resize(synced.bytes.size());
  for (const auto& [begin, end] : synced.dirty) {
    if (begin < synced.bytes.size()) synced.synced.replace(begin, end - begin, synced.bytes, begin, end - begin);
  }
  synced.dirty.clear();
  return SQLITE_OK;
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(file_of(file).bytes.size());
  return SQLITE_OK;
}
int lock(sqlite3_file*, int) { return SQLITE_OK; }
int check_lock(sqlite3_file*, int* out) {
  *out = 0;
  return SQLITE_OK;
}
int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return kSector; }
int characteristics(sqlite3_file*) { return 0; }
int shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  auto& shared = file_of(file).shared;
  *out = nullptr;
  if (static_cast<std::size_t>(region) >= shared.size()) {
    if (extend == 0) return SQLITE_OK;
    while (static_cast<std::size_t>(region) >= shared.size()) {
      shared.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    }
  }
  *out = shared[static_cast<std::size_t>(region)].get();
  return SQLITE_OK;
}
int shm_lock(sqlite3_file*, int, int, int) { return SQLITE_OK; }
void shm_barrier(sqlite3_file*) {}
int shm_unmap(sqlite3_file* file, int) {
  file_of(file).shared.clear();
  return SQLITE_OK;
}

// Version 2: with shared memory, without memory-mapped pages. One connection at a time, so locks are always free.
constexpr sqlite3_io_methods kMethods = {
    2,           close,           read,    write,    truncate,    sync,      file_size, lock,   lock, check_lock, control,
    sector_size, characteristics, shm_map, shm_lock, shm_barrier, shm_unmap, nullptr,   nullptr};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* handle = reinterpret_cast<Handle*>(file);
  handle->base.pMethods = nullptr;
  static int temporary = 0;
  const std::string key = name != nullptr ? name : "temporary " + std::to_string(++temporary);
  if (!files.contains(key) && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
  handle->file = &files[key];
  ++handle->file->opened;
  handle->base.pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}
int remove(sqlite3_vfs*, const char* name, int) {
  if (!is_frozen()) files.erase(name);
  return SQLITE_OK;
}
int access(sqlite3_vfs*, const char* name, int, int* out) {
  *out = files.contains(name) ? 1 : 0;
  return SQLITE_OK;
}

}  // namespace

void MemoryVfs::wipe() {
  files.clear();
  *this = MemoryVfs{};
}

void MemoryVfs::lose_power(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (auto& [name, file] : files) {
    file.shared.clear();
    if (file.dirty.empty() && !file.unsynced && file.bytes.size() == file.synced.size()) continue;
    file.dirty.clear();
    file.unsynced = false;
    std::string left = file.synced;
    // The new size may have come through or not; sectors that never did read as zeros.
    if (file.bytes.size() > left.size() ? random() % 2 == 0 : random() % 4 == 0) left.resize(file.bytes.size());
    for (std::size_t begin = 0; begin < std::min(left.size(), file.bytes.size()); begin += kSector) {
      if (random() % 2 == 0) continue;
      const std::size_t count = std::min({kSector, left.size() - begin, file.bytes.size() - begin});
      left.replace(begin, count, file.bytes, begin, count);
    }
    file.bytes = file.synced = left;
  }
}

MemoryVfs& install_memory_vfs() {
  if (real_vfs != nullptr) return state;
  real_vfs = sqlite3_vfs_find(nullptr);
  static sqlite3_vfs memory = *real_vfs;
  memory.zName = "simulated";
  memory.szOsFile = static_cast<int>(sizeof(Handle));
  memory.pNext = nullptr;
  memory.xOpen = open;
  memory.xDelete = remove;
  memory.xAccess = access;
  sqlite3_vfs_register(&memory, 1);
  return state;
}

}  // namespace action_scheduler::simulation
