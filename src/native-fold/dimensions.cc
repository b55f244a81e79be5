// What a line counts under: its product, and its value in each dimension of the mapping, which the
// rules that begin with `by` say.
#include "rules.h"

namespace salesboard {

namespace {

// As NO_VALUE in mapping/model/judgement.ts.
Text no_value() {
  static constexpr uint8_t kNoValue[] = "(none)";
  return {kNoValue, sizeof kNoValue - 1};
}

// Whether a text can be a name, as productProblem in domain/sale.ts says it.
bool can_be_name(Text text) {
  for (size_t i = 0; i < text.bytes; i++) {
    const uint8_t byte = text.at[i];
    const bool is_c1 = byte == 0xc2 && i + 1 < text.bytes && text.at[i + 1] < 0xa0;
    if (byte < 0x20 || byte == 0x7f || is_c1) return false;
  }
  return text.bytes > 0 && text.bytes <= ProductNames::kNameBytesMax;
}

uint32_t hash_of(const ProductNames& names, Text name) {
  ProductNames::Hash hash(names);
  for (size_t i = 0; i < name.bytes; i += 8) hash.add(load(name.at + i, name.bytes - i));
  return hash.end(name.bytes);
}

// The id of a name, which is added if it is new and can be added, or ProductNames::kUnknown.
uint32_t find_or_add(ProductNames& names, Text name) {
  const uint32_t hash = hash_of(names, name);
  const uint32_t id = names.find(name.at, name.bytes, hash);
  return id == ProductNames::kUnknown ? names.add(name.at, name.bytes, hash) : id;
}

}  // namespace

void Rules::read_values() {
  for (const auto& rule : program_.by) {
    Text text;
    texts_.push_back(join(rule, &text) ? text : no_value());
  }
}

// The indexes hold only valid names, so a hit needs no further check. False for a name that only
// the judge may add. The judge may refuse a product, and with it the record: none of its other
// names may be added before.
bool Rules::find_names(Names names) {
  values_.clear();
  const Text* text = texts_.data();
  for (Line& line : lines_) {
    line.product = names[0]->find(text->at, text->bytes, hash_of(*names[0], *text));
    const bool is_new = line.product == ProductNames::kUnknown;
    if (is_new && !ProductNames::is_plain(text->at, text->bytes)) return false;
    text += 1 + program_.by.size();
  }
  text = texts_.data();
  for (Line& line : lines_) {
    if (line.product == ProductNames::kUnknown) line.product = find_or_add(*names[0], *text);
    if (line.product == ProductNames::kUnknown) return false;
    text++;
    for (size_t k = 1; k <= program_.by.size(); k++, text++) {
      uint32_t value = find_or_add(*names[k], *text);
      const bool is_none = value == ProductNames::kUnknown && !can_be_name(*text);
      if (is_none) value = find_or_add(*names[k], no_value());
      if (value == ProductNames::kUnknown) return false;
      values_.push_back(value);
    }
  }
  return true;
}

}  // namespace salesboard
