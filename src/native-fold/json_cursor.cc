#include "json_cursor.h"

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

bool JsonCursor::skip_key() {
  Text key;
  bool has_escapes;
  return peek() == '"' && string(&key, &has_escapes) && take(':');
}

bool JsonCursor::skip() {
  uint64_t is_object = 0;  // the lowest bit: the innermost open bracket
  unsigned depth = 0;
  Value value;
  bool has_escapes;
  do {
    const uint8_t first = peek();
    if (first == '{' || first == '[') {
      step();
      if (peek() == first + 2) {
        step();
      } else {
        if (depth++ == kDepthMax) return false;
        is_object = is_object << 1 | (first == '{');
        if (first == '{' && !skip_key()) return false;
        continue;
      }
    } else if (first == '"') {
      if (!string(&value.text, &has_escapes)) return false;
    } else if (!scalar(first, &value)) {
      return false;
    }
    // Behind a value: what closes, then a comma unless all is closed.
    while (depth > 0) {
      const uint8_t next = peek();
      if (next == 0) return false;
      step();
      if (next == ',') {
        if ((is_object & 1) && !skip_key()) return false;
        break;
      }
      if (next != ((is_object & 1) ? '}' : ']')) return false;
      is_object >>= 1;
      depth--;
    }
  } while (depth > 0);
  return true;
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
