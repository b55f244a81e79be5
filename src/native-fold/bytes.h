// Bytes, looked at eight or sixteen at a time. Nothing reads beyond the end that it is told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace salesboard {

inline uint64_t load(const uint8_t* at) {
  uint64_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

inline uint64_t load4(const uint8_t* at) {
  uint32_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

// The next eight bytes, little-endian; bytes after the end are 0.
inline uint64_t load(const uint8_t* at, size_t left) {
  if (left >= sizeof(uint64_t)) return load(at);
  // Parts that overlap, because a call of memcpy would cost as much as all the rest.
  if (left >= 4) return load4(at) | load4(at + left - 4) << 8 * (left - 4);
  if (left == 0) return 0;
  const size_t middle = left / 2;
  const size_t last = left - 1;
  return at[0] | uint64_t{at[middle]} << 8 * middle | uint64_t{at[last]} << 8 * last;
}

// Word by word; the last word overlaps. A call of memcmp would cost more.
inline bool are_same(const uint8_t* one, const uint8_t* other, size_t bytes) {
  if (bytes < sizeof(uint64_t)) {
    for (size_t i = 0; i < bytes; i++) {
      if (one[i] != other[i]) return false;
    }
    return true;
  }
  const size_t last = bytes - sizeof(uint64_t);
  for (size_t at = 0; at < last; at += sizeof(uint64_t)) {
    if (load(one + at) != load(other + at)) return false;
  }
  return load(one + last) == load(other + last);
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

#ifdef __SSE2__
// A bit for each of 16 bytes that is no plain character of a JSON string.
inline uint32_t not_plain_of_16(const uint8_t* at) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  // With signs, so that bytes beyond ASCII are less than a space too.
  const __m128i others = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
  const __m128i ends = _mm_or_si128(_mm_or_si128(quotes, backslashes), others);
  return static_cast<uint32_t>(_mm_movemask_epi8(ends));
}
#endif

// How many plain characters of a JSON string stand at the beginning of 16 bytes, of which the first
// `dropped` do not count.
inline size_t plain_of_16(const uint8_t* at, unsigned dropped = 0) {
#ifdef __SSE2__
  return __builtin_ctz((not_plain_of_16(at) | 0x10000) >> dropped);
#else
  for (size_t i = dropped; i < 16; i += 8) {
    if (const uint64_t ends = bytes_not_plain(load(at + i, 16 - i))) {
      return i - dropped + __builtin_ctzll(ends) / 8;
    }
  }
  return 16 - dropped;
#endif
}

// Whether the first `bytes` of 16 are plain characters of a JSON string.
inline bool are_plain_of_16(const uint8_t* at, size_t bytes) {
#ifdef __SSE2__
  return (not_plain_of_16(at) & ((1u << bytes) - 1)) == 0;
#else
  return plain_of_16(at) >= bytes;
#endif
}

inline bool is_plain(uint8_t byte) {
  return byte >= ' ' && byte < 0x80 && byte != '"' && byte != '\\';
}

// The top bit of each byte of `values` that is above 9.
inline uint64_t bytes_not_digits(uint64_t values) {
  return (((values & kOnes * 0x7f) + kOnes * 0x76) | values) & kOnes << 7;
}

// How many digits stand at the beginning of `word`.
inline size_t digits_of_8(uint64_t word) {
  const uint64_t others = bytes_not_digits(word ^ kOnes * '0');
  return others ? __builtin_ctzll(others) / 8 : 8;
}

// The number that eight digits are, each from 0 to 9 in a byte, the first one in the lowest.
inline uint64_t number_of_8(uint64_t values) {
  constexpr uint64_t kPairs = 0x000000ff000000ff;
  values = values * 10 + (values >> 8);
  return ((values & kPairs) * (100 + (uint64_t{1'000'000} << 32)) +
          (values >> 16 & kPairs) * (1 + (uint64_t{10'000} << 32))) >>
         32;
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

// Whether the first `bytes` of 16 are ASCII.
inline bool is_ascii_of_16(const uint8_t* at, size_t bytes) {
#ifdef __SSE2__
  const __m128i all = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  return (static_cast<unsigned>(_mm_movemask_epi8(all)) & ((1u << bytes) - 1)) == 0;
#else
  for (size_t i = 0; i < bytes; i += 8) {
    if (load(at + i, bytes - i) & kOnes << 7) return false;
  }
  return true;
#endif
}

inline bool is_utf8(const uint8_t* at, size_t bytes) {
  for (size_t i = 0; i < bytes;) {
    if ((load(at + i, bytes - i) & kOnes << 7) == 0) {
      i += sizeof(uint64_t);
      continue;
    }
    const size_t length = at[i] < 0x80 ? 1 : utf8_bytes(at + i, bytes - i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

}  // namespace salesboard
