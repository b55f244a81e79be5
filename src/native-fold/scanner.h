// The fast path of plain flat sales: reads a sale straight from its bytes, in half the time that
// the rules need. The scanner accepts only records that it can read with certainty (the four fields
// alone, no escapes, known products or plain new ones) and leaves all others to the rules.
#pragma once

#include "product_names.h"
#include "rules.h"

namespace salesboard {

struct ScannedSale {
  uint32_t product;
  // Millionths, at most 2^53 − 1 each: of a unit, and of the currency's unit for all units.
  int64_t quantity_micros;
  int64_t amount;
  // The time in the sale, epoch milliseconds; kNoTime without one.
  int64_t timestamp_ms;
};

// Returns false, and leaves `*sale` undefined, for a record that it declines.
// A product that is new is added to `names`, if it can be.
bool scan_sale(const void* value, size_t value_bytes, ProductNames& names, ScannedSale* sale);

}  // namespace salesboard
