// Times as producers write them → epoch milliseconds; mapping/exact/time.ts defines them all.
#pragma once

#include "decimals.h"
#include "program.h"

namespace salesboard {

// A month of the Gregorian calendar.
struct Month {
  uint64_t name;  // the eight bytes "2026-11-"; 0: none yet
  int64_t first_ms;
  int days;
};

// kIsNone: surely no time, so that the record's own time counts. `zone`: of times without one.
// `month`: the last one that was read.
Parsed parse_time(const Value& value, TimeUnit unit, const Zone& zone, Month& month, int64_t* ms);

}  // namespace salesboard
