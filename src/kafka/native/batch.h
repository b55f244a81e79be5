// The memory of kafka/batch.ts in C++. That file describes the layout. Change both sides together
// and raise LAYOUT_VERSION in both.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace salesboard {

constexpr uint32_t kLayoutVersion = 1;

// One record to produce: views into the batch's memory.
struct BatchRecord {
  const uint8_t* key;  // null pointer = null key
  size_t key_bytes;
  const uint8_t* value;  // null pointer = null value
  size_t value_bytes;
  const uint8_t* headers;
  size_t headers_bytes;
  int32_t partition;
  double timestamp_ms;

  // The value of the last header of that name; a null pointer = a null value.
  std::optional<std::pair<const uint8_t*, size_t>> last_header(const std::string& name) const {
    std::optional<std::pair<const uint8_t*, size_t>> last;
    const uint8_t* end = headers + headers_bytes;
    for (const uint8_t* at = headers; end - at >= 8;) {
      uint32_t name_bytes;
      int32_t value_bytes;
      memcpy(&name_bytes, at, 4);
      if (static_cast<size_t>(end - at) < size_t{8} + name_bytes) break;
      const uint8_t* name_at = at + 4;
      memcpy(&value_bytes, name_at + name_bytes, 4);
      at = name_at + name_bytes + 4;
      const size_t bytes = value_bytes > 0 ? value_bytes : 0;
      if (static_cast<size_t>(end - at) < bytes) break;
      const bool is_same =
          name.size() == name_bytes && memcmp(name.data(), name_at, name_bytes) == 0;
      if (is_same) last = {value_bytes < 0 ? nullptr : at, bytes};
      at += bytes;
    }
    return last;
  }
};

// One record to hand over: views that live during the call.
struct IncomingRecord {
  int32_t partition;
  int64_t offset;
  int64_t timestamp_ms;
  const void* key;  // null pointer = null key
  size_t key_bytes;
  const void* value;  // null pointer = null value
  size_t value_bytes;
};

// A view of an ArrayBuffer. JavaScript owns the buffer and keeps it referenced during a job.
class Batch {
 public:
  // Writes what is wrong with `memory` to `*wrong`: "must …, received …".
  static std::optional<Batch> over(void* memory, size_t memory_bytes, std::string* wrong) {
    if (memory_bytes < kHeaderBytes) {
      *wrong = "must be the memory of a RecordBatch, received an ArrayBuffer of " +
               std::to_string(memory_bytes) + " bytes";
      return std::nullopt;
    }
    const auto* header = static_cast<const uint32_t*>(memory);
    if (header[kVersion] != kLayoutVersion) {
      *wrong = "must have layout version " + std::to_string(kLayoutVersion) + ", received " +
               std::to_string(header[kVersion]);
      return std::nullopt;
    }
    Batch batch(static_cast<uint8_t*>(memory), header[kRecordsMax], header[kBytesMax]);
    const size_t bytes = batch.bytes_start() + batch.bytes_max_;
    if (batch.records_max_ == 0 || bytes != memory_bytes || header[kCount] > batch.records_max_) {
      *wrong = "must have a header that fits its size, received " + std::to_string(header[kCount]) +
               " of " + std::to_string(batch.records_max_) + " records and " +
               std::to_string(batch.bytes_max_) + " payload bytes in " +
               std::to_string(memory_bytes) + " bytes";
      return std::nullopt;
    }
    return batch;
  }

  uint32_t count() const { return header()[kCount]; }
  size_t room() const { return count() < records_max_ ? records_max_ - count() : 0; }

  double offset(uint32_t i) const { return offsets()[i]; }

  void clear() { header()[kCount] = header()[kBytesUsed] = header()[kBytesNeeded] = 0; }

  // Returns false, and writes nothing, when the record does not fit. If the batch is empty,
  // `bytesNeeded` then says how large it must be. `for_each_header` calls what it is given with
  // each header: name, name_bytes, value, value_bytes; a null pointer = a null value.
  template <class ForEachHeader>
  bool append(const IncomingRecord& record, const ForEachHeader& for_each_header) {
    size_t headers_bytes = 0;
    for_each_header([&](const void*, size_t name_bytes, const void*, size_t value_bytes) {
      headers_bytes += 8 + name_bytes + value_bytes;
    });
    const uint32_t i = count();
    const uint64_t start = header()[kBytesUsed];
    const uint64_t key_end = start + record.key_bytes;
    const uint64_t value_end = key_end + record.value_bytes;
    const uint64_t record_end = value_end + headers_bytes;
    if (i >= records_max_ || record_end > bytes_max_) {
      if (i == 0) header()[kBytesNeeded] = static_cast<uint32_t>(record_end);
      return false;
    }
    if (record.key_bytes) memcpy(bytes() + start, record.key, record.key_bytes);
    if (record.value_bytes) memcpy(bytes() + key_end, record.value, record.value_bytes);
    uint8_t* to = bytes() + value_end;
    for_each_header([&](const void* name, size_t name_bytes, const void* value, size_t bytes) {
      to = write_header(to, name, name_bytes, value, bytes);
    });
    offsets()[i] = static_cast<double>(record.offset);
    timestamps()[i] = static_cast<double>(record.timestamp_ms);
    key_ends()[i] = static_cast<uint32_t>(key_end);
    value_ends()[i] = static_cast<uint32_t>(value_end);
    record_ends()[i] = static_cast<uint32_t>(record_end);
    partitions()[i] = record.partition;
    flags()[i] = (record.key ? 0 : kKeyNull) | (record.value ? 0 : kValueNull);
    header()[kCount] = i + 1;
    header()[kBytesUsed] = static_cast<uint32_t>(record_end);
    return true;
  }

  // Nothing when the ends of record `i` are out of order or beyond the payload bytes.
  std::optional<BatchRecord> record(uint32_t i) const {
    const uint32_t start = i == 0 ? 0 : record_ends()[i - 1];
    const uint32_t key_end = key_ends()[i];
    const uint32_t value_end = value_ends()[i];
    const uint32_t record_end = record_ends()[i];
    const bool in_order = start <= key_end && key_end <= value_end && value_end <= record_end;
    if (!in_order || record_end > bytes_max_) return std::nullopt;
    const uint8_t flag = flags()[i];
    return BatchRecord{flag & kKeyNull ? nullptr : bytes() + start,
                       key_end - start,
                       flag & kValueNull ? nullptr : bytes() + key_end,
                       value_end - key_end,
                       bytes() + value_end,
                       record_end - value_end,
                       partitions()[i],
                       timestamps()[i]};
  }

 private:
  enum Field { kVersion, kRecordsMax, kBytesMax, kCount, kBytesUsed, kBytesNeeded };
  static constexpr size_t kHeaderBytes = 64;
  static constexpr uint8_t kKeyNull = 1;
  static constexpr uint8_t kValueNull = 2;

  Batch(uint8_t* memory, size_t records_max, size_t bytes_max)
      : memory_(memory), records_max_(records_max), bytes_max_(bytes_max) {}

  // Returns the end of what it has written.
  static uint8_t* write_header(uint8_t* to, const void* name, size_t name_bytes, const void* value,
                               size_t value_bytes) {
    const auto name_length = static_cast<uint32_t>(name_bytes);
    const int32_t length = value ? static_cast<int32_t>(value_bytes) : -1;
    memcpy(to, &name_length, 4);
    if (name_bytes) memcpy(to + 4, name, name_bytes);
    memcpy(to + 4 + name_bytes, &length, 4);
    if (value_bytes) memcpy(to + 8 + name_bytes, value, value_bytes);
    return to + 8 + name_bytes + value_bytes;
  }

  template <class T>
  T* column(size_t bytes_before_per_record) const {
    return reinterpret_cast<T*>(memory_ + kHeaderBytes + records_max_ * bytes_before_per_record);
  }
  uint32_t* header() const { return reinterpret_cast<uint32_t*>(memory_); }
  double* offsets() const { return column<double>(0); }
  double* timestamps() const { return column<double>(8); }
  uint32_t* key_ends() const { return column<uint32_t>(16); }
  uint32_t* value_ends() const { return column<uint32_t>(20); }
  uint32_t* record_ends() const { return column<uint32_t>(24); }
  int32_t* partitions() const { return column<int32_t>(28); }
  uint8_t* flags() const { return column<uint8_t>(32); }
  size_t bytes_start() const {
    return kHeaderBytes + records_max_ * 32 + (records_max_ + 7) / 8 * 8;
  }
  uint8_t* bytes() const { return memory_ + bytes_start(); }

  uint8_t* memory_;
  size_t records_max_;
  size_t bytes_max_;
};

}  // namespace salesboard
