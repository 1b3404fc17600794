// Processor time, which other programs on the machine disturb less than that of the clock on the wall.
#pragma once

#include <ctime>

namespace action_scheduler::bench {

// Of the calling thread, in nanoseconds.
inline double cpu_ns() {
  timespec now{};
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Nanoseconds of one `call`, which is made as often as fills `least_ms`.
template <class Call>
double measure_ns(double least_ms, Call call) {
  call();
  for (long calls = 16;; calls *= 2) {
    const double begin = cpu_ns();
    for (long i = 0; i < calls; ++i) call();
    const double used = cpu_ns() - begin;
    if (used >= least_ms * 1e6) return used / static_cast<double>(calls);
  }
}

// Makes the compiler believe that `value` is needed.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

}  // namespace action_scheduler::bench
