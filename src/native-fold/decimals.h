// Exact decimal numbers of a usual size; mapping/exact/decimal.ts reads all others.
#pragma once

#include <optional>

#include "values.h"

namespace salesboard {

// units / 10^scale; 0 <= scale.
struct Decimal {
  // In millionths; nothing when it has more decimals, or does not fit.
  std::optional<int64_t> micros() const;

  // As an integer; nothing when it is none, or does not fit.
  std::optional<int64_t> integer() const;

  // False: what comes of it does not fit.
  bool negate() { return !__builtin_sub_overflow(int64_t{0}, units, &units); }

  int64_t units;
  int scale;
};

enum class Parsed : uint8_t { kRead, kIsNone, kUnsure };

// A JSON number, or a text that is one: spaces around it, a sign, zeros and a missing digit before
// or behind the point are accepted. Unsure of more than 18 digits and large exponents.
Parsed parse_decimal(Text text, Decimal* number);

// A two's complement integer of 1 to 8 bytes, the largest first.
std::optional<int64_t> integer_of(Text bytes);

// Base64 of such an integer.
std::optional<int64_t> parse_base64_integer(Text text);

// A sum of decimals that never rounds unless told to, and never overflows unnoticed.
class DecimalSum {
 public:
  // False: it does not fit.
  bool add(Decimal number);

  // Half to even.
  bool round(unsigned decimals);

  // In millionths; nothing when it has more decimals, or does not fit.
  std::optional<int64_t> micros() const;

  // As an integer; nothing when it is none.
  std::optional<int64_t> integer() const;

 private:
  std::optional<int64_t> scaled(int to) const;

  __int128 units_ = 0;
  int scale_ = 0;
};

// 10^exponent, for exponents to 18.
int64_t power_of_10(int exponent);

}  // namespace salesboard
