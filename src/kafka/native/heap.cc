#include "heap.h"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace salesboard {

#ifdef __GLIBC__

void keep_freed_memory() {
  // Larger than an answer usually is; glibc accepts no more.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  // More than a consumer's queue and an answer have together.
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

void give_freed_memory_back() { malloc_trim(0); }

#else

void keep_freed_memory() {}
void give_freed_memory_back() {}

#endif

}  // namespace salesboard
