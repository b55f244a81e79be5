// Strict JSON (RFC 8259) in UTF-8, token by token. False or 0 = here stands none: the caller
// declines the record, because only the judge says why.
#pragma once

#include "bytes.h"
#include "values.h"

namespace salesboard {

class JsonCursor {
 public:
  explicit JsonCursor(Text json) : at_(json.at), end_(json.at + json.bytes) {}

  // The byte behind white space, not taken; 0 at the end, which no token begins with.
  uint8_t peek() {
    for (; at_ != end_; at_++) {
      const uint8_t byte = *at_;
      if (byte > ' ') return byte;
      if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') return 0;
    }
    return 0;
  }

  bool is_at_end() { return peek() == 0 && at_ == end_; }

  // Takes the byte that `peek` has shown.
  void step() { at_++; }

  bool take(uint8_t byte) {
    if (peek() != byte) return false;
    at_++;
    return true;
  }

  const uint8_t* at() const { return at_; }
  void go_back(const uint8_t* at) { at_ = at; }

  // A string whose opening quote `peek` has shown. `text` is what stands between the quotes.
  bool string(Text* text, bool* has_escapes) {
    const uint8_t* start = ++at_;
    *has_escapes = false;
    for (;;) {
      const size_t left = end_ - at_;
      const uint64_t ends = bytes_not_plain(load(at_, left));
      if (!ends) {
        at_ += 8;
        continue;
      }
      at_ += __builtin_ctzll(ends) / 8;
      if (at_ >= end_) return false;
      if (*at_ == '"') {
        *text = {start, static_cast<size_t>(at_ - start)};
        at_++;
        return true;
      }
      if (*at_ == '\\') {
        *has_escapes = true;
        if (!escape()) return false;
      } else {
        const size_t length = *at_ < 0x80 ? 0 : utf8_bytes(at_, end_ - at_);
        if (length == 0) return false;
        at_ += length;
      }
    }
  }

  // A number, true, false or null.
  bool scalar(uint8_t first, Value* value) {
    switch (first) {
      case 't':
        value->kind = Value::kTrue;
        return word("true", 4);
      case 'f':
        value->kind = Value::kFalse;
        return word("false", 5);
      case 'n':
        value->kind = Value::kNull;
        return word("null", 4);
      default:
        value->kind = Value::kNumber;
        return number(&value->text);
    }
  }

  // One value of any kind, checked and dropped.
  bool skip();

 private:
  // So deep may be nested what is skipped: a bit for each open bracket says which one it is.
  static constexpr unsigned kDepthMax = 64;

  bool skip_key();

  bool word(const char* word, size_t bytes) {
    if (static_cast<size_t>(end_ - at_) < bytes || memcmp(at_, word, bytes) != 0) return false;
    at_ += bytes;
    return true;
  }

  // What follows the backslash at `at_`.
  bool escape() {
    const size_t left = end_ - at_;
    if (left < 2) return false;
    if (at_[1] != 'u') {
      at_ += 2;
      return memchr("\"\\/bfnrt", at_[-1], 8) != nullptr;
    }
    if (left < 6) return false;
    for (size_t i = 2; i < 6; i++) {
      const uint8_t low = at_[i] | 0x20;
      if (!is_digit(at_[i]) && !(low >= 'a' && low <= 'f')) return false;
    }
    at_ += 6;
    return true;
  }

  bool number(Text* text) {
    const uint8_t* start = at_;
    if (at_ != end_ && *at_ == '-') at_++;
    if (at_ != end_ && *at_ == '0') {
      at_++;
    } else if (!digits()) {
      return false;
    }
    if (at_ != end_ && *at_ == '.') {
      at_++;
      if (!digits()) return false;
    }
    if (at_ != end_ && (*at_ | 0x20) == 'e') {
      at_++;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) at_++;
      if (!digits()) return false;
    }
    *text = {start, static_cast<size_t>(at_ - start)};
    return true;
  }

  // One or more.
  bool digits() {
    const uint8_t* start = at_;
    while (at_ != end_ && is_digit(*at_)) at_++;
    return at_ != start;
  }

  const uint8_t* at_;
  const uint8_t* end_;
};

// The text of a string with escapes, as the judge reads it. False for half of a surrogate pair.
bool unescape(Text source, Scratch& scratch, Text* text);

}  // namespace salesboard
