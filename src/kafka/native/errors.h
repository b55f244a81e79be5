// A failed call, as C++ throws it and as JavaScript sees it (`NativeError` in kafka/native.ts).
#pragma once

#include <node_api.h>
#include <string>

#include "librdkafka.h"

namespace salesboard {

// Thrown on any thread, and carried to the JavaScript thread by value.
struct Failure {
  rd_kafka_resp_err_t number = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string code;     // librdkafka's name: "_TIMED_OUT"
  std::string message;  // a full sentence
  bool retriable = false;
  bool txn_requires_abort = false;
  bool fatal = false;
};

// `what` completes "Cannot …". `text` replaces librdkafka's description of the code. With `rk`, the
// error that made the client unusable replaces `_FATAL`.
Failure failure(const std::string& what, rd_kafka_resp_err_t number, rd_kafka_t* rk = nullptr,
                const char* text = nullptr);

// Takes ownership of `error`.
Failure failure(const std::string& what, rd_kafka_error_t* error);

// Throw if there is an error. The second takes ownership of `error`.
void check(const std::string& what, rd_kafka_resp_err_t number, rd_kafka_t* rk = nullptr);
void check(const std::string& what, rd_kafka_error_t* error);

// The failure of a call to a client that is closed or closing.
Failure closed_failure(const std::string& what);

// JavaScript thread only.
napi_value to_js(napi_env env, const Failure& failure);

}  // namespace salesboard
