#include "rules.h"

namespace salesboard {

namespace {

// As in mapping/model/bounds.ts.
constexpr int64_t kQuantityMicrosMax = 1'000'000'000'000'000;
constexpr int64_t kMoneyMicrosMax = 1'000'000'000'000'000'000;
constexpr int64_t kMicrosPerUnit = 1'000'000;
// What serializers for a schema registry put before the JSON: a byte 0 and the schema's id.
constexpr size_t kRegistryPrefixBytes = 5;

Text without_registry_prefix(Text value) {
  if (value.bytes < kRegistryPrefixBytes || value.at[0] != 0) return value;
  return {value.at + kRegistryPrefixBytes, value.bytes - kRegistryPrefixBytes};
}

Text text_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// The schema has said already what `decimal` says.
bool has_scale(const Value& value, unsigned decimals) {
  return value.scale == static_cast<int>(decimals);
}

// What `decimal` is for; a number is none.
std::optional<int64_t> encoded_integer(const Value& value) {
  if (value.kind == Value::kString) return parse_base64_integer(value.text);
  return value.kind == Value::kBytes ? integer_of(value.text) : std::nullopt;
}

bool is_within(int64_t value, int64_t most) { return value >= -most && value <= most; }

bool has_slot_of_line(const TextRule& rule) {
  for (const auto& choice : rule) {
    for (const Slot slot : choice) {
      if (slot.is_of_line) return true;
    }
  }
  return false;
}

}  // namespace

Rules::Rules(const Program& program)
    : program_(program), slots_(program), is_time_of_line_(has_slot_of_line(program.time)) {}

Rules::Verdict Rules::judge(const Record& record, Names names) {
  const auto value = record.value();
  if (!value) return program_.is_flat ? kUnsure : kFiltered;
  slots_.clear();
  is_time_read_ = false;
  const AvroBody body = open(record, *value);
  const Verdict unsure = body.is_awaited ? kAwaiting : kUnsure;
  if (!read_origins(record)) return unsure;
  if (!all_hold(Condition::kOutside)) return kFiltered;
  if (!read_value(body)) return unsure;
  if (!all_hold(Condition::kRecord)) return kFiltered;
  if (program_.has_lines && slots_.are_lines_wrong()) return kUnsure;
  lines_.clear();
  texts_.clear();
  untimed_ = 0;
  const size_t lines = program_.has_lines ? slots_.lines() : 1;
  for (size_t i = 0; i < lines; i++) {
    slots_.go_to_line(i);
    if (!all_hold(Condition::kLine)) continue;
    Line line;
    if (!read_line(&line)) return kUnsure;
    read_values();
    lines_.push_back(line);
  }
  if (lines_.empty()) return kFiltered;
  // Only now, so that no name is left of a record that is declined.
  return find_names(names) ? kCounted : kUnsure;
}

AvroBody Rules::open(const Record& record, Text value) const {
  if (program_.avro) return program_.avro->open(record, value);
  return {program_.is_flat ? value : without_registry_prefix(value)};
}

bool Rules::read_value(const AvroBody& body) {
  JsonWalker json(program_, slots_, orders_);
  if (!program_.avro) return json.walk(program_.nodes[0], body.bytes);
  return body.schema && AvroWalker(*body.schema, program_, slots_, json, day_).walk(body.bytes);
}

bool Rules::read_origins(const Record& record) {
  for (const auto& [header, node] : program_.origins) {
    const auto text = header ? record.header(*header) : record.key();
    if (!text) continue;
    if (!is_utf8(text->at, text->bytes)) return false;
    if (!JsonWalker(program_, slots_, orders_).put(program_.nodes[node], *text)) return false;
  }
  return true;
}

// What is not there is in no list; neither is an object or an array.
bool Rules::holds(const Condition& condition) const {
  const Value& value = slots_.at(condition.slot);
  if (condition.is_exists) return value.is_there() != condition.is_negated;
  Text text;
  bool is_in = false;
  if (value.scalar(&text)) {
    for (const auto& one : condition.texts) is_in = is_in || text.equals(text_of(one));
  }
  return is_in != condition.is_negated;
}

bool Rules::all_hold(Condition::When when) const {
  for (const auto& condition : program_.only) {
    if (condition.when == when && !holds(condition)) return false;
  }
  return true;
}

bool Rules::read_line(Line* line) {
  int64_t money;
  return is_currency_right() && read_number(program_.quantity, &line->quantity) &&
         is_within(line->quantity, kQuantityMicrosMax) && read_number(program_.money, &money) &&
         is_within(money, kMoneyMicrosMax) && read_signs(line, money) &&
         read_product() && read_time(&line->time_ms);
}

// The signs, and the amount.
bool Rules::read_signs(Line* line, int64_t money) const {
  const bool is_negative = line->quantity < 0 || money < 0;
  if (is_negative && !program_.subtracts) return false;
  if (program_.is_flat && (line->quantity <= 0 || line->quantity % kMicrosPerUnit != 0)) {
    return false;
  }
  __int128 amount = money;
  const int64_t units = line->quantity / kMicrosPerUnit;
  if (program_.is_price && units * kMicrosPerUnit == line->quantity) {
    amount *= units;
  } else if (program_.is_price) {
    amount *= line->quantity;
    if (amount % kMicrosPerUnit != 0) return false;
    amount /= kMicrosPerUnit;
  }
  if (amount < 0) amount = -amount;
  const int64_t quantity = line->quantity < 0 ? -line->quantity : line->quantity;
  if (amount > kExactMax || quantity > kExactMax) return false;
  line->is_return = is_negative || (program_.minus && holds(*program_.minus));
  line->amount = static_cast<int64_t>(line->is_return ? -amount : amount);
  line->quantity = line->is_return ? -quantity : quantity;
  return true;
}

bool Rules::read_product() {
  Text name;
  if (!join(program_.product, &name)) return false;
  if (program_.is_flat && first_of(program_.product[0])->kind != Value::kString) return false;
  texts_.push_back(name);
  return true;
}

bool Rules::read_number(const Number& rule, int64_t* micros) const {
  Decimal number;
  std::optional<int64_t> result;
  if (rule.terms.size() == 1 && !rule.round) {
    if (!read_term(rule.terms[0], &number)) return false;
    result = number.micros();
  } else {
    DecimalSum sum;
    for (const auto& term : rule.terms) {
      if (!read_term(term, &number) || !sum.add(number)) return false;
    }
    if (rule.round && !sum.round(*rule.round)) return false;
    result = sum.micros();
  }
  *micros = result.value_or(0);
  return result.has_value();
}

bool Rules::read_term(const Term& term, Decimal* number) const {
  const Value* value = first_of(term.choice);
  const bool is_constant = !value && term.constant;
  if (is_constant) value = &slots_.at(*term.constant);
  if (!value) return false;
  if (term.decimal && !is_constant && !has_scale(*value, *term.decimal)) {
    const auto units = encoded_integer(*value);
    if (!units) return false;
    *number = {*units, static_cast<int>(*term.decimal)};
  } else {
    const bool is_text = value->kind == Value::kString && !program_.is_flat;
    if (value->kind != Value::kNumber && !is_text) return false;
    if (parse_decimal(value->text, number) != Parsed::kRead) return false;
  }
  unsigned places = term.places;
  if (term.exponent) {
    const Value& exponent = slots_.at(*term.exponent);
    const bool is_text = exponent.kind == Value::kNumber || exponent.kind == Value::kString;
    Decimal power;
    if (!is_text || parse_decimal(exponent.text, &power) != Parsed::kRead) return false;
    const auto moved = power.integer();
    if (!moved || *moved < 0 || *moved > 38) return false;
    places = static_cast<unsigned>(*moved);
  }
  number->scale += static_cast<int>(places);
  return !term.is_negative || number->negate();
}

// A time that all lines share is read once.
bool Rules::read_time(int64_t* ms) {
  *ms = kNoTime;
  if (program_.time.empty()) return true;
  if (!is_time_read_) time_ = parse_time_of_line();
  is_time_read_ = !is_time_of_line_;
  const auto& [parsed, time_ms] = time_;
  if (parsed == Parsed::kRead) *ms = time_ms;
  if (parsed == Parsed::kIsNone) untimed_++;
  return parsed != Parsed::kUnsure;
}

std::pair<Parsed, int64_t> Rules::parse_time_of_line() {
  Value joined;
  const Value* value = &joined;
  if (program_.time.size() == 1) {
    value = first_of(program_.time[0]);
  } else if (join(program_.time, &joined.text)) {
    joined.kind = Value::kString;
  } else {
    value = nullptr;
  }
  TimeUnit unit = program_.time_unit;
  if (program_.is_flat) {
    // An integer has always been milliseconds; a time that is not there is not missed.
    const Value& time = slots_.at(program_.time[0][0]);
    if (time.kind == Value::kNothing) return {Parsed::kRead, kNoTime};
    Decimal number;
    if (time.kind == Value::kNumber) {
      if (parse_decimal(time.text, &number) != Parsed::kRead) return {Parsed::kUnsure, kNoTime};
      if (number.integer()) unit = TimeUnit::kMillis;
    }
  }
  if (!value) return {Parsed::kIsNone, kNoTime};
  int64_t ms = kNoTime;
  const Parsed parsed = parse_time(*value, unit, program_.zone, month_, &ms);
  return {parsed, ms};
}

// Without case, as far as letters of ASCII go.
bool Rules::is_currency_right() {
  if (program_.currency.empty()) return true;
  Text received;
  const std::string& expected = program_.expected_currency;
  if (!join(program_.currency, &received) || received.bytes != expected.size()) return false;
  for (size_t i = 0; i < received.bytes; i++) {
    const uint8_t byte = received.at[i];
    const uint8_t upper = byte >= 'a' && byte <= 'z' ? byte - 0x20 : byte;
    if (upper != static_cast<uint8_t>(expected[i])) return false;
  }
  return true;
}

// False where a part is nothing, or no scalar.
bool Rules::join(const TextRule& parts, Text* text) {
  size_t bytes = 0;
  for (const auto& part : parts) {
    const Value* value = first_of(part);
    if (!value || !value->scalar(text)) return false;
    bytes += text->bytes;
  }
  if (parts.size() == 1) return true;
  uint8_t* joined = slots_.scratch.take(bytes);
  uint8_t* to = joined;
  for (const auto& part : parts) {
    Text piece;
    first_of(part)->scalar(&piece);
    if (piece.bytes > 0) memcpy(to, piece.at, piece.bytes);
    to += piece.bytes;
  }
  *text = {joined, bytes};
  return true;
}

// The first source that is there and not null, or null pointer.
const Value* Rules::first_of(const Choice& choice) const {
  for (const Slot slot : choice) {
    const Value& value = slots_.at(slot);
    if (value.is_there()) return &value;
  }
  return nullptr;
}

}  // namespace salesboard
