/*
 * A time of day that a test can set while a program runs, as `date -s` does for a whole machine:
 * compiled by tests/support/stepped-clock.ts, and loaded into the program by LD_PRELOAD.
 *
 * STEPPED_CLOCK names a file with one 64-bit number: the nanoseconds that CLOCK_REALTIME is
 * ahead of the machine's. Waits that end at a time of day follow it as the kernel's do: after a step
 * back by an hour, one that had a second to go takes an hour and a second.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define BILLION 1000000000LL
/* How late a wait may notice that the clock was set. */
#define SLICE_NS (20 * 1000 * 1000LL)
/* Times of CLOCK_MONOTONIC are below, the machine's age; times of day are above. */
#define EPOCH_SECONDS_MIN 1000000000LL

static const int64_t no_offset = 0;
static const volatile int64_t *offset_ns = &no_offset;

__attribute__((constructor)) static void open_offset(void) {
  const char *path = getenv("STEPPED_CLOCK");
  const int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *memory = mmap(NULL, sizeof *offset_ns, PROT_READ, MAP_SHARED, file, 0);
  if (memory != MAP_FAILED) offset_ns = memory;
  close(file);
}

static int64_t offset(void) { return __atomic_load_n(offset_ns, __ATOMIC_ACQUIRE); }

static int64_t to_ns(const struct timespec *time) {
  return time->tv_sec * BILLION + time->tv_nsec;
}

static struct timespec from_ns(int64_t ns) {
  return (struct timespec){.tv_sec = ns / BILLION, .tv_nsec = ns % BILLION};
}

static int64_t machine_ns(clockid_t clock) {
  struct timespec time;
  syscall(SYS_clock_gettime, clock, &time);
  return to_ns(&time);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  const int failed = (int)syscall(SYS_clock_gettime, clock, time);
  const int is_time_of_day = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (!failed && is_time_of_day) *time = from_ns(to_ns(time) + offset());
  return failed;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  const int64_t ns = machine_ns(CLOCK_REALTIME) + offset();
  *time = (struct timeval){.tv_sec = ns / BILLION, .tv_usec = ns % BILLION / 1000};
  return 0;
}

time_t time(time_t *result) {
  const time_t seconds = (machine_ns(CLOCK_REALTIME) + offset()) / BILLION;
  if (result) *result = seconds;
  return seconds;
}

int timespec_get(struct timespec *time, int base) {
  if (base != TIME_UTC) return 0;
  *time = from_ns(machine_ns(CLOCK_REALTIME) + offset());
  return base;
}

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

typedef int (*Wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

/*
 * In slices, after each of which the clock may be another. The caller's mutex is held in between: a
 * signal is missed only where the signaller does not hold it, and the wait then ends at its time.
 */
int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                           const struct timespec *until) {
  static Wait wait;
  if (!wait) wait = (Wait)next("pthread_cond_timedwait");
  if (until->tv_sec < EPOCH_SECONDS_MIN) return wait(condition, mutex, until);
  const int64_t until_ns = to_ns(until);
  for (;;) {
    const int64_t machine = machine_ns(CLOCK_REALTIME);
    const int64_t left_ns = until_ns - machine - offset();
    const struct timespec slice = from_ns(machine + (left_ns < SLICE_NS ? left_ns : SLICE_NS));
    const int result = wait(condition, mutex, &slice);
    if (result != ETIMEDOUT) return result;
    if (machine_ns(CLOCK_REALTIME) + offset() >= until_ns) return ETIMEDOUT;
  }
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex,
                  const struct timespec *restrict until) {
  const int result =
      pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, until);
  return result == 0 ? thrd_success : result == ETIMEDOUT ? thrd_timedout : thrd_error;
}
