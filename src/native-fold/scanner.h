// The fast path of decoding: reads a sale straight from its bytes. The scanner accepts only records
// that it can read with certainty (plain JSON, known products) and declines all others, which then
// cost a microsecond in mapping/flat.ts. It never rejects a record: only `flatJudge` does.
#pragma once

#include "product_names.h"

namespace salesboard {

// A double holds every integer up to this one.
constexpr uint64_t kExactMax = (uint64_t{1} << 53) - 1;

struct ScannedSale {
  uint32_t product;
  uint32_t quantity;
  // Quantity × unit price in millionths: an integer below 2^53, exact in a double.
  double amount;
  // The time in the sale, epoch milliseconds; kNoTime without one.
  int64_t timestamp_ms;
};

constexpr int64_t kNoTime = -1;

// Returns false, and leaves `*sale` undefined, for a record that it declines.
bool scan_sale(const void* value, size_t value_bytes, const ProductNames& names, ScannedSale* sale);

}  // namespace salesboard
