// Walks a record in Avro along a schema: puts what stands at the places of the program into slots.
// It checks what no rule reads as strictly, so that it never takes what the judge refuses.
#pragma once

#include "avro_schema.h"
#include "avro_texts.h"
#include "json_walker.h"
#include "slots.h"

namespace salesboard {

class AvroWalker {
 public:
  // `json`: puts values into the slots, and walks the JSON inside of texts. `day`: of the last time
  // that was read.
  AvroWalker(const AvroSchema& schema, const Program& program, Slots& slots, JsonWalker& json,
             DayText& day)
      : schema_(schema.nodes), places_(program.nodes), slots_(slots), json_(json), day_(day) {}

  // False: `body` is no record of the schema, or the judge must look at it.
  bool walk(Text body);

 private:
  bool value(uint32_t index);
  bool nested(const AvroNode& node);
  bool union_of(const AvroNode& node);
  bool record(const AvroNode& node);
  bool array(const AvroNode& node);
  bool element(const AvroNode& node, const Node* place, uint32_t index);
  bool map(const AvroNode& node);
  bool text(const AvroNode& node);
  bool symbol(const AvroNode& node);
  bool bytes(const AvroNode& node, Text bytes);
  bool boolean(const AvroNode& node);
  bool integer(const AvroNode& node);
  template <class Float>
  bool floating(const AvroNode& node);

  template <class Item>
  bool blocks(Item&& item);

  // An integer of 64 bits in zigzag form: 0, -1, 1, -2 are 0, 1, 2, 3. Nearly all have one byte.
  bool varint(int64_t* number) {
    if (at_ == end_ || *at_ >= 0x80) return long_varint(number);
    const uint8_t bits = *at_++;
    *number = bits >> 1 ^ -(bits & 1);
    return true;
  }

  bool long_varint(int64_t* number);
  bool take(int64_t bytes, Text* taken);

  // Nearly all are short, and ASCII.
  bool is_text(Text text) const {
    constexpr size_t kLookBytes = 16;
    const bool can_look =
        text.bytes <= kLookBytes && static_cast<size_t>(end_ - text.at) >= kLookBytes;
    return (can_look && is_ascii_of_16(text.at, text.bytes)) || is_utf8(text.at, text.bytes);
  }

  bool put(const AvroNode& node, Value value);
  const Node* place_of(const AvroNode& node) const {
    return node.place ? &places_[*node.place] : nullptr;
  }

  const std::vector<AvroNode>& schema_;
  const std::vector<Node>& places_;
  Slots& slots_;
  JsonWalker& json_;
  DayText& day_;
  const uint8_t* at_ = nullptr;
  const uint8_t* end_ = nullptr;
  // How many more items arrays and maps may have: some need no bytes.
  int64_t items_left_ = 0;
  unsigned depth_ = 0;
};

}  // namespace salesboard
