#include "producer.h"

#include <cstring>
#include <utility>

#include "consumer.h"
#include "partitions.h"

namespace salesboard {

namespace {

// Null when the bytes are not headers in the encoding of kafka/batch.ts.
Headers decode_headers(const uint8_t* at, size_t bytes) {
  Headers headers(rd_kafka_headers_new(8));
  const uint8_t* const end = at + bytes;
  const auto left = [&] { return static_cast<size_t>(end - at); };
  while (at < end) {
    uint32_t name_bytes;
    int32_t value_bytes;
    if (left() < 8) return nullptr;
    memcpy(&name_bytes, at, 4);
    if (name_bytes > left() - 8) return nullptr;
    const auto* name = reinterpret_cast<const char*>(at + 4);
    at += 4 + name_bytes;
    memcpy(&value_bytes, at, 4);
    at += 4;
    const size_t length = value_bytes < 0 ? 0 : static_cast<size_t>(value_bytes);
    if (length > left()) return nullptr;
    rd_kafka_header_add(headers.get(), name, name_bytes, value_bytes < 0 ? nullptr : at,
                        static_cast<ssize_t>(length));
    at += length;
  }
  return headers;
}

// The error concerns the producer, not this record, so no later record can succeed.
bool concerns_producer(const rd_kafka_error_t* error) {
  const auto number = rd_kafka_error_code(error);
  return rd_kafka_error_is_fatal(error) || number == RD_KAFKA_RESP_ERR__FATAL ||
         number == RD_KAFKA_RESP_ERR__STATE;
}

// API keys of the Kafka protocol.
constexpr int16_t kEndTxn = 26;
constexpr int16_t kTxnOffsetCommit = 28;

// A broker thread calls this when a whole request has left.
rd_kafka_resp_err_t request_sent(rd_kafka_t*, int, const char*, int32_t, int16_t api, int16_t,
                                 int32_t, size_t, void* count) {
  if (api == kEndTxn || api == kTxnOffsetCommit) ++*static_cast<std::atomic<uint64_t>*>(count);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace

rd_kafka_resp_err_t Producer::watch(rd_kafka_t* rk, const rd_kafka_conf_t*, void* opaque, char*,
                                    size_t) {
  auto* const self = static_cast<Producer*>(opaque);
  const auto error = rd_kafka_interceptor_add_on_request_sent(rk, "salesboard", request_sent,
                                                              &self->closing_requests_);
  if (error) return error;
  // A broker thread calls this for each record that is done; `produce` for each that it refuses.
  const auto done = [](rd_kafka_t*, rd_kafka_message_t* message, void* producer) {
    if (!message->err) ++static_cast<Producer*>(producer)->acknowledged_;
    static_cast<Producer*>(producer)->spans_.note(*message);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  };
  return rd_kafka_interceptor_add_on_acknowledgement(rk, "salesboard", done, self);
}

void Producer::configure(const Arguments& arguments, rd_kafka_conf_t* conf) {
  if (rd_kafka_conf_interceptor_add_on_new(conf, "salesboard", watch, this)) {
    arguments.fail("librdkafka refused the interceptor that counts requests and records");
  }
  size_t length = 0;
  rd_kafka_conf_get(conf, "transactional.id", nullptr, &length);
  is_transactional_ = length > 1;  // the end of the text counts
}

rd_kafka_topic_t* Producer::topic(const std::string& what, const std::string& name) {
  auto& topic = topics_[name];
  if (!topic) topic.reset(rd_kafka_topic_new(rk_, name.c_str(), nullptr));
  if (!topic) throw failure(what + " to topic " + name, rd_kafka_last_error(), rk_);
  return topic.get();
}

rd_kafka_error_t* Producer::send(rd_kafka_topic_t* topic, const BatchRecord& record) {
  rd_kafka_vu_t arguments[7];
  size_t count = 0;
  const auto add = [&](rd_kafka_vtype_t type) -> decltype(arguments[0].u)& {
    arguments[count].vtype = type;
    return arguments[count++].u;
  };
  add(RD_KAFKA_VTYPE_RKT).rkt = topic;
  add(RD_KAFKA_VTYPE_PARTITION).i32 = record.partition;
  add(RD_KAFKA_VTYPE_MSGFLAGS).i = RD_KAFKA_MSG_F_COPY;
  add(RD_KAFKA_VTYPE_KEY).mem = {const_cast<uint8_t*>(record.key), record.key_bytes};
  add(RD_KAFKA_VTYPE_VALUE).mem = {const_cast<uint8_t*>(record.value), record.value_bytes};
  if (record.timestamp_ms > 0) {  // else the time of sending
    add(RD_KAFKA_VTYPE_TIMESTAMP).i64 = static_cast<int64_t>(record.timestamp_ms);
  }
  Headers headers;
  if (record.headers_bytes > 0) {
    headers = decode_headers(record.headers, record.headers_bytes);
    if (!headers) {
      return rd_kafka_error_new(RD_KAFKA_RESP_ERR__INVALID_ARG, "the record's headers are damaged");
    }
    add(RD_KAFKA_VTYPE_HEADERS).headers = headers.get();
  }
  rd_kafka_error_t* error = rd_kafka_produceva(rk_, arguments, count);
  if (!error) headers.release();  // the record owns them now
  return error;
}

napi_value Producer::produce(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "produce");
  const auto self = arguments.self<Producer>();
  const auto name = arguments.string(0, "topic");
  const Batch batch = arguments.batch(1);
  const auto from = static_cast<uint32_t>(arguments.integer(2, "from", 0, batch.count()));
  self->handle(arguments.what());
  rd_kafka_topic_t* topic = self->topic(arguments.what(), name);
  uint32_t i = from;
  for (; i < batch.count(); i++) {
    const auto record = batch.record(i);
    if (!record) arguments.fail("record " + std::to_string(i) + " must end within the batch");
    rd_kafka_error_t* error = self->send(topic, *record);
    if (!error) continue;
    const auto number = rd_kafka_error_code(error);
    if (number == RD_KAFKA_RESP_ERR__QUEUE_FULL || concerns_producer(error)) {
      if (number != RD_KAFKA_RESP_ERR__QUEUE_FULL && i == from) {
        check(arguments.what() + " to topic " + name, error);
      }
      rd_kafka_error_destroy(error);
      break;
    }
    self->add_failure(name.c_str(), record->partition, number, rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
  }
  return js::number(env, i - from);
}

void Producer::add_failure(const char* topic, int32_t partition, rd_kafka_resp_err_t number,
                           const char* text) {
  const std::lock_guard<std::mutex> lock(failures_lock_);
  for (auto& row : failures_) {
    if (row.partition == partition && row.error.number == number && row.topic == topic) {
      row.count++;
      return;
    }
  }
  if (failures_.size() == kFailureRowsMax) {
    failures_.back().count++;
    return;
  }
  const std::string what = "deliver to " + std::string(topic) +
                           (partition < 0 ? "" : "[" + std::to_string(partition) + "]");
  failures_.push_back({topic, partition, failure(what, number, rk_, text), 1});
}

void Producer::delivered(rd_kafka_event_t* event) {
  while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
    if (!message->err) continue;
    const bool is_purged = message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
                           message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
    // A close or an abort gave the record up. Of a transaction that failed, `commit` says so.
    if (is_purged && (closing() || is_transactional_)) continue;
    auto number = message->err;
    const char* text = rd_kafka_err2str(number);
    // librdkafka purges what is queued when an error is fatal, and that error is the reason.
    char fatal_text[512];
    if (is_purged || number == RD_KAFKA_RESP_ERR__FATAL) {
      if (const auto cause = rd_kafka_fatal_error(rk_, fatal_text, sizeof fatal_text)) {
        number = cause;
        text = fatal_text;
      }
    }
    add_failure(rd_kafka_topic_name(message->rkt), message->partition, number, text);
  }
}

napi_value Producer::take_failures(napi_env env, napi_callback_info info) {
  const auto self = Arguments(env, info, "take failures").self<Producer>();
  std::vector<FailedDeliveries> failures;
  {
    const std::lock_guard<std::mutex> lock(self->failures_lock_);
    failures.swap(self->failures_);
  }
  return js::array_of(env, failures, [env](const FailedDeliveries& row) {
    napi_value result = js::object(env);
    js::set(env, result, "topic", js::string(env, row.topic));
    js::set(env, result, "partition", js::number(env, row.partition));
    js::set(env, result, "error", to_js(env, row.error));
    js::set(env, result, "count", js::number(env, static_cast<double>(row.count)));
    return result;
  });
}

napi_value Producer::in_flight(napi_env env, napi_callback_info info) {
  const auto self = Arguments(env, info, "read inFlight").self<Producer>();
  return js::number(env, self->closing() ? 0 : rd_kafka_outq_len(self->rk_));
}

napi_value Producer::acknowledged(napi_env env, napi_callback_info info) {
  const auto self = Arguments(env, info, "read acknowledged").self<Producer>();
  return js::number(env, static_cast<double>(self->acknowledged_));
}

napi_value Producer::closing_requests(napi_env env, napi_callback_info info) {
  const auto self = Arguments(env, info, "read closingRequests").self<Producer>();
  return js::number(env, static_cast<double>(self->closing_requests_));
}

napi_value Producer::submit_timed(napi_env env, napi_callback_info info, const char* what,
                                  TimedCall call) {
  const Arguments arguments(env, info, what);
  const auto self = arguments.self<Producer>();
  const int timeout_ms = arguments.timeout_ms(0);
  const auto work = [self = self.get(), timeout_ms, call, what = arguments.what()] {
    self->retry_slices(what, timeout_ms, [&](int slice_ms) { return call(self->rk_, slice_ms); });
    return Answer(js::undefined);
  };
  return self->submit(arguments, work);
}

napi_value Producer::flush(napi_env env, napi_callback_info info) {
  return submit_timed(env, info, "flush", [](rd_kafka_t* rk, int slice_ms) -> rd_kafka_error_t* {
    // librdkafka purges once, and a record that was queued just then would wait for minutes.
    if (rd_kafka_fatal_error(rk, nullptr, 0)) rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE);
    const auto number = rd_kafka_flush(rk, slice_ms);
    if (!number) return nullptr;
    return rd_kafka_error_new(number, "%d records are still in flight", rd_kafka_outq_len(rk));
  });
}

napi_value Producer::init_transactions(napi_env env, napi_callback_info info) {
  return submit_timed(env, info, "initialise transactions", rd_kafka_init_transactions);
}

napi_value Producer::commit_transaction(napi_env env, napi_callback_info info) {
  return submit_timed(env, info, "commit the transaction", rd_kafka_commit_transaction);
}

napi_value Producer::abort_transaction(napi_env env, napi_callback_info info) {
  return submit_timed(env, info, "abort the transaction", rd_kafka_abort_transaction);
}

napi_value Producer::begin_transaction(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "begin a transaction");
  const auto self = arguments.self<Producer>();
  check(arguments.what(), rd_kafka_begin_transaction(self->handle(arguments.what())));
  self->spans_.begin();
  return js::undefined(env);
}

napi_value Producer::appended(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "read where records stand");
  return arguments.self<Producer>()->spans_.to_js(env, arguments.string(0, "topic"));
}

napi_value Producer::send_offsets(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "send offsets to the transaction");
  const auto self = arguments.self<Producer>();
  const auto consumer = arguments.instance<Consumer>(0, "consumer");
  const auto topic = arguments.string(1, "topic");
  const auto positions = arguments.positions(2);
  const int timeout_ms = arguments.timeout_ms(3);
  const auto what = arguments.what();
  return self->submit(arguments, [self = self.get(), consumer, topic, positions, timeout_ms, what] {
    const auto list = partition_list(topic, positions);
    const auto metadata = consumer->group_metadata(what);
    check(what, rd_kafka_send_offsets_to_transaction(self->rk_, list.get(), metadata.get(),
                                                     timeout_ms));
    return Answer(js::undefined);
  });
}

void Producer::shut_down(int) {
  rd_kafka_purge(rk_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  topics_.clear();
}

napi_value Producer::define(napi_env env) {
  auto properties = shared_properties();
  properties.insert(
      properties.end(),
      {method<produce>("produce"), getter<in_flight>("inFlight"),
       getter<acknowledged>("acknowledged"),
       getter<closing_requests>("closingRequests"),
       method<take_failures>("takeFailures"), method<flush>("flush"),
       method<init_transactions>("initTransactions"),
       method<begin_transaction>("beginTransaction"), method<appended>("appended"),
       method<send_offsets>("sendOffsets"),
       method<commit_transaction>("commitTransaction"),
       method<abort_transaction>("abortTransaction")});
  return define_class(env, kClass, guarded<construct<Producer>>, properties);
}

}  // namespace salesboard
