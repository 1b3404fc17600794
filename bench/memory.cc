#include "bench/memory.h"

#include <malloc.h>
#include <sys/resource.h>

#include <cstdint>
#include <fstream>
#include <stdexcept>

// jemalloc's, where it stands in for malloc; null otherwise.
extern "C" __attribute__((weak)) int mallctl(const char* name, void* old_value, std::size_t* old_size, void* new_value,
                                             std::size_t new_size);

namespace action_scheduler::bench {

double peak_gib() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / (1 << 20);
  }
  return 0;
}

std::size_t heap_in_use() {
  if (mallctl == nullptr) {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
  }
  (void)mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);  // what waits there to be used again is counted as in use
  std::uint64_t epoch = 1;
  (void)mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);  // statistics are as of the last time that it was set
  std::size_t bytes = 0;
  std::size_t size = sizeof bytes;
  if (mallctl("stats.allocated", &bytes, &size, nullptr, 0) != 0) throw std::runtime_error("jemalloc has no statistics");
  return bytes;
}

std::string allocator() {
  if (mallctl == nullptr) return "libc";
  const char* version = "";
  std::size_t size = sizeof version;
  (void)mallctl("version", static_cast<void*>(&version), &size, nullptr, 0);
  const std::string text = version;
  return "jemalloc " + text.substr(0, text.find('-'));  // without the commit
}

void limit_memory(double gib) {
  rlimit limit{};
  limit.rlim_cur = limit.rlim_max = static_cast<rlim_t>(gib * (1ULL << 30U));
  if (::setrlimit(RLIMIT_DATA, &limit) != 0) throw std::runtime_error("cannot limit the memory");
}

}  // namespace action_scheduler::bench
