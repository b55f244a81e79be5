// Times as producers write them → epoch milliseconds; mapping/exact/time.ts defines them all.
#pragma once

#include "decimals.h"
#include "program.h"

namespace salesboard {

// kIsNone: surely no time, so that the record's own time counts. `zone`: of times without one.
Parsed parse_time(const Value& value, TimeUnit unit, const Zone& zone, int64_t* ms);

}  // namespace salesboard
