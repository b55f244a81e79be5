/* Preloaded beside AddressSanitizer's runtime. At every throw that asks for the bounds of the
 * signal stack, and it aborts where they are not multiples of 8; Bun's are not. The true bounds stay
 * as they are, only the answer is trimmed. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static const uintptr_t GRANULE = 8;

int sigaltstack(const stack_t *next, stack_t *old) {
  if (syscall(SYS_sigaltstack, next, old)) return -1;
  if (old) {
    const uintptr_t start = (uintptr_t)old->ss_sp;
    const uintptr_t end = (start + old->ss_size) / GRANULE * GRANULE;
    const uintptr_t trimmed = (start + GRANULE - 1) / GRANULE * GRANULE;
    old->ss_sp = (void *)trimmed;
    old->ss_size = end > trimmed ? end - trimmed : 0;
  }
  return 0;
}
