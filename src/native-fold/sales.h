// The memory of kafka/sums.ts in C++, and the fold of the fast path: adds up the records that the
// scanner or the rules can read with certainty, so that they never cross on their own.
#pragma once

#include <vector>

#include "memory.h"
#include "rules.h"
#include "scanner.h"

namespace salesboard {

// The arguments of JavaScript for the fold. Without them nothing is added up.
class SalesArguments {
 public:
  SalesArguments() = default;

  // `sums`: the memory of SaleSums. `indexes`: the memory of a ProductIndex for each of `places`. A
  // place is a partition, plus kPartitionsMax times 0 for products, 1 for the first dimension, ….
  // Writes what is wrong with them to `*wrong`: "sums must …, received …".
  static std::optional<SalesArguments> over(Memory sums, const std::vector<int32_t>& places,
                                            const std::vector<Memory>& indexes, Memory program,
                                            std::string* wrong);

 private:
  friend class Sales;
  // Bounds the table by partition. Sales of higher partitions take the slow path.
  static constexpr size_t kPartitionsMax = 100'000;

  uint8_t* memory_ = nullptr;
  size_t rows_max_ = 0;
  size_t per_partition_ = 1;                        // indexes: of products, and of each dimension
  std::vector<std::optional<ProductNames>> names_;  // those of a partition stand together
  std::shared_ptr<const Program> program_;
};

// The sums of one poll.
class Sales {
 public:
  // What became of a record. kUnsure: the judge must judge it. kFull: the record needs more rows
  // than are left, so it belongs to the next poll.
  enum Outcome : uint8_t { kUnsure, kFull, kFiltered, kCounted };

  explicit Sales(SalesArguments arguments);

  // The next record may need one row of sums and one of advances.
  bool has_room() const { return !memory_ || (count() < rows_max_ && advances() < rows_max_); }

  // Adds up all lines of a record, or none. `record_ms`: its timestamp, −1 without one. Call
  // `advance` next, unless it is full.
  Outcome add(int32_t partition, int64_t record_ms, const Record& record);

  // Notes that the record was taken, and what became of it. Offsets rise within a partition.
  // `epoch`: of the leader that wrote the record, -1 if unknown.
  void advance(int32_t partition, int64_t offset, Outcome outcome, int32_t epoch);

 private:
  enum Field { kVersion, kRowsMax, kCount, kAdvances, kIsBySecond, kIsFull };
  friend class SalesArguments;
  static constexpr uint32_t kLayoutVersion = 5;
  static constexpr size_t kHeaderBytes = 64;
  static constexpr size_t kBytesPerRow = 88;

  // What a row adds up.
  struct RowKey {
    int32_t place;
    uint32_t product;
    double second;
  };

  Outcome add_flat(int32_t partition, int64_t record_ms, Text value);
  void add_line(const RowKey& key, ProductNames& names, const Line& line);
  double second_of(int64_t time_ms, int64_t record_ms) const;
  uint32_t new_row(const RowKey& key);
  std::optional<ProductNames>* names_of(int32_t partition);

  template <class T>
  T* column(size_t bytes_before_per_row) const {
    return reinterpret_cast<T*>(memory_ + kHeaderBytes + rows_max_ * bytes_before_per_row);
  }
  uint32_t* header() const { return reinterpret_cast<uint32_t*>(memory_); }
  uint32_t& count() const { return header()[kCount]; }
  uint32_t& advances() const { return header()[kAdvances]; }
  double* quantities() const { return column<double>(0); }
  double* amounts() const { return column<double>(8); }
  double* seconds() const { return column<double>(16); }
  double* first_offsets() const { return column<double>(24); }
  double* next_offsets() const { return column<double>(32); }
  double* counted() const { return column<double>(40); }
  double* filtered() const { return column<double>(48); }
  double* untimed() const { return column<double>(56); }
  uint32_t* sales() const { return column<uint32_t>(64); }
  uint32_t* returns() const { return column<uint32_t>(68); }
  int32_t* places() const { return column<int32_t>(72); }
  int32_t* products() const { return column<int32_t>(76); }
  int32_t* advanced_partitions() const { return column<int32_t>(80); }
  int32_t* leader_epochs() const { return column<int32_t>(84); }

  uint8_t* memory_;
  size_t rows_max_;
  size_t per_partition_;
  size_t partitions_known_;
  std::vector<std::optional<ProductNames>> names_;
  std::shared_ptr<const Program> program_;
  std::optional<Rules> rules_;
  // Partitions with a record that may have to wait: the records behind it must not be added up
  // before it.
  std::vector<bool> stopped_;
  // Lines of the record at hand without a time that could be read.
  uint32_t untimed_lines_ = 0;
  // The advance of the previous record, because records of a partition come in runs.
  uint32_t advance_ = 0;
};

}  // namespace salesboard
