// What the places of a program hold for one record. A walker fills it, `Rules` reads it.
#pragma once

#include "program.h"

namespace salesboard {

class Slots {
 public:
  // Lines of one record that are taken here.
  static constexpr size_t kLinesMax = 1'000;

  explicit Slots(const Program& program);

  void clear();

  Value& at(Slot slot) {
    return slot.is_of_line ? lines_[line_ * per_line_ + slot.index] : record_[slot.index];
  }
  const Value& at(Slot slot) const { return const_cast<Slots*>(this)->at(slot); }

  // False: there are too many.
  bool add_line();
  size_t lines() const { return count_; }
  // The line that `at` looks at.
  void go_to_line(size_t line) { line_ = line; }

  // Nothing, or something else than an array, stands where lines should be; or too many of them.
  bool are_lines_wrong() const { return !is_array_found_ || is_array_wrong_; }
  void array_found() { is_array_found_ = true; }
  void array_wrong() { is_array_wrong_ = true; }

  Scratch scratch;

 private:
  const std::vector<Constant>& constants_;
  std::vector<Value> record_;
  std::vector<Value> lines_;
  size_t per_line_;
  size_t count_ = 0;
  size_t line_ = 0;
  bool is_array_found_ = false;
  bool is_array_wrong_ = false;
};

}  // namespace salesboard
