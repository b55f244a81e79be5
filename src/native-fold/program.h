// A mapping as TypeScript compiled it (mapping/program/program.ts describes the bytes): where the
// rules look, and what they make of what stands there. A walker of the records' format fills slots,
// `Rules` reads them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "avro_schema.h"
#include "memory.h"
#include "values.h"

namespace salesboard {

// A slot of the record, or one of each line.
struct Slot {
  uint16_t index;
  bool is_of_line;
};

// Sources joined by `else`.
using Choice = std::vector<Slot>;

struct Node {
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Field {
    std::string key;
    uint32_t node;
  };
  struct Element {
    uint32_t index;
    uint32_t node;
  };
  // What `[]` of the rule `lines` means here.
  enum Each : uint8_t { kNoLines, kFirst = 1, kInner = 2, kLast = 4 };

  std::optional<Slot> slot;
  std::vector<Field> fields;
  uint64_t lengths = 0;  // bit n: a key of n bytes; bit 63: a longer one
  std::vector<Element> elements;
  uint32_t each = kNone;
  uint8_t each_kind = kNoLines;
  uint32_t embedded = kNone;  // the JSON inside of a string

  bool looks_into_objects() const { return !fields.empty(); }
  bool looks_into_arrays() const { return !elements.empty() || each != kNone; }
};

// What comes with a record: its key (without name), or the last header of that name.
struct Origin {
  std::optional<std::string> header;
  uint32_t node;
};

struct Constant {
  Slot slot;
  std::string text;
};

struct Condition {
  // When it is asked: before the value is read, of the record, or of each line.
  enum When : uint8_t { kOutside, kRecord, kLine };

  When when;
  Slot slot;
  bool is_negated;
  bool is_exists;
  std::vector<std::string> texts;
};

struct Term {
  Choice choice;  // empty: there is only the constant
  // Where nothing of `choice` is there. `decimal` does not apply to it.
  std::optional<Slot> constant;
  bool is_negative;
  std::optional<unsigned> decimal;
  unsigned places;
  std::optional<Slot> exponent;
};

struct Number {
  std::vector<Term> terms;
  std::optional<unsigned> round;
};

using TextRule = std::vector<Choice>;

enum class TimeUnit : uint8_t { kBySize, kSeconds, kMillis, kMicros, kNanos, kDays };

// The time zone of times that have none.
struct Zone {
  // Consecutive days from 1970-01-01 on, with one offset all day long.
  struct Span {
    int64_t first;
    int64_t days;
    int64_t offset_ms;
  };

  // Turns a local time into an instant; false for a day of no span.
  bool to_instant(int64_t* ms) const;

  std::vector<Span> spans;
};

struct Program {
  // Nothing when `memory` is no program: writes what is wrong with it to `*wrong`. The last program
  // of the thread is kept, because all polls of an aggregator have the same.
  static std::shared_ptr<const Program> over(Memory memory, std::string* wrong);

  bool is_flat;  // the stricter rules of mapping/flat.ts
  bool has_lines;
  bool is_price;
  bool subtracts;
  Zone zone;
  uint32_t record_slots;
  uint32_t line_slots;
  std::vector<Node> nodes;  // the first is the value's
  std::vector<Origin> origins;
  std::vector<Constant> constants;
  std::vector<Condition> only;
  std::optional<Condition> minus;
  TextRule product;
  TextRule currency;  // none: no guard
  std::string expected_currency;
  Number quantity;
  Number money;
  TextRule time;  // none: no rule
  TimeUnit time_unit;
  std::vector<TextRule> by;        // the dimensions
  std::optional<AvroFormat> avro;  // otherwise records are JSON
};

}  // namespace salesboard
