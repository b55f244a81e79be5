// The fast path of decoding: reads a sale straight from its bytes. It accepts only what it is sure
// of (plain JSON and products seen before) and declines everything else, which then costs a
// microsecond in codec.ts. It never rejects: one judge is enough.
#pragma once

#include "product_names.h"

namespace salesboard {

// The largest integer below which a double holds every one.
constexpr uint64_t kExactMax = (uint64_t{1} << 53) - 1;

struct ScannedSale {
  uint32_t product;
  uint32_t quantity;
  // Quantity × unit price in millionths: an integer below 2^53, so that a double holds it exactly.
  double amount;
  // The sale's own time, epoch milliseconds; kNoTime when it names none.
  int64_t timestamp_ms;
};

constexpr int64_t kNoTime = -1;

// False: declined, and `*sale` means nothing.
bool scan_sale(const void* value, size_t value_bytes, const ProductNames& names, ScannedSale* sale);

}  // namespace salesboard
