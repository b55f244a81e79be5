#include "slots.h"

#include <algorithm>

namespace salesboard {

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

}  // namespace salesboard
