// The bytes of an ArrayBuffer. JavaScript owns them and leaves them alone during a job.
#pragma once

#include <cstddef>

namespace salesboard {

struct Memory {
  void* data;
  size_t bytes;
};

}  // namespace salesboard
