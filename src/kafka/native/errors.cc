#include "errors.h"

#include "napi.h"

namespace salesboard {

namespace {

std::string sentence(const std::string& what, std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return what.empty() ? text + "." : "Cannot " + what + ": " + text + ".";
}

}  // namespace

Failure failure(const std::string& what, rd_kafka_resp_err_t number, rd_kafka_t* rk,
                const char* text) {
  char fatal_text[512];
  const bool fatal = number == RD_KAFKA_RESP_ERR__FATAL;
  if (fatal && rk) {
    const auto cause = rd_kafka_fatal_error(rk, fatal_text, sizeof fatal_text);
    if (cause) {
      number = cause;
      text = fatal_text;
    }
  }
  Failure result;
  result.number = number;
  result.code = rd_kafka_err2name(number);
  result.message = sentence(what, text && *text ? text : rd_kafka_err2str(number));
  result.fatal = fatal;
  return result;
}

Failure failure(const std::string& what, rd_kafka_error_t* error) {
  Failure result = failure(what, rd_kafka_error_code(error), nullptr, rd_kafka_error_string(error));
  result.retriable = rd_kafka_error_is_retriable(error);
  result.txn_requires_abort = rd_kafka_error_txn_requires_abort(error);
  result.fatal = rd_kafka_error_is_fatal(error);
  rd_kafka_error_destroy(error);
  return result;
}

void check(const std::string& what, rd_kafka_resp_err_t number, rd_kafka_t* rk) {
  if (number) throw failure(what, number, rk);
}

void check(const std::string& what, rd_kafka_error_t* error) {
  if (error) throw failure(what, error);
}

Failure closed_failure(const std::string& what) {
  return failure(what, RD_KAFKA_RESP_ERR__DESTROY, nullptr, "the client is closed");
}

napi_value to_js(napi_env env, const Failure& failure) {
  napi_value error;
  js::ok(env, napi_create_error(env, js::string(env, failure.code),
                                js::string(env, failure.message), &error));
  js::set(env, error, "number", js::number(env, failure.number));
  js::set(env, error, "retriable", js::boolean(env, failure.retriable));
  js::set(env, error, "txnRequiresAbort", js::boolean(env, failure.txn_requires_abort));
  js::set(env, error, "fatal", js::boolean(env, failure.fatal));
  return error;
}

}  // namespace salesboard
