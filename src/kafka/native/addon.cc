// The addon's table of contents. kafka/native.ts is the other side.
//
//   consumer      reads: poll fills a batch (consumer_poll.cc), the assignment, committed offsets
//   producer      sends: records of a batch, transactions; spans: where these stand
//   admin         topics; admin_delete.cc: their end, and that of a group's offsets; identity.cc:
//                 which topic and which cluster it is
//   mock_cluster  librdkafka's broker in memory
//   client        what the first three share: handle, command thread, close (client_queries.cc:
//                 metadata and watermarks)
//   outbox        the way from every other thread to JavaScript
//   batch         the memory that records cross in; record_batch_reader: where they come from, when
//                 librdkafka hands over whole batches (read_record.h: what both have in common)
//   sales         the memory that sums cross in (native-fold/: sales.h begins)
//   standard_error  the log (native-log/): its lines, written by a thread of their own
//   heap          freed memory: kept for the next answer of a broker, or given back
//   napi, errors  argument checks, values, errors
//
// Threads: one JavaScript thread for each environment (main thread or worker); one command thread
// for each client, and one event thread for each producer and admin; librdkafka's threads, which
// call only the log callback; and one thread for the process, which writes the log. The addon uses
// only Node-API, because Bun, workers and Deno all have that, but not libuv.
#include <openssl/crypto.h>
#include <sys/resource.h>

#include "admin.h"
#include "consumer.h"
#include "heap.h"
#include "mock_cluster.h"
#include "producer.h"
#include "read_record.h"
#include "standard_error.h"

namespace salesboard {
namespace {

// A record of a batch as the fast path sees it.
class StoredRecord : public Record {
 public:
  explicit StoredRecord(const BatchRecord& record) : record_(record) {}

  std::optional<Text> key() const override { return text(record_.key, record_.key_bytes); }
  std::optional<Text> value() const override { return text(record_.value, record_.value_bytes); }
  std::optional<Text> header(const std::string& name) const override {
    const auto value = record_.last_header(name);
    return value ? text(value->first, value->second) : std::nullopt;
  }

 private:
  std::optional<Text> text(const uint8_t* at, size_t bytes) const {
    if (!at) return std::nullopt;
#ifdef __SANITIZE_ADDRESS__
    // On its own, so that AddressSanitizer sees a read beyond its end.
    alone_.push_back(std::make_unique<uint8_t[]>(bytes));
    if (bytes > 0) memcpy(alone_.back().get(), at, bytes);
    at = alone_.back().get();
#endif
    return Text{at, bytes};
  }

  const BatchRecord& record_;
#ifdef __SANITIZE_ADDRESS__
  mutable std::vector<std::unique_ptr<uint8_t[]>> alone_;
#endif
};

// Adds up records of a batch, as a poll does. Returns the indexes of those added up or filtered.
napi_value sum_up(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "sum up sales");
  const Batch batch = arguments.batch(0);
  Sales sales(arguments.sales(1));
  std::vector<int32_t> summed_up;
  for (uint32_t i = 0; i < batch.count(); i++) {
    const auto record = batch.record(i);
    if (!record) arguments.fail("the ends of record " + std::to_string(i) + " in memory must be in order");
    const auto record_ms = static_cast<int64_t>(record->timestamp_ms);
    auto outcome = Sales::kUnsure;
    if (sales.has_room()) outcome = sales.add(record->partition, record_ms, StoredRecord(*record));
    // There is no next poll that the record could wait for.
    if (outcome == Sales::kFull) outcome = Sales::kUnsure;
    if (outcome != Sales::kUnsure) summed_up.push_back(i);
    sales.advance(record->partition, static_cast<int64_t>(batch.offset(i)), outcome, -1);
  }
  return js::numbers(env, summed_up);
}

// Walks a whole record batch into a batch, as a poll does. Returns what is wrong with it, or "".
napi_value walk_batch(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "walk a record batch");
  Batch batch = arguments.batch(0);
  const Memory records = arguments.array_buffer(1, "records");
  const Memory header = arguments.array_buffer(2, "header");
  double fields[7];
  if (header.bytes != sizeof fields) arguments.fail("header must be seven numbers of 64 bits");
  memcpy(fields, header.data, sizeof fields);
  const auto field = [&fields](size_t i) { return static_cast<int64_t>(fields[i]); };
  // Memory of its own, so that AddressSanitizer sees a read beyond its end.
  const auto copy = std::make_unique<uint8_t[]>(records.bytes);
  if (records.bytes > 0) memcpy(copy.get(), records.data, records.bytes);
  RecordBatchReader reader({field(0), field(1), field(2), field(3), field(4), field(5) != 0,
                            static_cast<int32_t>(field(6)), copy.get(), records.bytes});
  batch.clear();
  BatchedRecord record;
  RecordBatchReader::Step step;
  while ((step = reader.look(&record)) == RecordBatchReader::kRecord) {
    const WalkedRecord walked(0, record);
    const auto each_header = [&](auto&& visit) { walked.each_header(visit); };
    if (!batch.append(walked.incoming(), each_header)) arguments.fail("memory is too small");
    reader.take();
  }
  const bool is_broken = step == RecordBatchReader::kBroken;
  return js::string(env, is_broken ? reader.problem() : "");
}

// A core dump would hold passwords, also where the shell asks for dumps. Whoever looks for a crash
// can allow one to the running process, so this is not done again for each worker.
bool refuse_core_dump() {
  rlimit limit;
  if (getrlimit(RLIMIT_CORE, &limit) != 0) return false;
  limit.rlim_cur = 0;
  return setrlimit(RLIMIT_CORE, &limit) == 0;
}

napi_value define_addon(napi_env env, napi_value exports) {
  [[maybe_unused]] static const bool is_refused = refuse_core_dump();
  // A process may end while librdkafka's threads run, because Deno's process.exit calls no cleanup
  // hook. OpenSSL must then stay usable, or the exit becomes a segmentation fault.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
  keep_freed_memory();
  watch_environment(env);
  js::set(env, exports, "layoutVersion", js::number(env, kLayoutVersion));
  js::set(env, exports, "librdkafkaVersion", js::string(env, rd_kafka_version_str()));
  const napi_property_descriptor methods[] = {method<sum_up>("sumUp"),
                                              method<walk_batch>("walkBatch")};
  js::ok(env, napi_define_properties(env, exports, std::size(methods), methods));
  js::set(env, exports, "standardError", define_standard_error(env));
  js::set(env, exports, Consumer::kClass, Consumer::define(env));
  js::set(env, exports, Producer::kClass, Producer::define(env));
  js::set(env, exports, Admin::kClass, Admin::define(env));
  js::set(env, exports, MockCluster::kClass, MockCluster::define(env));
  return exports;
}

}  // namespace
}  // namespace salesboard

NAPI_MODULE_INIT() {
  try {
    return salesboard::define_addon(env, exports);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  } catch (...) {  // a JavaScript exception is pending
  }
  return nullptr;
}
