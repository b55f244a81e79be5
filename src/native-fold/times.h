// Times as producers write them → epoch milliseconds; mapping/exact/time.ts defines them all.
#pragma once

#include "decimals.h"
#include "program.h"

namespace salesboard {

// kIsNone: surely no time, so that the record's own time counts. `has_utc`: a time without a zone
// is one of UTC.
Parsed parse_time(const Value& value, TimeUnit unit, bool has_utc, int64_t* ms);

}  // namespace salesboard
