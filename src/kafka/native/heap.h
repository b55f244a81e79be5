// What the C library does with memory that was freed. A broker's answer has megabytes. glibc takes
// them from the kernel for each answer and gives them back, and the kernel clears them each time.
#pragma once

namespace salesboard {

// For the whole process: freed memory is kept for the next answer. Other C libraries decide alone.
void keep_freed_memory();

// Gives back what is kept. Takes milliseconds, and other threads wait meanwhile.
void give_freed_memory_back();

}  // namespace salesboard
