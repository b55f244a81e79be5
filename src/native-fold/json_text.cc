#include "json_text.h"

namespace salesboard {

namespace {

uint32_t hex4(const uint8_t* at) {
  uint32_t unit = 0;
  for (size_t i = 0; i < 4; i++) {
    const uint8_t digit = at[i];
    unit = unit << 4 | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
  }
  return unit;
}

uint8_t* put_utf8(uint32_t point, uint8_t* to) {
  if (point < 0x80) {
    *to++ = static_cast<uint8_t>(point);
    return to;
  }
  const unsigned more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  static constexpr uint8_t kFirst[] = {0, 0xc0, 0xe0, 0xf0};
  *to++ = static_cast<uint8_t>(kFirst[more] | point >> 6 * more);
  for (unsigned i = more; i-- > 0;) *to++ = static_cast<uint8_t>(0x80 | (point >> 6 * i & 0x3f));
  return to;
}

uint8_t plain_escape(uint8_t letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;
  }
}

}  // namespace

// `at`: behind the opening quote.
const uint8_t* JsonText::long_string(const uint8_t* at, Text* text, bool* has_escapes) const {
  const uint8_t* start = at;
  *has_escapes = false;
  for (;;) {
    at += plain(at);
    if (at == end_) return nullptr;
    if (*at == '"') {
      *text = {start, static_cast<size_t>(at - start)};
      return at + 1;
    }
    if (*at == '\\') {
      *has_escapes = true;
      at = escape(at);
      if (!at) return nullptr;
    } else {
      const size_t length = *at < 0x80 ? 0 : utf8_bytes(at, left(at));
      if (length == 0) return nullptr;
      at += length;
    }
  }
}

// How many plain characters of a string stand here.
size_t JsonText::plain(const uint8_t* at) const {
  const uint8_t* start = at;
  for (; left(at) >= kLookBytes; at += kLookBytes) {
    const size_t plain = plain_of_16(at);
    if (plain < kLookBytes) return at + plain - start;
  }
  // Looks at the last 16 bytes, so that nothing behind the end is read.
  const auto before = static_cast<unsigned>(kLookBytes - left(at));
  if (static_cast<size_t>(at - start_) >= before) {
    return at + plain_of_16(at - before, before) - start;
  }
  while (at != end_ && is_plain(*at)) at++;
  return at - start;
}

// From the backslash on.
const uint8_t* JsonText::escape(const uint8_t* at) const {
  if (left(at) < 2) return nullptr;
  if (at[1] != 'u') return memchr("\"\\/bfnrt", at[1], 8) ? at + 2 : nullptr;
  if (left(at) < 6) return nullptr;
  for (size_t i = 2; i < 6; i++) {
    const uint8_t low = at[i] | 0x20;
    if (!is_digit(at[i]) && !(low >= 'a' && low <= 'f')) return nullptr;
  }
  return at + 6;
}

const uint8_t* JsonText::any_number(const uint8_t* at, Text* text) const {
  const uint8_t* start = at;
  if (at != end_ && *at == '-') at++;
  const uint8_t* whole = at;
  at = behind_digits(at);
  if (at == whole || (*whole == '0' && at - whole > 1)) return nullptr;
  if (at != end_ && *at == '.') {
    const uint8_t* decimals = ++at;
    at = behind_digits(at);
    if (at == decimals) return nullptr;
  }
  if (at != end_ && (*at | 0x20) == 'e') {
    at++;
    if (at != end_ && (*at == '+' || *at == '-')) at++;
    const uint8_t* exponent = at;
    at = behind_digits(at);
    if (at == exponent) return nullptr;
  }
  *text = {start, static_cast<size_t>(at - start)};
  return at;
}

const uint8_t* JsonText::behind_digits(const uint8_t* at) const {
  while (left(at) >= sizeof(uint64_t)) {
    const size_t digits = digits_of_8(load(at));
    at += digits;
    if (digits < sizeof(uint64_t)) return at;
  }
  while (at != end_ && is_digit(*at)) at++;
  return at;
}

// A key and its colon.
const uint8_t* JsonText::skip_key(const uint8_t* at) const {
  Text key;
  bool has_escapes;
  if (peek(&at) != '"') return nullptr;
  at = string(at, &key, &has_escapes);
  return at && peek(&at) == ':' ? at + 1 : nullptr;
}

const uint8_t* JsonText::skip_nested(const uint8_t* at) const {
  uint64_t is_object = 0;  // the lowest bit: the innermost open bracket
  unsigned depth = 0;
  Value value;
  bool has_escapes;
  do {
    const uint8_t first = peek(&at);
    if (first == '{' || first == '[') {
      at++;
      if (peek(&at) == first + 2) {
        at++;
      } else {
        if (depth++ == kDepthMax) return nullptr;
        is_object = is_object << 1 | (first == '{');
        if (first == '{') at = skip_key(at);
        if (!at) return nullptr;
        continue;
      }
    } else {
      at = first == '"' ? string(at, &value.text, &has_escapes) : scalar(at, first, &value);
      if (!at) return nullptr;
    }
    // Behind a value: what closes, then a comma unless all is closed.
    while (depth > 0) {
      const uint8_t next = peek(&at);
      if (next == 0) return nullptr;
      at++;
      if (next == ',') {
        if (is_object & 1) at = skip_key(at);
        if (!at) return nullptr;
        break;
      }
      if (next != ((is_object & 1) ? '}' : ']')) return nullptr;
      is_object >>= 1;
      depth--;
    }
  } while (depth > 0);
  return at;
}

bool unescape(Text source, Scratch& scratch, Text* text) {
  uint8_t* start = scratch.take(source.bytes);
  uint8_t* to = start;
  const uint8_t* end = source.at + source.bytes;
  for (const uint8_t* at = source.at; at != end;) {
    if (*at != '\\') {
      *to++ = *at++;
    } else if (at[1] != 'u') {
      *to++ = plain_escape(at[1]);
      at += 2;
    } else {
      uint32_t point = hex4(at + 2);
      at += 6;
      if (point >= 0xdc00 && point < 0xe000) return false;
      if (point >= 0xd800 && point < 0xdc00) {
        if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return false;
        const uint32_t low = hex4(at + 2);
        if (low < 0xdc00 || low >= 0xe000) return false;
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
      }
      to = put_utf8(point, to);
    }
  }
  *text = {start, static_cast<size_t>(to - start)};
  return true;
}

}  // namespace salesboard
