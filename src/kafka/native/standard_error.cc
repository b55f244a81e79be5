#include "standard_error.h"

#include "../../native-log/line_writer.h"
#include "napi.h"

namespace salesboard {

namespace {

napi_value write(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "write a line");
  return js::boolean(env, LineWriter::standard_error().write(arguments.string(0, "line")));
}

napi_value take_dropped(napi_env env, napi_callback_info) {
  return js::number(env, static_cast<double>(LineWriter::standard_error().take_dropped()));
}

napi_value flush(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "flush lines");
  const auto time = std::chrono::milliseconds(arguments.timeout_ms(0));
  return js::boolean(env, LineWriter::standard_error().flush(time));
}

}  // namespace

napi_value define_standard_error(napi_env env) {
  napi_value result = js::object(env);
  const napi_property_descriptor methods[] = {
      method<write>("write"), method<take_dropped>("takeDropped"), method<flush>("flush")};
  js::ok(env, napi_define_properties(env, result, std::size(methods), methods));
  return result;
}

}  // namespace salesboard
