// Bytes, looked at eight at a time. Nothing reads beyond the end that it is told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace salesboard {

// The next eight bytes, little-endian; bytes after the end are 0.
inline uint64_t load(const uint8_t* at, size_t left) {
  uint64_t word = 0;
  if (left >= sizeof word) {
    memcpy(&word, at, sizeof word);
  } else {
    memcpy(&word, at, left);
  }
  return word;
}

inline bool is_digit(uint8_t byte) { return static_cast<uint8_t>(byte - '0') <= 9; }

constexpr uint64_t kOnes = 0x0101010101010101;

// The lowest set bit is the top bit of the first byte of `word` that equals `byte`.
inline uint64_t bytes_equal(uint64_t word, uint8_t byte) {
  const uint64_t zero_where_equal = word ^ kOnes * byte;
  return (zero_where_equal - kOnes) & ~zero_where_equal & kOnes << 7;
}

// The same for the first byte that ends a run of plain characters in a JSON string: a quote, a
// backslash, a control character, or a part of a character beyond ASCII.
inline uint64_t bytes_not_plain(uint64_t word) {
  const uint64_t control = (word - kOnes * 0x20) & ~word;
  return bytes_equal(word, '"') | bytes_equal(word, '\\') | ((control | word) & kOnes << 7);
}

// The bytes of the character beyond ASCII at `at` (RFC 3629), 0 when it is none.
inline size_t utf8_bytes(const uint8_t* at, size_t left) {
  const uint8_t first = at[0];
  const auto continues = [at](size_t i) { return (at[i] & 0xc0) == 0x80; };
  if (first < 0xc2) return 0;
  if (first < 0xe0) return left >= 2 && continues(1) ? 2 : 0;
  if (first < 0xf0) {
    if (left < 3 || !continues(1) || !continues(2)) return 0;
    const bool is_overlong = first == 0xe0 && at[1] < 0xa0;
    const bool is_surrogate = first == 0xed && at[1] >= 0xa0;
    return is_overlong || is_surrogate ? 0 : 3;
  }
  if (first > 0xf4 || left < 4 || !continues(1) || !continues(2) || !continues(3)) return 0;
  const bool is_overlong = first == 0xf0 && at[1] < 0x90;
  const bool is_beyond = first == 0xf4 && at[1] >= 0x90;
  return is_overlong || is_beyond ? 0 : 4;
}

inline bool is_utf8(const uint8_t* at, size_t bytes) {
  for (size_t i = 0; i < bytes;) {
    const size_t length = at[i] < 0x80 ? 1 : utf8_bytes(at + i, bytes - i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

}  // namespace salesboard
