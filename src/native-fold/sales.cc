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
                                                   const std::vector<int32_t>& partitions,
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
  if (indexes.size() != partitions.size()) {
    *wrong = "products must be as many as partitions, received " + std::to_string(indexes.size()) +
             " and " + std::to_string(partitions.size());
    return std::nullopt;
  }
  SalesArguments arguments;
  arguments.memory_ = static_cast<uint8_t*>(sums.data);
  arguments.rows_max_ = header[Sales::kRowsMax];
  for (size_t k = 0; k < partitions.size(); k++) {
    std::string problem;
    const auto names = ProductNames::over(indexes[k].data, indexes[k].bytes, &problem);
    if (!names) {
      *wrong = "products[" + std::to_string(k) + "] " + problem;
      return std::nullopt;
    }
    const size_t partition = partitions[k];
    if (partition >= kPartitionsMax) continue;
    if (arguments.names_.size() <= partition) arguments.names_.resize(partition + 1);
    arguments.names_[partition] = *names;
  }
  if (program.bytes == 0) return arguments;
  std::string problem;
  arguments.program_ = Program::over(program, &problem);
  if (!arguments.program_) {
    *wrong = "program " + problem;
    return std::nullopt;
  }
  return arguments;
}

Sales::Sales(SalesArguments arguments)
    : memory_(arguments.memory_),
      rows_max_(arguments.rows_max_),
      names_(std::move(arguments.names_)),
      program_(std::move(arguments.program_)) {
  if (!memory_) return;
  count() = advances() = header()[kIsFull] = 0;
  if (program_) rules_.emplace(*program_);
}

Sales::Outcome Sales::add(int32_t partition, int64_t record_ms, const Record& record) {
  const auto p = static_cast<size_t>(partition);
  if (p >= names_.size() || !names_[p] || !program_) return kUnsure;
  untimed_lines_ = 0;
  if (program_->is_flat) {
    const auto value = record.value();
    if (!value) return kUnsure;
    if (add_flat(partition, record_ms, *value) == kCounted) return kCounted;
  }
  const auto verdict = rules_->judge(record, *names_[p]);
  if (verdict != Rules::kCounted) return verdict == Rules::kFiltered ? kFiltered : kUnsure;
  const auto& lines = rules_->lines();
  // Each line may begin a row. A poll without rows could not take the record next time either.
  if (lines.size() > rows_max_ - count()) {
    if (count() == 0) return kUnsure;
    header()[kIsFull] = 1;
    return kFull;
  }
  for (const Line& line : lines) {
    if (is_odd(line.time_ms, record_ms)) return kUnsure;
  }
  for (const Line& line : lines) add_line(partition, record_ms, line);
  untimed_lines_ = rules_->untimed();
  return kCounted;
}

// The most usual records, in half the time: nothing but the four fields.
Sales::Outcome Sales::add_flat(int32_t partition, int64_t record_ms, Text value) {
  ScannedSale sale;
  if (!scan_sale(value.at, value.bytes, *names_[static_cast<size_t>(partition)], &sale)) {
    return kUnsure;
  }
  if (is_odd(sale.timestamp_ms, record_ms)) return kUnsure;
  add_line(partition, record_ms,
           {sale.product, false, sale.quantity_micros, sale.amount, sale.timestamp_ms});
  return kCounted;
}

void Sales::add_line(int32_t partition, int64_t record_ms, const Line& line) {
  const double second = second_of(line.time_ms, record_ms);
  const auto quantity = static_cast<double>(line.quantity);
  const auto amount = static_cast<double>(line.amount);
  // The scratch row can be left over from another poll, so check that the row agrees.
  uint32_t& scratch = names_[static_cast<size_t>(partition)]->row(line.product);
  uint32_t row = scratch;
  const bool is_ours = row < count() && products()[row] == static_cast<int32_t>(line.product) &&
                       partitions()[row] == partition && seconds()[row] == second;
  // Integers below 2^53 are exact in a double. A sum that would exceed that starts a new row.
  const auto fits = [](double sum) { return sum <= kExactMax && sum >= -kExactMax; };
  if (!is_ours || !fits(amounts()[row] + amount) || !fits(quantities()[row] + quantity)) {
    row = scratch = new_row(partition, line.product, second);
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

uint32_t Sales::new_row(int32_t partition, uint32_t product, double second) {
  const uint32_t row = count()++;
  quantities()[row] = amounts()[row] = 0;
  sales()[row] = returns()[row] = 0;
  seconds()[row] = second;
  partitions()[row] = partition;
  products()[row] = static_cast<int32_t>(product);
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
