// Preloaded, it gives a program clocks that others set while it runs: the machine's, and what STEPPED_CLOCK_FILE holds, two
// 64-bit numbers of nanoseconds, for the wall clock and for the monotonic one. The first alone changes when somebody sets the
// clock of a machine; the second falls behind while a machine is suspended. A wait that ends at an instant of a clock ends when
// that clock comes to it: earlier or later, as with the real one.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)
// So long after the clock was set a wait may notice it.
#define SLICE_NS (20 * INT64_C(1000000))

struct ahead {
  _Atomic int64_t wall_ns;
  _Atomic int64_t monotonic_ns;
};

static struct ahead as_it_is = {0, 0};
static const struct ahead* ahead = &as_it_is;

__attribute__((constructor)) static void open_clock(void) {
  const char* path = getenv("STEPPED_CLOCK_FILE");
  const int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void* mapped = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED) ahead = mapped;
}

static int64_t read_ns(clockid_t clock) {
  struct timespec time;
  syscall(SYS_clock_gettime, clock, &time);
  return time.tv_sec * NS_PER_S + time.tv_nsec;
}

static int64_t wall_ns(void) { return read_ns(CLOCK_REALTIME) + atomic_load(&ahead->wall_ns); }

static struct timespec split(int64_t ns) { return (struct timespec){.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S}; }

int clock_gettime(clockid_t clock, struct timespec* time) {
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
    *time = split(wall_ns());
  } else if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_MONOTONIC_RAW) {
    *time = split(read_ns(clock) + atomic_load(&ahead->monotonic_ns));
  } else {
    return (int)syscall(SYS_clock_gettime, clock, time);
  }
  return 0;
}

int gettimeofday(struct timeval* restrict time, void* restrict zone) {
  (void)zone;
  const int64_t now_ns = wall_ns();
  *time = (struct timeval){.tv_sec = now_ns / NS_PER_S, .tv_usec = now_ns % NS_PER_S / 1000};
  return 0;
}

time_t time(time_t* result) {
  const time_t now = wall_ns() / NS_PER_S;
  if (result != NULL) *result = now;
  return now;
}

int timespec_get(struct timespec* time, int base) {
  if (base != TIME_UTC) return 0;
  *time = split(wall_ns());
  return base;
}

typedef int (*wait_function)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const struct timespec*);

static wait_function real_wait(void) {
  static _Atomic(void*) found = NULL;
  void* function = atomic_load(&found);
  if (function == NULL) {
    function = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
    atomic_store(&found, function);
  }
  return (wait_function)(intptr_t)function;
}

// In slices, because the clock may be set meanwhile.
static int wait_by(clockid_t clock, pthread_cond_t* condition, pthread_mutex_t* mutex, const struct timespec* until) {
  const int64_t until_ns = until->tv_sec * NS_PER_S + until->tv_nsec;
  for (;;) {
    struct timespec now;
    clock_gettime(clock, &now);
    const int64_t left_ns = until_ns - now.tv_sec * NS_PER_S - now.tv_nsec;
    const int64_t slice_ns = left_ns < 0 ? 0 : left_ns < SLICE_NS ? left_ns : SLICE_NS;
    const struct timespec slice_end = split(read_ns(CLOCK_MONOTONIC) + slice_ns);
    const int ended = real_wait()(condition, mutex, CLOCK_MONOTONIC, &slice_end);
    if (ended != ETIMEDOUT || left_ns <= SLICE_NS) return ended;
  }
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const struct timespec* until) {
  return wait_by(clock, condition, mutex, until);
}

// Its clock may be the monotonic one, whose instants are small.
int pthread_cond_timedwait(pthread_cond_t* restrict condition, pthread_mutex_t* restrict mutex,
                           const struct timespec* restrict until) {
  const int64_t ten_years_s = INT64_C(315360000);
  return wait_by(until->tv_sec < ten_years_s ? CLOCK_MONOTONIC : CLOCK_REALTIME, condition, mutex, until);
}

// glibc's C11 threads are its POSIX threads.
int cnd_timedwait(cnd_t* restrict condition, mtx_t* restrict mutex, const struct timespec* restrict until) {
  const int ended = wait_by(CLOCK_REALTIME, (pthread_cond_t*)condition, (pthread_mutex_t*)mutex, until);
  return ended == 0 ? thrd_success : ended == ETIMEDOUT ? thrd_timedout : thrd_error;
}
