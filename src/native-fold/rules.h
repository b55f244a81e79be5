// What a program makes of a record: the fast path of mapping/judge.ts and mapping/flat.ts. It says
// what a record counts for only where it is certain; it leaves all others to the judge, and so
// never says that a record is a dead letter.
#pragma once

#include "avro_walker.h"
#include "decimals.h"
#include "json_walker.h"
#include "product_names.h"
#include "record.h"
#include "slots.h"
#include "times.h"

namespace salesboard {

constexpr int64_t kNoTime = INT64_MIN;

// A double holds every integer up to this one.
constexpr int64_t kExactMax = (int64_t{1} << 53) - 1;

struct Line {
  uint32_t product;
  bool is_return;
  // Millionths, between −2^53 and 2^53.
  int64_t quantity;
  int64_t amount;
  // Epoch milliseconds, or kNoTime.
  int64_t time_ms;
};

// Of one partition: the names of its products, and behind them those of each dimension's values.
using Names = std::optional<ProductNames>*;

class Rules {
 public:
  // kAwaiting: the judge may have to wait for the schema of the record.
  enum Verdict : uint8_t { kUnsure, kAwaiting, kFiltered, kCounted };

  // `program` must outlive it.
  explicit Rules(const Program& program);

  // Adds names that are new to `names`, of records that count, if they can be added.
  Verdict judge(const Record& record, Names names);

  // Of a record that counts.
  const std::vector<Line>& lines() const { return lines_; }
  // What a line counts under: one id for each dimension.
  const uint32_t* values(size_t line) const { return values_.data() + line * program_.by.size(); }
  uint32_t untimed() const { return untimed_; }

 private:
  AvroBody open(const Record& record, Text value) const;
  bool read_origins(const Record& record);
  bool read_value(const AvroBody& body);
  bool holds(const Condition& condition) const;
  bool all_hold(Condition::When when) const;
  bool read_line(Line* line);
  bool read_product();
  bool read_number(const Number& rule, int64_t* micros) const;
  bool read_term(const Term& term, Decimal* number) const;
  bool read_signs(Line* line, int64_t money) const;
  bool read_time(int64_t* ms);
  std::pair<Parsed, int64_t> parse_time_of_line();
  bool is_currency_right();
  void read_values();
  bool find_names(Names names);
  bool join(const TextRule& parts, Text* text);
  const Value* first_of(const Choice& choice) const;

  const Program& program_;
  Slots slots_;
  std::vector<KeyOrder> orders_;
  // The time of the line at hand, or of all lines.
  std::pair<Parsed, int64_t> time_;
  bool is_time_of_line_;
  bool is_time_read_ = false;
  Month month_{};
  DayText day_{};
  std::vector<Line> lines_;
  // Of each line: the product's name, and behind it the value in each dimension.
  std::vector<Text> texts_;
  std::vector<uint32_t> values_;
  uint32_t untimed_ = 0;
};

}  // namespace salesboard
