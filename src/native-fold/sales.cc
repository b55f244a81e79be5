#include "sales.h"

namespace salesboard {

namespace {
constexpr int64_t kLaterMs = 24 * 60 * 60 * 1000;
}


std::optional<SalesArguments> SalesArguments::over(Memory sums,
                                                   const std::vector<int32_t>& partitions,
                                                   const std::vector<Memory>& indexes,
                                                   std::string* wrong) {
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
  return arguments;
}

Sales::Sales(SalesArguments arguments)
    : memory_(arguments.memory_),
      rows_max_(arguments.rows_max_),
      names_(std::move(arguments.names_)) {
  if (memory_) count() = advances() = 0;
}

bool Sales::add(int32_t partition, const void* value, size_t value_bytes, int64_t record_ms) {
  const auto p = static_cast<size_t>(partition);
  ScannedSale sale;
  if (p >= names_.size() || !names_[p] || !value) return false;
  if (!scan_sale(value, value_bytes, *names_[p], &sale)) return false;
  // A time in another unit, or of a wrong clock, is told of by TypeScript.
  if (record_ms >= 0 && sale.timestamp_ms >= record_ms + kLaterMs) return false;
  const double second = second_of(sale, record_ms);
  // The scratch row can be left over from another poll, so check that the row agrees.
  uint32_t& scratch = names_[p]->row(sale.product);
  uint32_t row = scratch;
  const bool is_ours = row < count() && products()[row] == static_cast<int32_t>(sale.product) &&
                       partitions()[row] == partition && seconds()[row] == second;
  // Integers below 2^53 are exact in a double. An amount that would exceed that starts a new row.
  if (!is_ours || amounts()[row] + sale.amount > static_cast<double>(kExactMax)) {
    row = scratch = new_row(partition, sale.product, second);
  }
  quantities()[row] += sale.quantity;
  amounts()[row] += sale.amount;
  sales()[row]++;
  return true;
}

// A sale later than its record counts at the record's time, because one till with a fast clock must
// not move the rings for all others.
double Sales::second_of(const ScannedSale& sale, int64_t record_ms) const {
  if (!header()[kIsBySecond]) return 0;
  int64_t ms = record_ms;
  if (sale.timestamp_ms != kNoTime && (ms < 0 || sale.timestamp_ms < ms)) ms = sale.timestamp_ms;
  return ms < 0 ? kNoTime : static_cast<double>(ms / 1000);
}

uint32_t Sales::new_row(int32_t partition, uint32_t product, double second) {
  const uint32_t row = count()++;
  quantities()[row] = amounts()[row] = sales()[row] = 0;
  seconds()[row] = second;
  partitions()[row] = partition;
  products()[row] = static_cast<int32_t>(product);
  return row;
}

void Sales::advance(int32_t partition, int64_t offset) {
  if (!memory_) return;
  if (advance_ >= advances() || advanced_partitions()[advance_] != partition) {
    advance_ = 0;
    while (advance_ < advances() && advanced_partitions()[advance_] != partition) advance_++;
    if (advance_ == advances()) {
      advances()++;
      advanced_partitions()[advance_] = partition;
      first_offsets()[advance_] = static_cast<double>(offset);
    }
  }
  next_offsets()[advance_] = static_cast<double>(offset + 1);
}

}  // namespace salesboard
