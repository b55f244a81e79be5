// An Avro schema and the places of a program, as TypeScript compiled both into one
// (mapping/formats/avro/program.ts describes the bytes): what `AvroWalker` follows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "record.h"

namespace salesboard {

struct AvroNode {
  // In the order of `kinds` there.
  enum Kind : uint8_t {
    kNull,
    kBoolean,
    kInt,
    kLong,
    kFloat,
    kDouble,
    kBytes,
    kString,
    kFixed,
    kEnum,
    kArray,
    kMap,
    kUnion,
    kRecord,
  };
  // In the order of `meanings` there.
  enum Meaning : uint8_t { kPlain, kDecimal, kTimestamp, kLocalTimestamp, kClock, kDate, kUuid };

  Kind kind;
  Meaning meaning;
  unsigned decimals;
  uint32_t size;
  // Of the program; nothing: the value is checked and skipped.
  std::optional<uint32_t> place;
  std::vector<uint32_t> below;
  std::vector<std::string> symbols;
};

struct AvroSchema {
  uint32_t id;
  // The first is the record's. None: the judge reads the records of this schema.
  std::vector<AvroNode> nodes;
};

// A record's bytes without what names their schema.
struct AvroBody {
  Text bytes;
  const AvroSchema* schema = nullptr;
  // Nobody knows the schema yet, so that the judge may have to wait for it.
  bool is_awaited = false;
};

struct AvroFormat {
  // Where a record says which schema it was written with, as mapping/registry/frame.ts reads it.
  AvroBody open(const Record& record, Text value) const;

  // Otherwise all records are of the only schema.
  bool are_named;
  std::vector<AvroSchema> schemas;
};

}  // namespace salesboard
