#include "sales.h"

namespace salesboard {

namespace {

// A time in another unit, or of a wrong clock: TypeScript tells of the sale.
bool is_odd(int64_t time_ms, int64_t record_ms) {
  constexpr int64_t kLaterMs = 24 * 60 * 60 * 1000;
  return record_ms >= 0 && time_ms != kNoTime && time_ms >= record_ms + kLaterMs;
}

}  // namespace

std::optional<SalesArguments> SalesArguments::over(Memory sums,
                                                   const std::vector<int32_t>& places,
                                                   const std::vector<Memory>& indexes,
                                                   Memory program, std::string* wrong) {
  const auto* header = static_cast<const uint32_t*>(sums.data);
  if (sums.bytes < Sales::kHeaderBytes || header[Sales::kVersion] != Sales::kLayoutVersion ||
      Sales::kHeaderBytes + header[Sales::kRowsMax] * Sales::kBytesPerRow != sums.bytes) {
    *wrong = "sums must be the memory of SaleSums of version " +
             std::to_string(Sales::kLayoutVersion) + ", received an ArrayBuffer of " +
             std::to_string(sums.bytes) + " bytes";
    return std::nullopt;
  }
  if (indexes.size() != places.size()) {
    *wrong = "indexes must be as many as places, received " + std::to_string(indexes.size()) +
             " and " + std::to_string(places.size());
    return std::nullopt;
  }
  SalesArguments arguments;
  arguments.memory_ = static_cast<uint8_t*>(sums.data);
  arguments.rows_max_ = header[Sales::kRowsMax];
  if (program.bytes > 0) {
    std::string problem;
    arguments.program_ = Program::over(program, &problem);
    if (!arguments.program_) {
      *wrong = "program " + problem;
      return std::nullopt;
    }
    arguments.per_partition_ += arguments.program_->by.size();
  }
  for (size_t k = 0; k < places.size(); k++) {
    std::string problem;
    const auto names = ProductNames::over(indexes[k].data, indexes[k].bytes, &problem);
    if (!names) {
      *wrong = "indexes[" + std::to_string(k) + "] " + problem;
      return std::nullopt;
    }
    const size_t place = places[k];
    const size_t dimension = place / kPartitionsMax;
    if (dimension >= arguments.per_partition_) continue;
    const size_t first = place % kPartitionsMax * arguments.per_partition_;
    if (arguments.names_.size() <= first) {
      arguments.names_.resize(first + arguments.per_partition_);
    }
    arguments.names_[first + dimension] = *names;
  }
  return arguments;
}

Sales::Sales(SalesArguments arguments)
    : memory_(arguments.memory_),
      rows_max_(arguments.rows_max_),
      per_partition_(arguments.per_partition_),
      partitions_known_(arguments.names_.size() / arguments.per_partition_),
      names_(std::move(arguments.names_)),
      program_(std::move(arguments.program_)),
      stopped_(partitions_known_) {
  if (!memory_) return;
  count() = advances() = header()[kIsFull] = 0;
  if (program_) rules_.emplace(*program_);
}

// Null where one of them is not there.
std::optional<ProductNames>* Sales::names_of(int32_t partition) {
  const auto p = static_cast<size_t>(partition);
  if (p >= partitions_known_) return nullptr;
  auto* names = &names_[p * per_partition_];
  for (size_t k = 0; k < per_partition_; k++) {
    if (!names[k]) return nullptr;
  }
  return names;
}

Sales::Outcome Sales::add(int32_t partition, int64_t record_ms, const Record& record) {
  auto* names = names_of(partition);
  if (!names || !program_ || stopped_[partition]) return kUnsure;
  untimed_lines_ = 0;
  if (program_->is_flat) {
    const auto value = record.value();
    if (!value) return kUnsure;
    if (add_flat(partition, record_ms, *value) == kCounted) return kCounted;
  }
  const auto verdict = rules_->judge(record, names);
  if (verdict == Rules::kAwaiting) stopped_[partition] = true;
  if (verdict != Rules::kCounted) return verdict == Rules::kFiltered ? kFiltered : kUnsure;
  const auto& lines = rules_->lines();
  // Each line may begin so many rows. A poll without rows could not take the record next time
  // either.
  if (lines.size() * per_partition_ > rows_max_ - count()) {
    if (count() == 0) return kUnsure;
    header()[kIsFull] = 1;
    return kFull;
  }
  for (const Line& line : lines) {
    if (is_odd(line.time_ms, record_ms)) return kUnsure;
  }
  for (size_t i = 0; i < lines.size(); i++) {
    RowKey key{partition, lines[i].product, second_of(lines[i].time_ms, record_ms)};
    add_line(key, *names[0], lines[i]);
    for (size_t k = 1; k < per_partition_; k++) {
      key.place += SalesArguments::kPartitionsMax;
      key.product = rules_->values(i)[k - 1];
      add_line(key, *names[k], lines[i]);
    }
  }
  untimed_lines_ = rules_->untimed();
  return kCounted;
}

// The most usual records, in half the time: nothing but the four fields.
Sales::Outcome Sales::add_flat(int32_t partition, int64_t record_ms, Text value) {
  ScannedSale sale;
  // Flat sales have no dimensions.
  ProductNames& names = *names_[static_cast<size_t>(partition)];
  if (!scan_sale(value.at, value.bytes, names, &sale)) return kUnsure;
  if (is_odd(sale.timestamp_ms, record_ms)) return kUnsure;
  add_line({partition, sale.product, second_of(sale.timestamp_ms, record_ms)}, names,
           {sale.product, false, sale.quantity_micros, sale.amount, sale.timestamp_ms});
  return kCounted;
}

void Sales::add_line(const RowKey& key, ProductNames& names, const Line& line) {
  const auto quantity = static_cast<double>(line.quantity);
  const auto amount = static_cast<double>(line.amount);
  // The scratch row can be left over from another poll, so check that the row agrees.
  uint32_t& scratch = names.row(key.product);
  uint32_t row = scratch;
  const bool is_ours = row < count() && products()[row] == static_cast<int32_t>(key.product) &&
                       places()[row] == key.place && seconds()[row] == key.second;
  // Integers below 2^53 are exact in a double. A sum that would exceed that starts a new row.
  const auto fits = [](double sum) { return sum <= kExactMax && sum >= -kExactMax; };
  if (!is_ours || !fits(amounts()[row] + amount) || !fits(quantities()[row] + quantity)) {
    row = scratch = new_row(key);
  }
  quantities()[row] += quantity;
  amounts()[row] += amount;
  (line.is_return ? returns() : sales())[row]++;
}

// A sale later than its record counts at the record's time, because one till with a fast clock must
// not move the rings for all others.
double Sales::second_of(int64_t time_ms, int64_t record_ms) const {
  if (!header()[kIsBySecond]) return 0;
  int64_t ms = record_ms;
  if (time_ms != kNoTime && (ms < 0 || time_ms < ms)) ms = time_ms;
  return ms < 0 ? -1 : static_cast<double>(ms / 1000);
}

uint32_t Sales::new_row(const RowKey& key) {
  const uint32_t row = count()++;
  quantities()[row] = amounts()[row] = 0;
  sales()[row] = returns()[row] = 0;
  seconds()[row] = key.second;
  places()[row] = key.place;
  products()[row] = static_cast<int32_t>(key.product);
  return row;
}

void Sales::advance(int32_t partition, int64_t offset, Outcome outcome, int32_t epoch) {
  if (!memory_) return;
  if (advance_ >= advances() || advanced_partitions()[advance_] != partition) {
    advance_ = 0;
    while (advance_ < advances() && advanced_partitions()[advance_] != partition) advance_++;
    if (advance_ == advances()) {
      if (advances() == rows_max_) return;  // only without `has_room`
      advances()++;
      advanced_partitions()[advance_] = partition;
      first_offsets()[advance_] = static_cast<double>(offset);
      counted()[advance_] = filtered()[advance_] = untimed()[advance_] = 0;
    }
  }
  next_offsets()[advance_] = static_cast<double>(offset + 1);
  leader_epochs()[advance_] = epoch;
  if (outcome == kFiltered) filtered()[advance_]++;
  if (outcome != kCounted) return;
  counted()[advance_]++;
  untimed()[advance_] += untimed_lines_;
}

}  // namespace salesboard
