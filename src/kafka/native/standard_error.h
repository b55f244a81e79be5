// The log's way out as JavaScript sees it (`NativeStandardError` in kafka/native.ts).
#pragma once

#include <node_api.h>

namespace salesboard {

napi_value define_standard_error(napi_env env);

}  // namespace salesboard
