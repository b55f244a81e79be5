#include "program.h"

#include <string_view>

namespace salesboard {

namespace {

constexpr uint32_t kProgramVersion = 4;
// Bounds of what a program may say, so that no bytes make us allocate without end.
constexpr uint32_t kCountMax = 100'000;
constexpr size_t kFieldsMax = 64;  // an object's keys that were seen fit a word
constexpr uint32_t kSlotsMax = 10'000;
constexpr uint32_t kPlacesMax = 38;
constexpr size_t kDimensionsMax = 4;
constexpr uint32_t kSchemaBytesMax = 10'000'000;

// Reads words; after the first word that cannot be, all others are 0.
class Reader {
 public:
  explicit Reader(Memory memory)
      : at_(static_cast<const uint8_t*>(memory.data)), end_(at_ + memory.bytes) {}

  bool is_valid() const { return is_valid_; }
  bool is_at_end() const { return at_ == end_; }
  void fail() { is_valid_ = false; }

  uint32_t word(uint32_t max = UINT32_MAX) {
    uint32_t word = 0;
    if (!is_valid_ || end_ - at_ < 4) {
      fail();
      return 0;
    }
    memcpy(&word, at_, 4);
    at_ += 4;
    if (word > max) fail();
    return is_valid_ ? word : 0;
  }

  bool flag() { return word(1) == 1; }

  std::string text() {
    const size_t bytes = word(kCountMax);
    if (static_cast<size_t>(end_ - at_) < bytes) fail();
    if (!is_valid_) return {};
    std::string text(reinterpret_cast<const char*>(at_), bytes);
    at_ += bytes;
    return text;
  }

  // A number of things, and each of them by `read`.
  template <class T, class Read>
  std::vector<T> list(Read read) {
    std::vector<T> items;
    const uint32_t count = word(kCountMax);
    for (uint32_t i = 0; i < count && is_valid_; i++) items.push_back(read());
    return items;
  }

  template <class T, class Read>
  std::optional<T> maybe(Read read) {
    if (!flag()) return std::nullopt;
    return read();
  }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
  bool is_valid_ = true;
};

enum Format : uint32_t { kJson, kAvro, kNamedAvro };

class ProgramReader {
 public:
  explicit ProgramReader(Memory memory) : in_(memory) {}

  std::optional<Program> read() {
    Program program;
    if (in_.word() != kProgramVersion) return std::nullopt;
    program.is_flat = in_.flag();
    program.has_lines = in_.flag();
    program.is_price = in_.flag();
    program.subtracts = in_.flag();
    program.zone.spans = in_.list<Zone::Span>([&] {
      const int64_t first = in_.word();
      const int64_t days = in_.word();
      return Zone::Span{first, days, static_cast<int32_t>(in_.word()) * int64_t{1'000}};
    });
    record_slots_ = program.record_slots = in_.word(kSlotsMax);
    line_slots_ = program.line_slots = in_.word(kSlotsMax);
    nodes_ = in_.word(kCountMax);
    for (uint32_t i = 0; i < nodes_ && in_.is_valid(); i++) program.nodes.push_back(node(i));
    program.origins = in_.list<Origin>([&] {
      auto header = in_.maybe<std::string>([&] { return in_.text(); });
      return Origin{std::move(header), node_index(0)};
    });
    program.constants = in_.list<Constant>([&] {
      const Slot to = slot();
      return Constant{to, in_.text()};
    });
    program.only = in_.list<Condition>([&] { return condition(); });
    program.minus = in_.maybe<Condition>([&] { return condition(); });
    program.product = text_rule();
    program.currency = text_rule();
    program.expected_currency = in_.text();
    program.quantity = number();
    program.money = number();
    program.time = text_rule();
    program.time_unit = static_cast<TimeUnit>(in_.word(5));
    program.by = in_.list<TextRule>([&] { return text_rule(); });
    if (program.by.size() > kDimensionsMax) in_.fail();
    const uint32_t format = in_.word(kNamedAvro);
    auto schemas = in_.list<AvroSchema>([&] { return avro_schema(program.nodes); });
    if (format != kJson) program.avro = AvroFormat{format == kNamedAvro, std::move(schemas)};
    const bool is_whole = !program.nodes.empty() && !program.product.empty() &&
                          !program.quantity.terms.empty() && !program.money.terms.empty();
    if (!is_whole || !in_.is_valid() || !in_.is_at_end()) return std::nullopt;
    return program;
  }

 private:
  // Below `after` stand only nodes with a higher number, so that no walk is endless.
  uint32_t node_index(uint32_t after) {
    const uint32_t index = in_.word();
    if (index <= after || index >= nodes_) in_.fail();
    return index;
  }

  Slot slot() {
    const uint32_t word = in_.word();
    const bool is_of_line = word >> 31;
    const uint32_t index = word & 0x7fffffff;
    if (index >= (is_of_line ? line_slots_ : record_slots_)) in_.fail();
    return {static_cast<uint16_t>(index), is_of_line};
  }

  Node node(uint32_t self) {
    Node node;
    node.slot = in_.maybe<Slot>([&] { return slot(); });
    node.fields = in_.list<Node::Field>([&] {
      std::string key = in_.text();
      return Node::Field{std::move(key), node_index(self)};
    });
    if (node.fields.size() > kFieldsMax) in_.fail();
    for (const auto& field : node.fields) {
      node.lengths |= uint64_t{1} << (field.key.size() < 63 ? field.key.size() : 63);
    }
    node.elements = in_.list<Node::Element>([&] {
      const uint32_t index = in_.word();
      return Node::Element{index, node_index(self)};
    });
    node.each_kind = static_cast<uint8_t>(in_.word(7));
    if (node.each_kind != Node::kNoLines) node.each = node_index(self);
    if (in_.flag()) node.embedded = node_index(self);
    return node;
  }

  Condition condition() {
    Condition condition;
    condition.when = static_cast<Condition::When>(in_.word(2));
    condition.slot = slot();
    condition.is_negated = in_.flag();
    condition.is_exists = in_.flag();
    condition.texts = in_.list<std::string>([&] { return in_.text(); });
    return condition;
  }

  Choice choice() {
    Choice choice = in_.list<Slot>([&] { return slot(); });
    if (choice.empty()) in_.fail();
    return choice;
  }

  TextRule text_rule() {
    return in_.list<Choice>([&] { return choice(); });
  }

  Number number() {
    Number number;
    number.terms = in_.list<Term>([&] {
      Term term;
      term.choice = in_.list<Slot>([&] { return slot(); });
      term.constant = in_.maybe<Slot>([&] { return slot(); });
      if (term.choice.empty() && !term.constant) in_.fail();
      term.is_negative = in_.flag();
      term.decimal = in_.maybe<unsigned>([&] { return in_.word(kPlacesMax); });
      term.places = in_.word(kPlacesMax);
      term.exponent = in_.maybe<Slot>([&] { return slot(); });
      return term;
    });
    number.round = in_.maybe<unsigned>([&] { return in_.word(6); });
    return number;
  }

  // Its bytes have a length of their own, because another part of TypeScript has written them.
  AvroSchema avro_schema(const std::vector<Node>& places) {
    const uint32_t id = in_.word();
    if (in_.word(kSchemaBytesMax) == 0) return {id, {}};
    AvroSchema schema{id, in_.list<AvroNode>([&] { return avro_node(); })};
    for (const auto& node : schema.nodes) {
      if (in_.is_valid() && !has_all_below(node, places)) in_.fail();
      for (const uint32_t below : node.below) {
        if (below >= schema.nodes.size()) in_.fail();
      }
    }
    return schema;
  }

  // What the walker takes for granted.
  static bool has_all_below(const AvroNode& node, const std::vector<Node>& places) {
    if (node.place && *node.place >= places.size()) return false;
    const Node* place = node.place ? &places[*node.place] : nullptr;
    size_t asked = 0;
    if (place && node.kind == AvroNode::kMap) asked = place->fields.size();
    if (place && node.kind == AvroNode::kArray) {
      asked = place->elements.size() + (place->each != Node::kNone);
    }
    const bool has_items = node.kind == AvroNode::kMap || node.kind == AvroNode::kArray;
    return !has_items || node.below.size() == 1 + asked;
  }

  AvroNode avro_node() {
    AvroNode node;
    node.kind = static_cast<AvroNode::Kind>(in_.word(AvroNode::kRecord));
    node.meaning = static_cast<AvroNode::Meaning>(in_.word(AvroNode::kUuid));
    node.decimals = in_.word();
    node.size = in_.word();
    node.place = in_.maybe<uint32_t>([&] { return in_.word(); });
    node.below = in_.list<uint32_t>([&] { return in_.word(); });
    node.symbols = in_.list<std::string>([&] { return in_.text(); });
    return node;
  }

  Reader in_;
  uint32_t record_slots_ = 0;
  uint32_t line_slots_ = 0;
  uint32_t nodes_ = 0;
};

}  // namespace

std::shared_ptr<const Program> Program::over(Memory memory, std::string* wrong) {
  static thread_local std::string last_bytes;
  static thread_local std::shared_ptr<const Program> last;
  const std::string_view bytes(static_cast<const char*>(memory.data), memory.bytes);
  if (last && bytes == last_bytes) return last;
  auto program = ProgramReader(memory).read();
  if (!program) {
    *wrong = "must be a program of version " + std::to_string(kProgramVersion) +
             ", received an ArrayBuffer of " + std::to_string(memory.bytes) + " bytes";
    return nullptr;
  }
  last = std::make_shared<const Program>(*std::move(program));
  last_bytes = bytes;
  return last;
}

}  // namespace salesboard
