// What a line counts under in each dimension of the mapping: the rules that begin with `by`.
#include "rules.h"

namespace salesboard {

namespace {

// As PRODUCT_BYTES_MAX in domain/sale.ts.
constexpr size_t kNameBytesMax = 256;

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
  return text.bytes > 0 && text.bytes <= kNameBytesMax;
}

}  // namespace

// False for a value that the index does not have yet: the judge adds it.
bool Rules::read_values(Names names) {
  for (const auto& rule : program_.by) {
    const uint32_t value = value_of(rule, **++names);
    if (value == ProductNames::kUnknown) return false;
    values_.push_back(value);
  }
  return true;
}

uint32_t Rules::value_of(const TextRule& rule, const ProductNames& names) {
  Text text;
  if (join(rule, &text)) {
    const uint32_t value = find(names, text);
    if (value != ProductNames::kUnknown || can_be_name(text)) return value;
  }
  return find(names, no_value());
}

}  // namespace salesboard
