// Strict JSON (RFC 8259) in UTF-8, token by token. Every function takes where a token begins, and
// returns where it ends; null = there is no such token. The caller then declines the record,
// because only the judge says why.
#pragma once

#include "bytes.h"
#include "values.h"

namespace salesboard {

class JsonText {
 public:
  explicit JsonText(Text json) : start_(json.at), end_(json.at + json.bytes) {}

  const uint8_t* start() const { return start_; }

  // Moves `*at` to the next byte that is no white space, and returns that one; 0 at the end, which
  // no token begins with.
  uint8_t peek(const uint8_t** at) const {
    for (; *at != end_; ++*at) {
      const uint8_t byte = **at;
      if (byte > ' ') return byte;
      if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') return 0;
    }
    return 0;
  }

  bool is_end(const uint8_t* at) const { return peek(&at) == 0 && at == end_; }

  size_t left(const uint8_t* at) const { return end_ - at; }

  // A string from its opening quote on. `text` is what stands between the quotes.
  const uint8_t* string(const uint8_t* at, Text* text, bool* has_escapes) const {
    at++;
    // Nearly all end within one look.
    const size_t plain = left(at) >= kLookBytes ? plain_of_16(at) : kLookBytes;
    if (plain == kLookBytes || at[plain] != '"') return long_string(at, text, has_escapes);
    *text = {at, plain};
    *has_escapes = false;
    return at + plain + 1;
  }

  // Whether a string of `bytes` plain characters begins at `at`; `bytes`: at most 32.
  bool is_string(const uint8_t* at, size_t bytes) const {
    if (left(at) < kLookBytes + 2 || left(at) < bytes + 2) return false;
    if (at[0] != '"' || at[bytes + 1] != '"') return false;
    at++;
    if (bytes <= kLookBytes) return are_plain_of_16(at, bytes);
    return are_plain_of_16(at, kLookBytes) && are_plain_of_16(at + bytes - kLookBytes, kLookBytes);
  }

  // A number, true, false or null. `first` stands at `at`.
  const uint8_t* scalar(const uint8_t* at, uint8_t first, Value* value) const {
    switch (first) {
      case 't':
        value->kind = Value::kTrue;
        return word(at, "true", 4);
      case 'f':
        value->kind = Value::kFalse;
        return word(at, "false", 5);
      case 'n':
        value->kind = Value::kNull;
        return word(at, "null", 4);
      default:
        value->kind = Value::kNumber;
        return number(at, &value->text);
    }
  }

  // One value of any kind, checked and dropped.
  const uint8_t* skip(const uint8_t* at) const {
    const uint8_t first = peek(&at);
    if (first == '{' || first == '[') return skip_nested(at);
    Value value;
    bool has_escapes;
    return first == '"' ? string(at, &value.text, &has_escapes) : scalar(at, first, &value);
  }

 private:
  static constexpr size_t kLookBytes = 16;
  // How deep a skipped value may be nested: a bit for each open bracket says which one it is.
  static constexpr unsigned kDepthMax = 64;

  const uint8_t* long_string(const uint8_t* at, Text* text, bool* has_escapes) const;
  const uint8_t* any_number(const uint8_t* at, Text* text) const;
  const uint8_t* behind_digits(const uint8_t* at) const;
  const uint8_t* skip_nested(const uint8_t* at) const;
  const uint8_t* skip_key(const uint8_t* at) const;
  const uint8_t* escape(const uint8_t* at) const;
  size_t plain(const uint8_t* at) const;

  const uint8_t* word(const uint8_t* at, const char* word, size_t bytes) const {
    return left(at) >= bytes && memcmp(at, word, bytes) == 0 ? at + bytes : nullptr;
  }

  const uint8_t* number(const uint8_t* at, Text* text) const {
    // Nearly all are integers of a few digits.
    const size_t digits = left(at) >= sizeof(uint64_t) ? digits_of_8(load(at)) : 0;
    const bool is_usual = digits > 0 && digits < sizeof(uint64_t) && (*at != '0' || digits == 1) &&
                          (at[digits] == ',' || at[digits] == '}');
    if (!is_usual) return any_number(at, text);
    *text = {at, digits};
    return at + digits;
  }

  const uint8_t* start_;
  const uint8_t* end_;
};

// The text of a string with escapes, as the judge reads it. False for half of a surrogate pair.
bool unescape(Text source, Scratch& scratch, Text* text);

}  // namespace salesboard
