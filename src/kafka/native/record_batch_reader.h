// Walks the records of a whole record batch, as message format v2 lays them out:
// https://kafka.apache.org/documentation/#record
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace salesboard {

// Views into the batch's memory.
struct BatchedRecord {
  int64_t offset;
  int64_t timestamp_ms;
  const uint8_t* key;  // null pointer = null key
  size_t key_bytes;
  const uint8_t* value;  // null pointer = null value
  size_t value_bytes;
  // Their number, then name and value of each. `for_each_header` reads them.
  const uint8_t* headers;
  size_t headers_bytes;
};

// A batch: what its header says, and its records, which somebody else owns.
struct RecordBatchView {
  int64_t base_offset;
  int64_t last_offset;
  // Records below it were not asked for.
  int64_t first_offset;
  int64_t base_timestamp_ms;
  // The time of every record, if the broker has set the times.
  int64_t max_timestamp_ms;
  bool is_append_time;
  int32_t record_count;
  const uint8_t* records;
  size_t bytes;
};

// Trusts nothing that it reads: a record counts only when its parts fill it exactly, lies between
// the offsets of the batch, and follows the record before it. Never reads beyond the batch.
class RecordBatchReader {
 public:
  enum Step : uint8_t { kRecord, kEnd, kBroken };

  explicit RecordBatchReader(const RecordBatchView& batch)
      : batch_(batch), at_(batch.records), end_(batch.records + batch.bytes) {}

  // The next record that is due. The same one each time, until `take`.
  Step look(BatchedRecord* record);
  void take();

  // After kBroken: "record 3 of 10 …", a clause.
  std::string problem() const;

 private:
  Step broken(const char* problem);
  // Reads the record at `at_`; what is wrong with it, or null.
  const char* read(BatchedRecord* record);

  RecordBatchView batch_;
  // The next record, and the one behind it, which `look` has found.
  const uint8_t* at_;
  const uint8_t* behind_ = nullptr;
  const uint8_t* end_;
  int32_t taken_ = 0;
  // Above those of all records taken, relative to the batch.
  int64_t delta_min_ = 0;
  int64_t delta_ = 0;
  const char* problem_ = nullptr;
};

// Zigzag, as in Protocol Buffers. Moves `*at`; false when it is cut off or larger than 64 bits.
inline bool read_varint(const uint8_t** at, const uint8_t* end, int64_t* value) {
  uint64_t word = 0;
  for (unsigned shift = 0; shift <= 63; shift += 7) {
    if (*at == end) return false;
    const uint8_t byte = *(*at)++;
    if (shift == 63 && byte > 1) return false;
    word |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = static_cast<int64_t>(word >> 1 ^ (~(word & 1) + 1));
      return true;
    }
  }
  return false;
}

// Bytes behind their length. A length of −1 is null, for which `*bytes` is a null pointer.
inline bool read_bytes(const uint8_t** at, const uint8_t* end, const uint8_t** bytes,
                       size_t* size) {
  int64_t length;
  if (!read_varint(at, end, &length) || length < -1 || length > end - *at) return false;
  *bytes = length < 0 ? nullptr : *at;
  *size = length < 0 ? 0 : static_cast<size_t>(length);
  *at += *size;
  return true;
}

// Calls `visit(name, name_bytes, value, value_bytes)` for each header; a null pointer = a null
// value. Returns false when the headers do not fill their bytes exactly.
template <class Visit>
bool for_each_header(const uint8_t* headers, size_t headers_bytes, Visit&& visit) {
  const uint8_t* at = headers;
  const uint8_t* end = headers + headers_bytes;
  int64_t count;
  if (!read_varint(&at, end, &count) || count < 0) return false;
  for (; count > 0; count--) {
    const uint8_t* name;
    const uint8_t* value;
    size_t name_bytes;
    size_t value_bytes;
    if (!read_bytes(&at, end, &name, &name_bytes) || !name) return false;
    if (!read_bytes(&at, end, &value, &value_bytes)) return false;
    visit(name, name_bytes, value, value_bytes);
  }
  return at == end;
}

}  // namespace salesboard
