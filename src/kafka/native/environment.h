// The objects of one environment (main thread or worker): what ties a JavaScript object to one of
// ours, and what ends them all when the environment goes away first.
#pragma once

#include <node_api.h>

#include <memory>

namespace salesboard {

class Wrapped {
 public:
  virtual ~Wrapped() = default;
  // The environment goes away, on its thread: first all are told to stop, then all are waited for.
  virtual void abandon() = 0;
  virtual void await_abandoned() = 0;
};

// Once per environment, before any `wrap`.
void watch_environment(napi_env env);

// Ties `object` to `receiver` and keeps it until `forget`, or until the environment ends.
void wrap(napi_env env, napi_value receiver, std::shared_ptr<Wrapped> object);
void forget(napi_env env, const Wrapped* object);

// Null when `value` is not an object of this addon.
std::shared_ptr<Wrapped> unwrap(napi_env env, napi_value value);

}  // namespace salesboard
