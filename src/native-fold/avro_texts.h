// The texts that the judge makes of Avro's numbers, decimals, times and floats
// (mapping/formats/logical.ts and byte-reader.ts): rules read texts. False: the judge must make it.
#pragma once

#include "avro_schema.h"

namespace salesboard {

// units / 10^decimals, with all digits and none that is superfluous.
bool decimal_text(int64_t units, unsigned decimals, Scratch& scratch, Text* text);

// The shortest decimal that reads back as the same float, where it has so few digits that only one
// such decimal can be: 15 of a double, 6 of a float; and no more than 6 of them behind the point.
bool float_text(double number, Scratch& scratch, Text* text);
bool float_text(float number, Scratch& scratch, Text* text);

// A day since 1970 as 2026-11-24: the last one, because records nearly always are of the same.
struct DayText {
  int64_t day = -1;
  uint8_t text[10];
};

// Of `node.meaning`, from 1970 to 9999.
bool time_text(const AvroNode& node, int64_t units, DayText& day, Scratch& scratch, Text* text);

Text uuid_text(Text bytes, Scratch& scratch);

}  // namespace salesboard
