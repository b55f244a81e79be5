// Walks a JSON record along a program: puts what stands at its places into slots, and checks all
// the rest as strictly as the judge does.
#pragma once

#include "json_text.h"
#include "program.h"
#include "slots.h"

namespace salesboard {

// The keys of an object in the order that the last records had, with the space about them: a writer
// repeats them byte by byte. What was read once needs no second look.
class KeyOrder {
 public:
  static constexpr uint8_t kNoField = UINT8_MAX;

  // For each object.
  void start() { next_ = 0; }

  // Where the key at `at` ends, if it is the expected one or one of the few after it; else null.
  const uint8_t* take(const JsonText& json, const uint8_t* at, uint8_t* field) {
    if (next_ == keys_.size()) return nullptr;
    const Key& key = keys_[next_];
    if (!key.is_at(at, json.left(at))) return take_later(json, at, field);
    next_++;
    *field = key.field;
    return at + key.bytes;
  }

  // The string behind the key that `take` has found. It nearly always is as long as in the last
  // record: a processor that need not wait for the end of one goes on with the next meanwhile.
  const uint8_t* string(const JsonText& json, const uint8_t* at, Text* text, bool* has_escapes) {
    uint8_t& length = keys_[next_ - 1].string_bytes;
    if (json.is_string(at, length)) {
      *text = {at + 1, length};
      *has_escapes = false;
      return at + length + 2;
    }
    at = json.string(at, text, has_escapes);
    if (at && text->bytes <= kStringBytesMax) length = static_cast<uint8_t>(text->bytes);
    return at;
  }

  // Remembers what was read instead. `key`: from behind the brace or the comma to the value.
  void note(Text key, uint8_t field);

 private:
  static constexpr size_t kKeysMax = 100;
  static constexpr size_t kKeyBytesMax = 37;
  static constexpr size_t kStringBytesMax = 32;
  // Keys that are tried: the expected one, and those after it, because a record may lack some.
  static constexpr size_t kAheadMax = 4;

  struct Key {
    uint64_t first;  // eight bytes; zeros fill a shorter key
    uint64_t mask;   // of the bytes that are the key's
    uint64_t last;   // eight bytes of a longer one
    uint8_t bytes;
    uint8_t field;
    uint8_t string_bytes;  // of the last string behind the key
    uint8_t text[kKeyBytesMax];

    bool is_at(const uint8_t* at, size_t left) const {
      if (left < 8 || ((load(at) ^ first) & mask) != 0) return false;
      if (bytes <= 8) return true;
      if (left < bytes || load(at + bytes - 8) != last) return false;
      return bytes <= 16 || are_same(at + 8, text + 8, bytes - 16);
    }
  };

  const uint8_t* take_later(const JsonText& json, const uint8_t* at, uint8_t* field);

  std::vector<Key> keys_;
  size_t next_ = 0;
};

// Which field of `node` the key is, or KeyOrder::kNoField.
uint8_t field_of(const Node& node, Text key);

// Its functions take where something begins, and return where it ends; null: the record is no JSON,
// or the judge must look at it.
class JsonWalker {
 public:
  // `orders`: of the objects at each node; empty at first.
  JsonWalker(const Program& program, Slots& slots, std::vector<KeyOrder>& orders)
      : nodes_(program.nodes), slots_(slots), orders_(orders) {
    if (orders_.empty()) orders_.resize(nodes_.size());
  }

  bool walk(const Node& node, Text json);

  // The same for a text that is no JSON itself: `node` says whether JSON stands inside.
  bool put(const Node& node, Text text);

  // A string of the value, without escapes.
  bool text(const Node& node, Text text);

  // What is no string, and nothing that is looked into.
  bool other(const Node& node, Value value);

 private:
  const uint8_t* value(const Node& node, const JsonText& json, const uint8_t* at);
  const uint8_t* string(const Node& node, const JsonText& json, const uint8_t* at);
  bool string(const Node& node, Text text, bool has_escapes);
  const uint8_t* object(const Node& node, const JsonText& json, const uint8_t* at);
  const uint8_t* array(const Node& node, const JsonText& json, const uint8_t* at);
  const uint8_t* element(const Node& node, uint32_t index, const JsonText& json,
                         const uint8_t* at);
  const uint8_t* key(const Node& node, const JsonText& json, const uint8_t* at, uint8_t* field);

  const std::vector<Node>& nodes_;
  Slots& slots_;
  std::vector<KeyOrder>& orders_;
};

}  // namespace salesboard
