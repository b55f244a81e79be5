#include "avro_texts.h"

#include <charconv>
#include <cmath>

#include "decimals.h"

namespace salesboard {

namespace {

constexpr unsigned kDecimalsMax = 18;
constexpr int64_t kSecondsADay = 86'400;
constexpr int64_t kSecondsMax = 253'402'300'799;
constexpr int kFloatDecimalsMax = 6;

uint8_t* put_two(int64_t number, uint8_t* to) {
  to[0] = static_cast<uint8_t>('0' + number / 10);
  to[1] = static_cast<uint8_t>('0' + number % 10);
  return to + 2;
}

// The calendar of times.cc, the other way round.
void write_date(int64_t days, uint8_t* to) {
  const int64_t day = days + 719'468;  // since March of the year 0
  const int64_t era = day / 146'097;
  const int64_t of_era = day % 146'097;
  const int64_t year_of_era =
      (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t from_march = (5 * of_year + 2) / 153;
  const int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
  const int64_t year = era * 400 + year_of_era + (month <= 2);
  to = put_two(year % 100, put_two(year / 100, to));
  *to++ = '-';
  to = put_two(month, to);
  *to++ = '-';
  put_two(of_year - (153 * from_march + 2) / 5 + 1, to);
}

uint8_t* put_date(int64_t day, DayText& last, uint8_t* to) {
  if (day != last.day) write_date(day, last.text);
  last.day = day;
  memcpy(to, last.text, sizeof last.text);
  return to + sizeof last.text;
}

// Seconds of a day, and the decimals behind them.
uint8_t* put_clock(int64_t second, int64_t fraction, unsigned decimals, uint8_t* to) {
  to = put_two(second / 3'600, to);
  *to++ = ':';
  to = put_two(second / 60 % 60, to);
  *to++ = ':';
  to = put_two(second % 60, to);
  if (decimals > 0) *to++ = '.';
  for (unsigned i = decimals; i-- > 0; fraction /= 10) {
    to[i] = static_cast<uint8_t>('0' + fraction % 10);
  }
  return to + decimals;
}

// A decimal of so many digits, and no other, reads back as a float: two such decimals never do.
// Dividing an integer that a double holds by a power of ten rounds as reading its digits does.
template <class Float>
bool decimal_of(Float number, double bound, Scratch& scratch, Text* text) {
  const double exact = number;
  if (!(std::fabs(exact) < bound)) return false;  // nor not a number
  for (int decimals = 0; decimals <= kFloatDecimalsMax; decimals++) {
    const auto power = static_cast<double>(power_of_10(decimals));
    const double units = std::nearbyint(exact * power);
    if (std::fabs(units) >= bound) return false;
    if (static_cast<Float>(units / power) != number) continue;
    return decimal_text(static_cast<int64_t>(units), decimals, scratch, text);
  }
  return false;
}

}  // namespace

bool decimal_text(int64_t units, unsigned decimals, Scratch& scratch, Text* text) {
  if (decimals > kDecimalsMax) return false;
  const bool is_negative = units < 0;
  uint64_t size = is_negative ? ~static_cast<uint64_t>(units) + 1 : static_cast<uint64_t>(units);
  for (; decimals > 0 && size % 10 == 0; decimals--) size /= 10;
  // Backwards from the end: 20 digits, or 18 behind the point, that, one before it, and a sign.
  constexpr size_t kBytesMax = 24;
  uint8_t* end = scratch.take(kBytesMax) + kBytesMax;
  uint8_t* at = end;
  for (unsigned i = 0; i < decimals; i++, size /= 10) {
    *--at = static_cast<uint8_t>('0' + size % 10);
  }
  if (decimals > 0) *--at = '.';
  do {
    *--at = static_cast<uint8_t>('0' + size % 10);
    size /= 10;
  } while (size > 0);
  if (is_negative) *--at = '-';
  *text = {at, static_cast<size_t>(end - at)};
  return true;
}

bool float_text(double number, Scratch& scratch, Text* text) {
  return decimal_of(number, 1e15, scratch, text);
}

bool float_text(float number, Scratch& scratch, Text* text) {
  return decimal_of(number, 1e6, scratch, text);
}

bool time_text(const AvroNode& node, int64_t units, DayText& day, Scratch& scratch, Text* text) {
  if (units < 0 || node.decimals > kDecimalsMax) return false;
  const int64_t power = power_of_10(static_cast<int>(node.decimals));
  const int64_t second = units / power;
  const int64_t fraction = units % power;
  constexpr size_t kBytesMax = 40;
  uint8_t* start = scratch.take(kBytesMax);
  uint8_t* to = start;
  switch (node.meaning) {
    case AvroNode::kTimestamp:
    case AvroNode::kLocalTimestamp:
      if (second > kSecondsMax) return false;
      to = put_date(second / kSecondsADay, day, to);
      *to++ = 'T';
      to = put_clock(second % kSecondsADay, fraction, node.decimals, to);
      if (node.meaning == AvroNode::kTimestamp) *to++ = 'Z';
      break;
    case AvroNode::kClock:
      if (second >= kSecondsADay) return false;
      to = put_clock(second, fraction, node.decimals, to);
      break;
    case AvroNode::kDate:
      if (units > kSecondsMax / kSecondsADay) return false;
      to = put_date(units, day, to);
      break;
    default:
      return false;
  }
  *text = {start, static_cast<size_t>(to - start)};
  return true;
}

Text uuid_text(Text bytes, Scratch& scratch) {
  static constexpr char kHex[] = "0123456789abcdef";
  constexpr size_t kBytes = 36;
  uint8_t* start = scratch.take(kBytes);
  uint8_t* to = start;
  for (size_t i = 0; i < bytes.bytes; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
    *to++ = static_cast<uint8_t>(kHex[bytes.at[i] >> 4]);
    *to++ = static_cast<uint8_t>(kHex[bytes.at[i] & 15]);
  }
  return {start, kBytes};
}

}  // namespace salesboard
