#include "json_walker.h"

#include <algorithm>

namespace salesboard {

uint8_t field_of(const Node& node, Text key) {
  const uint64_t length = uint64_t{1} << (key.bytes < 63 ? key.bytes : 63);
  if (!(node.lengths & length)) return KeyOrder::kNoField;
  for (size_t i = 0; i < node.fields.size(); i++) {
    const std::string& known = node.fields[i].key;
    const auto* at = reinterpret_cast<const uint8_t*>(known.data());
    if (key.equals({at, known.size()})) return static_cast<uint8_t>(i);
  }
  return KeyOrder::kNoField;
}

const uint8_t* KeyOrder::take_later(const JsonText& json, const uint8_t* at, uint8_t* field) {
  const size_t end = std::min(next_ + kAheadMax, keys_.size());
  for (size_t i = next_ + 1; i < end; i++) {
    const Key& key = keys_[i];
    if (!key.is_at(at, json.left(at))) continue;
    next_ = i + 1;
    *field = key.field;
    return at + key.bytes;
  }
  return nullptr;
}

void KeyOrder::note(Text key, uint8_t field) {
  if (next_ == kKeysMax || key.bytes > kKeyBytesMax) return;
  if (next_ == keys_.size()) keys_.emplace_back();
  Key& noted = keys_[next_++];
  noted.first = load(key.at, key.bytes);
  noted.mask = key.bytes < 8 ? (uint64_t{1} << 8 * key.bytes) - 1 : ~uint64_t{0};
  noted.last = key.bytes < 8 ? 0 : load(key.at + key.bytes - 8);
  noted.bytes = static_cast<uint8_t>(key.bytes);
  noted.field = field;
  noted.string_bytes = 0;
  memcpy(noted.text, key.at, key.bytes);
}

bool JsonWalker::walk(const Node& node, Text text) {
  const JsonText json(text);
  const uint8_t* end = value(node, json, json.start());
  return end && json.is_end(end);
}

bool JsonWalker::put(const Node& node, Text text) {
  if (node.slot) slots_.at(*node.slot) = {Value::kString, text};
  return node.embedded == Node::kNone || walk(nodes_[node.embedded], text);
}

const uint8_t* JsonWalker::value(const Node& node, const JsonText& json, const uint8_t* at) {
  const uint8_t first = json.peek(&at);
  if (first == '"') return string(node, json, at);
  if (first == '{' && node.looks_into_objects()) return object(node, json, at);
  if (first == '[' && node.looks_into_arrays()) return array(node, json, at);
  if (first == '{' || first == '[') {
    const Value value = {first == '{' ? Value::kObject : Value::kArray, {}};
    return other(node, value) ? json.skip(at) : nullptr;
  }
  Value value;
  at = json.scalar(at, first, &value);
  return at && other(node, value) ? at : nullptr;
}

const uint8_t* JsonWalker::string(const Node& node, const JsonText& json, const uint8_t* at) {
  Text text;
  bool has_escapes;
  at = json.string(at, &text, &has_escapes);
  return at && string(node, text, has_escapes) ? at : nullptr;
}

bool JsonWalker::string(const Node& node, Text text, bool has_escapes) {
  if (!node.slot && node.embedded == Node::kNone) return other(node, {Value::kString, text});
  if (has_escapes && !unescape(text, slots_.scratch, &text)) return false;
  return this->text(node, text);
}

bool JsonWalker::text(const Node& node, Text text) {
  if (node.each_kind & Node::kInner) slots_.array_wrong();
  return put(node, text);
}

bool JsonWalker::other(const Node& node, Value value) {
  if (node.slot) slots_.at(*node.slot) = value;
  // An inner array that is null is like one that is not there.
  if ((node.each_kind & Node::kInner) && value.is_there()) slots_.array_wrong();
  return node.embedded == Node::kNone || !value.is_there();
}

const uint8_t* JsonWalker::object(const Node& node, const JsonText& json, const uint8_t* at) {
  if (!other(node, {Value::kObject, {}})) return nullptr;
  KeyOrder& order = orders_[&node - nodes_.data()];
  order.start();
  uint64_t seen = 0;
  at++;
  if (json.peek(&at) == '}') return at + 1;
  for (;;) {
    uint8_t field;
    const uint8_t* behind = order.take(json, at, &field);
    at = behind ? behind : key(node, json, at, &field);
    if (!at) return nullptr;
    const Node* child = nullptr;
    if (field != KeyOrder::kNoField) {
      // Of a key that stands twice the last counts: the judge knows how.
      const uint64_t bit = uint64_t{1} << field;
      if (seen & bit) return nullptr;
      seen |= bit;
      child = &nodes_[node.fields[field].node];
    }
    if (behind && json.left(at) > 0 && *at == '"') {
      Text text;
      bool has_escapes;
      at = order.string(json, at, &text, &has_escapes);
      if (at && child && !string(*child, text, has_escapes)) return nullptr;
    } else {
      at = child ? value(*child, json, at) : json.skip(at);
    }
    if (!at) return nullptr;
    const uint8_t byte = json.peek(&at);
    if (byte != ',' && byte != '}') return nullptr;
    at++;
    if (byte == '}') return at;
  }
}

// A key and its colon, up to the value.
const uint8_t* JsonWalker::key(const Node& node, const JsonText& json, const uint8_t* at,
                               uint8_t* field) {
  const uint8_t* start = at;
  Text key;
  bool has_escapes;
  if (json.peek(&at) != '"') return nullptr;
  at = json.string(at, &key, &has_escapes);
  if (!at || has_escapes || json.peek(&at) != ':') return nullptr;
  at++;
  json.peek(&at);
  *field = field_of(node, key);
  orders_[&node - nodes_.data()].note({start, static_cast<size_t>(at - start)}, *field);
  return at;
}

const uint8_t* JsonWalker::array(const Node& node, const JsonText& json, const uint8_t* at) {
  if (node.slot) slots_.at(*node.slot) = {Value::kArray, {}};
  if (node.embedded != Node::kNone) return nullptr;
  if (node.each_kind & Node::kFirst) slots_.array_found();
  at++;
  if (json.peek(&at) == ']') return at + 1;
  for (uint32_t i = 0;; i++) {
    at = element(node, i, json, at);
    if (!at) return nullptr;
    const uint8_t byte = json.peek(&at);
    if (byte != ',' && byte != ']') return nullptr;
    at++;
    if (byte == ']') return at;
  }
}

// Both `[]` and an index may look into one element: then it is walked twice.
const uint8_t* JsonWalker::element(const Node& node, uint32_t index, const JsonText& json,
                                   const uint8_t* at) {
  const uint8_t* end = nullptr;
  for (const auto& [wanted, child] : node.elements) {
    if (wanted != index) continue;
    end = value(nodes_[child], json, at);
    if (!end) return nullptr;
  }
  if (node.each == Node::kNone) return end ? end : json.skip(at);
  if (node.each_kind & Node::kLast && !slots_.add_line()) {
    slots_.array_wrong();
    return json.skip(at);
  }
  return value(nodes_[node.each], json, at);
}

}  // namespace salesboard
