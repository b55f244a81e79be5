#include "json_walker.h"

#include <algorithm>

namespace salesboard {

namespace {

constexpr size_t kNoField = SIZE_MAX;

// `first`: where to begin to look, because objects of one kind have their keys in one order.
size_t field_of(const Node& node, Text key, size_t first) {
  const uint64_t length = uint64_t{1} << (key.bytes < 63 ? key.bytes : 63);
  if (!(node.lengths & length)) return kNoField;
  const size_t count = node.fields.size();
  for (size_t i = 0, at = first; i < count; i++, at++) {
    if (at == count) at = 0;
    const std::string& known = node.fields[at].key;
    if (known.size() == key.bytes && memcmp(known.data(), key.at, key.bytes) == 0) return at;
  }
  return kNoField;
}

}  // namespace

Slots::Slots(const Program& program)
    : constants_(program.constants),
      record_(program.record_slots),
      lines_(program.line_slots),
      per_line_(program.line_slots) {}

void Slots::clear() {
  std::fill(record_.begin(), record_.end(), Value());
  for (const auto& [slot, text] : constants_) {
    at(slot) = {Value::kString, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}};
  }
  count_ = line_ = 0;
  is_array_found_ = is_array_wrong_ = false;
  scratch.clear();
}

bool Slots::add_line() {
  if (count_ == kLinesMax) return false;
  line_ = count_++;
  if (lines_.size() < count_ * per_line_) lines_.resize(count_ * per_line_);
  std::fill_n(lines_.begin() + line_ * per_line_, per_line_, Value());
  return true;
}

bool JsonWalker::walk(const Node& node, Text json) {
  JsonCursor in(json);
  return value(node, in) && in.is_at_end();
}

bool JsonWalker::put(const Node& node, Text text) {
  if (node.slot) slots_.at(*node.slot) = {Value::kString, text};
  return node.embedded == Node::kNone || walk(nodes_[node.embedded], text);
}

bool JsonWalker::value(const Node& node, JsonCursor& in) {
  const uint8_t first = in.peek();
  if (first == '"') return string(node, in);
  if (first == '{' && node.looks_into_objects()) return object(node, in);
  if (first == '[' && node.looks_into_arrays()) return array(node, in);
  if (first == '{' || first == '[') {
    return other(node, {first == '{' ? Value::kObject : Value::kArray, {}}) && in.skip();
  }
  Value value;
  return in.scalar(first, &value) && other(node, value);
}

bool JsonWalker::string(const Node& node, JsonCursor& in) {
  Text text;
  bool has_escapes;
  if (!in.string(&text, &has_escapes)) return false;
  if (!node.slot && node.embedded == Node::kNone) return other(node, {Value::kString, text});
  if (has_escapes && !unescape(text, slots_.scratch, &text)) return false;
  if (node.each_kind & Node::kInner) slots_.array_wrong();
  return put(node, text);
}

// What is no string, and nothing that is looked into.
bool JsonWalker::other(const Node& node, Value value) {
  if (node.slot) slots_.at(*node.slot) = value;
  // An inner array that is null is like one that is not there.
  if ((node.each_kind & Node::kInner) && value.is_there()) slots_.array_wrong();
  return node.embedded == Node::kNone || !value.is_there();
}

bool JsonWalker::object(const Node& node, JsonCursor& in) {
  if (!other(node, {Value::kObject, {}})) return false;
  uint64_t seen = 0;
  size_t next = 0;
  in.step();
  if (in.peek() == '}') {
    in.step();
    return true;
  }
  for (;;) {
    Text key;
    bool has_escapes;
    if (in.peek() != '"' || !in.string(&key, &has_escapes) || !in.take(':')) return false;
    if (has_escapes) return false;
    const size_t field = field_of(node, key, next);
    if (field == kNoField) {
      if (!in.skip()) return false;
    } else {
      // Of a key that stands twice the last counts: the judge knows how.
      const uint64_t bit = uint64_t{1} << field;
      if (seen & bit) return false;
      seen |= bit;
      next = field + 1 == node.fields.size() ? 0 : field + 1;
      if (!value(nodes_[node.fields[field].node], in)) return false;
    }
    const uint8_t byte = in.peek();
    if (byte != ',' && byte != '}') return false;
    in.step();
    if (byte == '}') return true;
  }
}

bool JsonWalker::array(const Node& node, JsonCursor& in) {
  if (node.slot) slots_.at(*node.slot) = {Value::kArray, {}};
  if (node.embedded != Node::kNone) return false;
  if (node.each_kind & Node::kFirst) slots_.array_found();
  in.step();
  if (in.peek() == ']') {
    in.step();
    return true;
  }
  for (uint32_t i = 0;; i++) {
    if (!element(node, i, in)) return false;
    const uint8_t byte = in.peek();
    if (byte != ',' && byte != ']') return false;
    in.step();
    if (byte == ']') return true;
  }
}

// Both `[]` and an index may look into one element: then it is walked twice.
bool JsonWalker::element(const Node& node, uint32_t index, JsonCursor& in) {
  const uint8_t* start = in.at();
  bool is_walked = false;
  for (const auto& [wanted, child] : node.elements) {
    if (wanted != index) continue;
    if (!value(nodes_[child], in)) return false;
    is_walked = true;
  }
  if (node.each == Node::kNone) return is_walked || in.skip();
  if (is_walked) in.go_back(start);
  if (node.each_kind & Node::kLast && !slots_.add_line()) {
    slots_.array_wrong();
    return in.skip();
  }
  return value(nodes_[node.each], in);
}

}  // namespace salesboard
