#include "scanner.h"

#include "bytes.h"

namespace salesboard {

namespace {

// As in domain/sale.ts.
constexpr uint64_t kQuantityMax = 1'000'000'000;
constexpr unsigned kDecimalsMax = 6;
constexpr uint64_t kMicrosScale[] = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};

// Digits of an integer, or of a price with all its decimals. Longer ones could overflow unnoticed.
constexpr unsigned kDigitsMax = 15;

enum Field : unsigned { kNone = 0, kProduct = 1, kQuantity = 2, kPrice = 4, kTimestamp = 8 };
constexpr unsigned kRequired = kProduct | kQuantity | kPrice;

class Scanner {
 public:
  Scanner(const uint8_t* value, size_t value_bytes) : at_(value), end_(value + value_bytes) {}

  bool sale(ProductNames& names, ScannedSale* sale);

 private:
  Field key();
  bool name(const ProductNames& names, uint32_t* product);
  bool value_of(Field field, const ProductNames& names, ScannedSale* sale, uint64_t* quantity,
                uint64_t* price);
  bool integer(uint64_t* value);
  bool decimal(uint64_t* micros);
  unsigned digits(uint64_t* value);

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) at_++;
  }

  bool take(uint8_t byte) {
    if (at_ == end_ || *at_ != byte) return false;
    at_++;
    return true;
  }

  template <size_t N>
  bool take(const char (&word)[N]) {
    constexpr size_t length = N - 1;
    if (static_cast<size_t>(end_ - at_) < length || memcmp(at_, word, length) != 0) return false;
    at_ += length;
    return true;
  }

  const uint8_t* at_;
  const uint8_t* end_;
  // Of the product's name.
  const uint8_t* name_ = nullptr;
  size_t name_bytes_ = 0;
  uint32_t name_hash_ = 0;
};

bool Scanner::sale(ProductNames& names, ScannedSale* sale) {
  uint64_t quantity = 0, price = 0, amount = 0;
  unsigned seen = kNone;
  sale->timestamp_ms = kNoTime;
  skip_space();
  if (!take('{')) return false;
  do {
    skip_space();
    const Field field = key();
    // A repeated key takes the slow path.
    if (field == kNone || seen & field) return false;
    seen |= field;
    skip_space();
    if (!take(':')) return false;
    skip_space();
    if (!value_of(field, names, sale, &quantity, &price)) return false;
    skip_space();
  } while (take(','));
  if (!take('}')) return false;
  skip_space();
  if (at_ != end_ || (seen & kRequired) != kRequired) return false;
  if (__builtin_mul_overflow(quantity, price, &amount) || amount > uint64_t{kExactMax}) {
    return false;
  }
  sale->quantity_micros = static_cast<int64_t>(quantity * kMicrosScale[0]);
  sale->amount = static_cast<int64_t>(amount);
  // Only now, so that no name is left of a sale that is declined.
  if (sale->product == ProductNames::kUnknown) {
    sale->product = names.add(name_, name_bytes_, name_hash_);
  }
  return sale->product != ProductNames::kUnknown;
}

Field Scanner::key() {
  if (take("\"product\"")) return kProduct;
  if (take("\"quantity\"")) return kQuantity;
  if (take("\"price\"")) return kPrice;
  if (take("\"timestamp\"")) return kTimestamp;
  return kNone;
}

bool Scanner::value_of(Field field, const ProductNames& names, ScannedSale* sale,
                       uint64_t* quantity, uint64_t* price) {
  uint64_t value = 0;
  switch (field) {
    case kProduct:
      return name(names, &sale->product);
    case kPrice:
      return decimal(price);
    case kQuantity:
      return integer(quantity) && *quantity <= kQuantityMax;
    default:
      if (!integer(&value)) return false;
      sale->timestamp_ms = static_cast<int64_t>(value);
      return true;
  }
}

// The index holds only valid names, so a hit needs no further check. Without a hit, `*product` is
// unknown.
bool Scanner::name(const ProductNames& names, uint32_t* product) {
  if (!take('"')) return false;
  const uint8_t* start = at_;
  ProductNames::Hash hash(names);
  for (;;) {
    const size_t left = end_ - at_;
    const uint64_t word = load(at_, left);
    const uint64_t ends = bytes_equal(word, '"') | bytes_equal(word, '\\');
    if (ends) {
      const unsigned rest = __builtin_ctzll(ends) / 8;
      if (rest > 0) hash.add(word & ~uint64_t{0} >> (64 - 8 * rest));
      at_ += rest;
      break;
    }
    if (left <= sizeof word) return false;
    hash.add(word);
    at_ += sizeof word;
  }
  name_ = start;
  name_bytes_ = at_ - start;
  name_hash_ = hash.end(name_bytes_);
  *product = names.find(name_, name_bytes_, name_hash_);
  return take('"');
}

bool Scanner::integer(uint64_t* value) {
  if (at_ == end_ || *at_ == '0') return false;
  const unsigned length = digits(value);
  return length > 0 && length <= kDigitsMax;
}

bool Scanner::decimal(uint64_t* micros) {
  const uint8_t* start = at_;
  const unsigned whole = digits(micros);
  if (whole == 0 || whole + kDecimalsMax > kDigitsMax) return false;
  if (whole > 1 && *start == '0') return false;
  unsigned decimals = 0;
  if (take('.')) {
    decimals = digits(micros);
    if (decimals == 0 || decimals > kDecimalsMax) return false;
  }
  *micros *= kMicrosScale[decimals];
  return true;
}

// Appends the digits from here on to `*value` and returns their number. The caller checks what
// follows them: only space, a comma or the end of the object may.
unsigned Scanner::digits(uint64_t* value) {
  const uint8_t* start = at_;
  for (; at_ != end_; at_++) {
    const uint8_t digit = *at_ - '0';
    if (digit > 9) break;
    *value = *value * 10 + digit;
  }
  return static_cast<unsigned>(at_ - start);
}

}  // namespace

bool scan_sale(const void* value, size_t value_bytes, ProductNames& names, ScannedSale* sale) {
  return Scanner(static_cast<const uint8_t*>(value), value_bytes).sale(names, sale);
}

}  // namespace salesboard
