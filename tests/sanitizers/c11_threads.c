// ThreadSanitizer knows POSIX threads and not the C11 ones (<threads.h>), in which Debian's librdkafka is written: a thread that
// it does not know crashes it, a lock that it does not know looks like a race. These definitions stand before those of the C
// library and lead C11 threads to the POSIX functions that ThreadSanitizer intercepts. Linked into every program of a
// thread-sanitized build, itself not sanitized.
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

// glibc keeps both kinds of objects in the same memory: a C11 object has room for the POSIX one.
_Static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t), "a mutex fits");
_Static_assert(sizeof(cnd_t) >= sizeof(pthread_cond_t), "a condition variable fits");
_Static_assert(sizeof(thrd_t) == sizeof(pthread_t), "a thread id fits");
_Static_assert(sizeof(once_flag) >= sizeof(pthread_once_t), "a once flag fits");
_Static_assert(sizeof(tss_t) == sizeof(pthread_key_t), "a key fits");

static int c11_status(int posix_status) {
  switch (posix_status) {
    case 0:
      return thrd_success;
    case EBUSY:
      return thrd_busy;
    case ETIMEDOUT:
      return thrd_timedout;
    case ENOMEM:
      return thrd_nomem;
    default:
      return thrd_error;
  }
}

struct entry {
  thrd_start_t function;
  void* argument;
};

static void* enter(void* opaque) {
  struct entry entry = *(struct entry*)opaque;
  free(opaque);
  return (void*)(intptr_t)entry.function(entry.argument);
}

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  struct entry* entry = malloc(sizeof *entry);
  if (entry == NULL) return thrd_nomem;
  entry->function = function;
  entry->argument = argument;
  int status = c11_status(pthread_create(thread, NULL, enter, entry));
  if (status != thrd_success) free(entry);
  return status;
}

int thrd_join(thrd_t thread, int* result) {
  void* value = NULL;
  int status = c11_status(pthread_join(thread, &value));
  if (status == thrd_success && result != NULL) *result = (int)(intptr_t)value;
  return status;
}

int thrd_detach(thrd_t thread) { return c11_status(pthread_detach(thread)); }

_Noreturn void thrd_exit(int result) { pthread_exit((void*)(intptr_t)result); }

int mtx_init(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  int status = c11_status(pthread_mutex_init((pthread_mutex_t*)mutex, &attributes));
  pthread_mutexattr_destroy(&attributes);
  return status;
}

void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy((pthread_mutex_t*)mutex); }

int mtx_lock(mtx_t* mutex) { return c11_status(pthread_mutex_lock((pthread_mutex_t*)mutex)); }

int mtx_trylock(mtx_t* mutex) { return c11_status(pthread_mutex_trylock((pthread_mutex_t*)mutex)); }

int mtx_timedlock(mtx_t* restrict mutex, const struct timespec* restrict until) {
  return c11_status(pthread_mutex_timedlock((pthread_mutex_t*)mutex, until));
}

int mtx_unlock(mtx_t* mutex) { return c11_status(pthread_mutex_unlock((pthread_mutex_t*)mutex)); }

int cnd_init(cnd_t* condition) { return c11_status(pthread_cond_init((pthread_cond_t*)condition, NULL)); }

void cnd_destroy(cnd_t* condition) { pthread_cond_destroy((pthread_cond_t*)condition); }

int cnd_signal(cnd_t* condition) { return c11_status(pthread_cond_signal((pthread_cond_t*)condition)); }

int cnd_broadcast(cnd_t* condition) { return c11_status(pthread_cond_broadcast((pthread_cond_t*)condition)); }

int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return c11_status(pthread_cond_wait((pthread_cond_t*)condition, (pthread_mutex_t*)mutex));
}

int cnd_timedwait(cnd_t* restrict condition, mtx_t* restrict mutex, const struct timespec* restrict until) {
  return c11_status(pthread_cond_timedwait((pthread_cond_t*)condition, (pthread_mutex_t*)mutex, until));
}

void call_once(once_flag* flag, void (*function)(void)) { pthread_once((pthread_once_t*)flag, function); }

int tss_create(tss_t* key, tss_dtor_t destructor) { return c11_status(pthread_key_create(key, destructor)); }

void tss_delete(tss_t key) { pthread_key_delete(key); }

void* tss_get(tss_t key) { return pthread_getspecific(key); }

int tss_set(tss_t key, void* value) { return c11_status(pthread_setspecific(key, value)); }
