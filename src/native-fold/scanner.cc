#include "scanner.h"

#include "bytes.h"

namespace salesboard {

namespace {

// As in domain/sale.ts.
constexpr uint64_t kQuantityMax = 1'000'000'000;
constexpr int kDecimalsMax = 6;
constexpr uint64_t kMicrosScale[] = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};

// Digits of an integer, or of a price with all its decimals. Longer ones could overflow unnoticed.
constexpr int kDigitsMax = 15;

enum Field : unsigned { kNone = 0, kProduct = 1, kQuantity = 2, kPrice = 4, kTimestamp = 8 };
constexpr unsigned kRequired = kProduct | kQuantity | kPrice;

constexpr uint64_t word_of(const char (&text)[9]) {
  uint64_t word = 0;
  for (unsigned i = 0; i < 8; i++) word |= uint64_t{static_cast<uint8_t>(text[i])} << 8 * i;
  return word;
}

// Its functions take where something begins, and return where it ends; null: it is declined.
class Scanner {
 public:
  Scanner(const uint8_t* end, ProductNames& names, ScannedSale* sale)
      : end_(end), names_(names), sale_(sale) {}

  bool read(const uint8_t* at);

 private:
  const uint8_t* key(const uint8_t* at, Field* field) const;
  const uint8_t* value(const uint8_t* at, Field field);
  const uint8_t* name(const uint8_t* at);
  const uint8_t* integer(const uint8_t* at, uint64_t* value) const;
  const uint8_t* short_decimal(const uint8_t* at, uint64_t* micros) const;
  const uint8_t* decimal(const uint8_t* at, uint64_t* micros) const;

  // The byte at `at`; 0 at the end, which nothing of a sale is.
  uint8_t byte(const uint8_t* at) const { return at != end_ ? *at : 0; }

  const uint8_t* space(const uint8_t* at) const {
    for (;; at++) {
      const uint8_t next = byte(at);
      if (next > ' ' || (next != ' ' && next != '\n' && next != '\r' && next != '\t')) return at;
    }
  }

  // Appends the digits from here on to `*value`. The caller checks what follows them: only space, a
  // comma or the end of the object may.
  const uint8_t* digits(const uint8_t* at, uint64_t* value) const {
    for (; is_digit(byte(at)); at++) *value = *value * 10 + (*at - '0');
    return at;
  }

  const uint8_t* end_;
  ProductNames& names_;
  ScannedSale* sale_;
  // Of the product's name.
  const uint8_t* name_ = nullptr;
  size_t name_bytes_ = 0;
  uint32_t name_hash_ = 0;
  uint64_t quantity_ = 0;
  uint64_t price_ = 0;
};

bool Scanner::read(const uint8_t* at) {
  unsigned seen = kNone;
  sale_->timestamp_ms = kNoTime;
  at = space(at);
  if (byte(at) != '{') return false;
  do {
    Field field;
    at = key(space(at + 1), &field);
    // A repeated key takes the slow path.
    if (!at || seen & field) return false;
    seen |= field;
    at = space(at);
    if (byte(at) != ':') return false;
    at = value(space(at + 1), field);
    if (!at) return false;
    at = space(at);
  } while (byte(at) == ',');
  if (byte(at) != '}' || space(at + 1) != end_ || (seen & kRequired) != kRequired) return false;
  uint64_t amount;
  if (__builtin_mul_overflow(quantity_, price_, &amount) || amount > uint64_t{kExactMax}) {
    return false;
  }
  sale_->quantity_micros = static_cast<int64_t>(quantity_ * kMicrosScale[0]);
  sale_->amount = static_cast<int64_t>(amount);
  // Only now, so that no name is left of a sale that is declined.
  if (sale_->product == ProductNames::kUnknown) {
    sale_->product = names_.add(name_, name_bytes_, name_hash_);
  }
  return sale_->product != ProductNames::kUnknown;
}

// Eight bytes say which key it can be.
const uint8_t* Scanner::key(const uint8_t* at, Field* field) const {
  const size_t left = end_ - at;
  const uint64_t word = load(at, left);
  if (word == word_of("\"product")) {
    *field = kProduct;
    return left > 8 && at[8] == '"' ? at + 9 : nullptr;
  }
  if (word == word_of("\"quantit")) {
    *field = kQuantity;
    return left > 9 && at[8] == 'y' && at[9] == '"' ? at + 10 : nullptr;
  }
  if (word << 8 == word_of("\0\"price\"")) {
    *field = kPrice;
    return at + 7;
  }
  *field = kTimestamp;
  if (word != word_of("\"timesta") || left <= 10) return nullptr;
  return at[8] == 'm' && at[9] == 'p' && at[10] == '"' ? at + 11 : nullptr;
}

const uint8_t* Scanner::value(const uint8_t* at, Field field) {
  uint64_t value = 0;
  switch (field) {
    case kProduct:
      return name(at);
    case kPrice:
      return decimal(at, &price_);
    case kQuantity:
      at = integer(at, &quantity_);
      return quantity_ <= kQuantityMax ? at : nullptr;
    default:
      at = integer(at, &value);
      sale_->timestamp_ms = static_cast<int64_t>(value);
      return at;
  }
}

// The index holds only valid names, so a hit needs no further check. Without a hit, the product is
// unknown.
const uint8_t* Scanner::name(const uint8_t* at) {
  if (byte(at) != '"') return nullptr;
  const uint8_t* start = ++at;
  ProductNames::Hash hash(names_);
  for (;;) {
    const size_t left = end_ - at;
    const uint64_t word = load(at, left);
    const uint64_t ends = bytes_equal(word, '"') | bytes_equal(word, '\\');
    if (ends) {
      const unsigned rest = __builtin_ctzll(ends) / 8;
      if (rest > 0) hash.add(word & ~uint64_t{0} >> (64 - 8 * rest));
      at += rest;
      break;
    }
    if (left <= sizeof word) return nullptr;
    hash.add(word);
    at += sizeof word;
  }
  name_ = start;
  name_bytes_ = at - start;
  name_hash_ = hash.end(name_bytes_);
  sale_->product = names_.find(name_, name_bytes_, name_hash_);
  return byte(at) == '"' ? at + 1 : nullptr;
}

const uint8_t* Scanner::integer(const uint8_t* at, uint64_t* value) const {
  const uint8_t* start = at;
  at = digits(at, value);
  const bool fits = at != start && at - start <= kDigitsMax && *start != '0';
  return fits ? at : nullptr;
}

// At most six digits with a point among them.
const uint8_t* Scanner::short_decimal(const uint8_t* at, uint64_t* micros) const {
  if (end_ - at < 8) return nullptr;
  const uint64_t word = load(at);
  const size_t whole = digits_of_8(word);
  if (whole == 0 || whole > 5 || *at == '0' || at[whole] != '.') return nullptr;
  const uint64_t below = (uint64_t{1} << 8 * whole) - 1;
  const uint64_t values = word ^ kOnes * '0';
  const uint64_t joined = (values & below) | (values >> 8 & ~below);
  // The last byte is no digit.
  const size_t digits = __builtin_ctzll(bytes_not_digits(joined | uint64_t{0xff} << 56)) / 8;
  if (digits == 7 || digits == whole) return nullptr;
  *micros = number_of_8(joined << 8 * (8 - digits)) * kMicrosScale[digits - whole];
  return at + digits + 1;
}

const uint8_t* Scanner::decimal(const uint8_t* at, uint64_t* micros) const {
  if (const uint8_t* behind = short_decimal(at, micros)) return behind;
  const uint8_t* start = at;
  at = digits(at, micros);
  const auto whole = at - start;
  if (whole == 0 || whole + kDecimalsMax > kDigitsMax) return nullptr;
  if (whole > 1 && *start == '0') return nullptr;
  size_t decimals = 0;
  if (byte(at) == '.') {
    const uint8_t* point = at;
    at = digits(at + 1, micros);
    decimals = at - point - 1;
    if (decimals == 0 || decimals > kDecimalsMax) return nullptr;
  }
  *micros *= kMicrosScale[decimals];
  return at;
}

}  // namespace

bool scan_sale(const void* value, size_t value_bytes, ProductNames& names, ScannedSale* sale) {
  const auto* at = static_cast<const uint8_t*>(value);
  return Scanner(at + value_bytes, names, sale).read(at);
}

}  // namespace salesboard
