// What a walker finds at the places that a program names, whatever format it walks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "bytes.h"

namespace salesboard {

// UTF-8 that somebody else owns for as long as the record is judged.
struct Text {
  const uint8_t* at = nullptr;
  size_t bytes = 0;

  bool equals(const Text& other) const {
    return bytes == other.bytes && are_same(at, other.at, bytes);
  }
};

struct Value {
  // The text of a number is its source; a string's text is without escapes; that of bytes is they.
  // Kind and scale fill one word together, because such a word is copied faster.
  enum Kind : uint32_t {
    kNothing,
    kNull,
    kFalse,
    kTrue,
    kNumber,
    kString,
    kBytes,
    kObject,
    kArray,
  };
  static constexpr int32_t kNoScale = -1;

  Value() = default;
  Value(Kind kind, Text text, int32_t scale = kNoScale) : kind(kind), scale(scale), text(text) {}

  Kind kind = kNothing;
  // Decimals of a number that a schema says.
  int32_t scale = kNoScale;
  Text text;

  bool is_there() const { return kind > kNull; }
  // The text that stands for a scalar; false for everything else.
  bool scalar(Text* to) const {
    static constexpr uint8_t kWords[] = "falsetrue";
    switch (kind) {
      case kNumber:
      case kString:
        *to = text;
        return true;
      case kFalse:
        *to = {kWords, 5};
        return true;
      case kTrue:
        *to = {kWords + 5, 4};
        return true;
      default:
        return false;
    }
  }
};

// Memory for texts that stand nowhere in the record: unescaped, decoded or joined ones.
class Scratch {
 public:
  // Valid until `clear`.
  uint8_t* take(size_t bytes) {
    if (chunks_.empty() || used_ + bytes > size_) {
      size_ = bytes > kChunkBytes ? bytes : kChunkBytes;
      chunks_.push_back(std::make_unique<uint8_t[]>(size_));
      used_ = 0;
    }
    uint8_t* taken = chunks_.back().get() + used_;
    used_ += bytes;
    return taken;
  }

  // Keeps one chunk of the usual size, because nearly all records need no more.
  void clear() {
    used_ = 0;
    if (chunks_.size() > 1 || size_ > kChunkBytes) {
      chunks_.clear();
      size_ = 0;
    }
  }

 private:
  static constexpr size_t kChunkBytes = 16'384;

  std::vector<std::unique_ptr<uint8_t[]>> chunks_;
  size_t size_ = 0;
  size_t used_ = 0;
};

}  // namespace salesboard
