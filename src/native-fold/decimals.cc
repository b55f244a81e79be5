#include "decimals.h"

#include "bytes.h"

namespace salesboard {

namespace {

constexpr int kPowerMax = 18;
constexpr int64_t kPowers[] = {1,
                               10,
                               100,
                               1'000,
                               10'000,
                               100'000,
                               1'000'000,
                               10'000'000,
                               100'000'000,
                               1'000'000'000,
                               10'000'000'000,
                               100'000'000'000,
                               1'000'000'000'000,
                               10'000'000'000'000,
                               100'000'000'000'000,
                               1'000'000'000'000'000,
                               10'000'000'000'000'000,
                               100'000'000'000'000'000,
                               1'000'000'000'000'000'000};
constexpr unsigned kDigitsMax = 18;
constexpr int kExponentDigitsMax = 3;
constexpr int kScaleMax = 40;
constexpr int kMicrosScale = 6;

bool is_space(uint8_t byte) { return byte == ' ' || byte == '\t'; }

// Digits from `at` on; those beyond what fits are counted all the same.
struct Digits {
  uint64_t value = 0;
  unsigned significant = 0;
  unsigned count = 0;

  const uint8_t* read(const uint8_t* at, const uint8_t* end) {
    for (; at != end && is_digit(*at); at++) {
      value = value * 10 + (*at - '0');
      if (value != 0) significant++;
      count++;
    }
    return at;
  }
};

// Behind `e`; nothing where no exponent stands.
std::optional<Digits> exponent(const uint8_t*& at, const uint8_t* end, bool* is_negative) {
  Digits digits;
  *is_negative = at != end && *at == '-';
  if (at != end && (*at == '-' || *at == '+')) at++;
  at = digits.read(at, end);
  if (digits.count == 0) return std::nullopt;
  return digits;
}

Parsed placed(Digits digits, int64_t scale, bool is_negative, Decimal* number) {
  if (digits.significant > kDigitsMax) return Parsed::kUnsure;
  auto units = static_cast<int64_t>(digits.value);
  if (units == 0) scale = 0;
  if (scale > kScaleMax || scale < -kPowerMax) return Parsed::kUnsure;
  if (scale < 0) {
    if (__builtin_mul_overflow(units, kPowers[-scale], &units)) return Parsed::kUnsure;
    scale = 0;
  }
  *number = {is_negative ? -units : units, static_cast<int>(scale)};
  return Parsed::kRead;
}

// Digits with a point among them, or without one, in at most eight bytes. False: this is another
// form, or no number.
bool parse_short(Text text, Decimal* number) {
  const uint64_t word = load(text.at, text.bytes);
  uint64_t values = word ^ kOnes * '0';
  size_t digits = text.bytes;
  int scale = 0;
  const size_t whole = digits_of_8(word);
  if (whole < digits) {
    if (text.at[whole] != '.') return false;
    scale = static_cast<int>(--digits - whole);
    const uint64_t below = (uint64_t{1} << 8 * whole) - 1;
    values = (values & below) | (values >> 8 & ~below);
  }
  if (digits == 0) return false;
  values <<= 8 * (8 - digits);
  if (bytes_not_digits(values)) return false;
  const auto units = static_cast<int64_t>(number_of_8(values));
  *number = {units, units == 0 ? 0 : scale};
  return true;
}

}  // namespace

int64_t power_of_10(int exponent) { return kPowers[exponent]; }

Parsed parse_decimal(Text text, Decimal* number) {
  if (text.bytes <= 8 && parse_short(text, number)) return Parsed::kRead;
  const uint8_t* at = text.at;
  const uint8_t* end = text.at + text.bytes;
  while (at != end && is_space(*at)) at++;
  while (at != end && is_space(end[-1])) end--;
  const bool is_negative = at != end && *at == '-';
  if (at != end && (*at == '-' || *at == '+')) at++;
  Digits digits;
  at = digits.read(at, end);
  int64_t scale = 0;
  if (at != end && *at == '.') {
    const unsigned whole = digits.count;
    at = digits.read(at + 1, end);
    scale = digits.count - whole;
  }
  if (digits.count == 0) return Parsed::kIsNone;
  if (at != end && (*at | 0x20) == 'e') {
    bool is_smaller;
    const auto power = exponent(++at, end, &is_smaller);
    if (!power || at != end) return Parsed::kIsNone;
    if (power->count > kExponentDigitsMax) return Parsed::kUnsure;
    const auto places = static_cast<int64_t>(power->value);
    scale += is_smaller ? places : -places;
  }
  return at == end ? placed(digits, scale, is_negative, number) : Parsed::kIsNone;
}

std::optional<int64_t> integer_of(Text bytes) {
  if (bytes.bytes == 0 || bytes.bytes > 8) return std::nullopt;
  uint64_t bits = bytes.at[0] >= 0x80 ? ~uint64_t{0} : 0;
  for (size_t i = 0; i < bytes.bytes; i++) bits = bits << 8 | bytes.at[i];
  return static_cast<int64_t>(bits);
}

std::optional<int64_t> parse_base64_integer(Text text) {
  if (text.bytes == 0 || text.bytes % 4 != 0 || text.bytes > 12) return std::nullopt;
  size_t bytes = text.bytes / 4 * 3;
  size_t length = text.bytes;
  for (int i = 0; i < 2 && text.at[length - 1] == '='; i++) length--, bytes--;
  if (bytes > 8) return std::nullopt;
  unsigned __int128 bits = 0;
  for (size_t i = 0; i < length; i++) {
    const uint8_t letter = text.at[i];
    unsigned six;
    if (letter >= 'A' && letter <= 'Z') {
      six = letter - 'A';
    } else if (letter >= 'a' && letter <= 'z') {
      six = letter - 'a' + 26;
    } else if (is_digit(letter)) {
      six = letter - '0' + 52;
    } else if (letter == '+' || letter == '/') {
      six = letter == '+' ? 62 : 63;
    } else {
      return std::nullopt;
    }
    bits = bits << 6 | six;
  }
  // Bits behind the last whole byte say nothing.
  const auto whole = static_cast<uint64_t>(bits >> (length * 6 - bytes * 8));
  const unsigned above = static_cast<unsigned>(64 - bytes * 8);
  return static_cast<int64_t>(whole << above) >> above;
}

bool DecimalSum::add(Decimal number) {
  __int128 units = number.units;
  const int scale = number.scale;
  if (units == 0) return true;
  if (units_ == 0) {
    units_ = units;
    scale_ = scale;
    return true;
  }
  if (scale - scale_ > kPowerMax || scale_ - scale > kPowerMax) return false;
  if (scale > scale_) {
    if (__builtin_mul_overflow(units_, __int128{kPowers[scale - scale_]}, &units_)) return false;
    scale_ = scale;
  } else if (__builtin_mul_overflow(units, __int128{kPowers[scale_ - scale]}, &units)) {
    return false;
  }
  return !__builtin_add_overflow(units_, units, &units_);
}

bool DecimalSum::round(unsigned decimals) {
  const int dropped = scale_ - static_cast<int>(decimals);
  if (dropped <= 0) return true;
  if (dropped > kPowerMax) return units_ == 0;
  const __int128 divisor = kPowers[dropped];
  const __int128 size = units_ < 0 ? -units_ : units_;
  const __int128 down = size / divisor;
  const __int128 rest = size % divisor * 2;
  const bool is_up = rest > divisor || (rest == divisor && down % 2 == 1);
  const __int128 rounded = down + is_up;
  units_ = units_ < 0 ? -rounded : rounded;
  scale_ = static_cast<int>(decimals);
  return true;
}

std::optional<int64_t> Decimal::micros() const {
  if (units == 0) return 0;
  int64_t micros;
  const int more = kMicrosScale - scale;
  if (more >= 0 && !__builtin_mul_overflow(units, kPowers[more], &micros)) return micros;
  DecimalSum sum;
  return sum.add(*this) ? sum.micros() : std::nullopt;
}

std::optional<int64_t> Decimal::integer() const {
  DecimalSum sum;
  return sum.add(*this) ? sum.integer() : std::nullopt;
}

std::optional<int64_t> DecimalSum::micros() const { return scaled(kMicrosScale); }
std::optional<int64_t> DecimalSum::integer() const { return scaled(0); }

std::optional<int64_t> DecimalSum::scaled(int to) const {
  __int128 scaled = units_;
  if (scaled == 0) return 0;
  const int more = to - scale_;
  if (more < -kPowerMax) return std::nullopt;
  if (more < 0) {
    if (scaled % kPowers[-more] != 0) return std::nullopt;
    scaled /= kPowers[-more];
  } else if (__builtin_mul_overflow(scaled, __int128{kPowers[more]}, &scaled)) {
    return std::nullopt;
  }
  const auto fits = static_cast<int64_t>(scaled);
  if (fits != scaled) return std::nullopt;
  return fits;
}

}  // namespace salesboard
