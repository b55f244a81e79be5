// The objects of one environment (main thread or worker): ties a JavaScript object to one of ours,
// and ends them all when the environment goes away first.
#pragma once

#include <node_api.h>

#include <memory>

namespace salesboard {

class Wrapped {
 public:
  virtual ~Wrapped() = default;
  // The environment goes away, on its thread: all objects are told to stop, then awaited.
  virtual void abandon() = 0;
  virtual void await_abandoned() = 0;
};

// Call once per environment, before any `wrap`.
void watch_environment(napi_env env);

// Ties `object` to `receiver`, and keeps it until `forget` or the end of the environment.
void wrap(napi_env env, napi_value receiver, std::shared_ptr<Wrapped> object);
void forget(napi_env env, const Wrapped* object);

// Null when `value` is not an object of this addon.
std::shared_ptr<Wrapped> unwrap(napi_env env, napi_value value);

}  // namespace salesboard
