#include "avro_schema.h"

namespace salesboard {

namespace {

constexpr uint8_t kMagicId = 0;
constexpr uint8_t kMagicGuid = 1;
constexpr size_t kIdBytes = 4;

}  // namespace

AvroBody AvroFormat::open(const Record& record, Text value) const {
  static const std::string kHeader = "__value_schema_id";
  if (!are_named) return {value, schemas.empty() ? nullptr : &schemas[0]};
  const auto header = record.header(kHeader);
  const Text frame = header ? *header : value;
  // The judge says what is wrong, and waits for nothing.
  if (frame.bytes < 1 + kIdBytes) return {};
  if (header && frame.at[0] == kMagicGuid) return {{}, nullptr, true};
  if (frame.at[0] != kMagicId) return {};
  uint32_t id = 0;
  for (size_t i = 1; i <= kIdBytes; i++) id = id << 8 | frame.at[i];
  const size_t prefix = header ? 0 : 1 + kIdBytes;
  const Text body = {value.at + prefix, value.bytes - prefix};
  for (const auto& schema : schemas) {
    if (schema.id == id) return {body, &schema};
  }
  return {body, nullptr, true};
}

}  // namespace salesboard
