#include "record_batch_reader.h"

namespace salesboard {

RecordBatchReader::Step RecordBatchReader::look(BatchedRecord* record) {
  if (problem_) return kBroken;
  for (;;) {
    if (taken_ >= batch_.record_count) {
      const bool is_whole = taken_ == batch_.record_count && at_ == end_;
      return is_whole ? kEnd : broken("is not the last one, as the header has it");
    }
    if (const char* problem = read(record)) return broken(problem);
    if (record->offset >= batch_.first_offset) return kRecord;
    take();
  }
}

void RecordBatchReader::take() {
  at_ = behind_;
  delta_min_ = delta_ + 1;
  taken_++;
}

std::string RecordBatchReader::problem() const {
  return "record " + std::to_string(taken_) + " of " + std::to_string(batch_.record_count) + " " +
         (problem_ ? problem_ : "");
}

RecordBatchReader::Step RecordBatchReader::broken(const char* problem) {
  problem_ = problem;
  return kBroken;
}

const char* RecordBatchReader::read(BatchedRecord* record) {
  const uint8_t* at = at_;
  int64_t length;
  if (!read_varint(&at, end_, &length) || length < 1 || length > end_ - at) {
    return "is longer than the batch";
  }
  const uint8_t* end = behind_ = at + length;
  at++;  // attributes, of which none is in use
  int64_t timestamp_delta;
  if (!read_varint(&at, end, &timestamp_delta) || !read_varint(&at, end, &delta_)) {
    return "is cut off";
  }
  if (delta_ < delta_min_ || delta_ > batch_.last_offset - batch_.base_offset) {
    return "has an offset outside its place in the batch";
  }
  if (!read_bytes(&at, end, &record->key, &record->key_bytes) ||
      !read_bytes(&at, end, &record->value, &record->value_bytes)) {
    return "has a key or a value that is longer than the record";
  }
  record->headers = at;
  record->headers_bytes = static_cast<size_t>(end - at);
  const bool has_none = record->headers_bytes == 1 && *at == 0;
  if (!has_none && !for_each_header(at, record->headers_bytes, [](auto...) {})) {
    return "has headers that do not fill it";
  }
  record->offset = batch_.base_offset + delta_;
  // Without signs, because what overflows is a number all the same.
  record->timestamp_ms = batch_.is_append_time
                             ? batch_.max_timestamp_ms
                             : static_cast<int64_t>(static_cast<uint64_t>(batch_.base_timestamp_ms) +
                                                    static_cast<uint64_t>(timestamp_delta));
  return nullptr;
}

}  // namespace salesboard
