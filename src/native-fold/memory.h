// Bytes of an ArrayBuffer: they belong to JavaScript, which leaves them alone while a job runs.
#pragma once

#include <cstddef>

namespace salesboard {

struct Memory {
  void* data;
  size_t bytes;
};

}  // namespace salesboard
