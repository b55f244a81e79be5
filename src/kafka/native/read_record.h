// A record that a consumer has read, as the fast path and the batch of a poll take it: a message of
// its own, or one of the records of a whole batch.
#pragma once

#include <optional>
#include <string>

#include "batch.h"
#include "librdkafka.h"
#include "record_batch_reader.h"
#include "../../native-fold/rules.h"

namespace salesboard {

inline std::optional<Text> text_at(const void* at, size_t bytes) {
  if (!at) return std::nullopt;
  return Text{static_cast<const uint8_t*>(at), bytes};
}

class MessageRecord : public Record {
 public:
  explicit MessageRecord(const rd_kafka_message_t& message) : message_(message) {}

  std::optional<Text> key() const override { return text_at(message_.key, message_.key_len); }
  std::optional<Text> value() const override { return text_at(message_.payload, message_.len); }
  std::optional<Text> header(const std::string& name) const override {
    rd_kafka_headers_t* headers = nullptr;
    const void* value = nullptr;
    size_t bytes = 0;
    if (rd_kafka_message_headers(&message_, &headers)) return std::nullopt;
    if (rd_kafka_header_get_last(headers, name.c_str(), &value, &bytes)) return std::nullopt;
    return text_at(value, bytes);
  }

  IncomingRecord incoming() const {
    return {message_.partition, message_.offset,  rd_kafka_message_timestamp(&message_, nullptr),
            message_.key,       message_.key_len, message_.payload,
            message_.len};
  }

  template <class Visit>
  void each_header(Visit&& visit) const {
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message_, &headers)) return;
    const char* name;
    const void* value;
    size_t bytes;
    for (size_t i = 0; !rd_kafka_header_get_all(headers, i, &name, &value, &bytes); i++) {
      visit(name, strlen(name), value, value ? bytes : 0);
    }
  }

 private:
  const rd_kafka_message_t& message_;
};

class WalkedRecord : public Record {
 public:
  WalkedRecord(int32_t partition, const BatchedRecord& record)
      : partition_(partition), record_(record) {}

  std::optional<Text> key() const override { return text_at(record_.key, record_.key_bytes); }
  std::optional<Text> value() const override {
    return text_at(record_.value, record_.value_bytes);
  }
  std::optional<Text> header(const std::string& name) const override {
    std::optional<Text> last;
    each_header([&](const void* at, size_t bytes, const void* value, size_t value_bytes) {
      const bool is_it = bytes == name.size() && memcmp(at, name.data(), bytes) == 0;
      if (is_it) last = text_at(value, value_bytes);
    });
    return last;
  }

  IncomingRecord incoming() const {
    return {partition_,        record_.offset, record_.timestamp_ms, record_.key,
            record_.key_bytes, record_.value,  record_.value_bytes};
  }

  template <class Visit>
  void each_header(Visit&& visit) const {
    for_each_header(record_.headers, record_.headers_bytes, visit);
  }

 private:
  int32_t partition_;
  const BatchedRecord& record_;
};

}  // namespace salesboard
