#include "bench/progress.h"

#include <unistd.h>

#include <iostream>
#include <thread>

namespace action_scheduler::bench {

bool is_watched() { return ::isatty(STDERR_FILENO) == 1; }

ProgressLine progress_line() { return ProgressLine(std::cerr, is_watched()); }

void sleep_showing(const std::string& what, std::chrono::seconds time) {
  const auto begin = std::chrono::steady_clock::now();
  ProgressLine progress = progress_line();
  // What is measured meanwhile is woken as little as can be.
  for (std::chrono::seconds over{0}; is_watched() && over < time; ++over) {
    std::this_thread::sleep_until(begin + over);
    progress.part(what, static_cast<std::uint64_t>(over.count()), static_cast<std::uint64_t>(time.count()));
  }
  std::this_thread::sleep_until(begin + time);
}

}  // namespace action_scheduler::bench
