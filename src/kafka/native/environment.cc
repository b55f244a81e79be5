#include "environment.h"

#include <set>

#include "napi.h"

namespace salesboard {

namespace {

// Marks objects that hold a `std::shared_ptr<Wrapped>*`. Any other object is a TypeError.
constexpr napi_type_tag kTag = {0x5a1e5b0a4d0c4b6e, 0x9d6f3f3c0e7a2b11};

// One per environment (main thread or worker). The cleanup hook owns it.
struct Environment {
  std::set<std::shared_ptr<Wrapped>> open;
};

void end_environment(void* data) {
  std::unique_ptr<Environment> environment(static_cast<Environment*>(data));
  for (const auto& object : environment->open) object->abandon();
  for (const auto& object : environment->open) object->await_abandoned();
}

Environment* environment_of(napi_env env) {
  void* data = nullptr;
  js::ok(env, napi_get_instance_data(env, &data));
  return static_cast<Environment*>(data);
}

}  // namespace

void wrap(napi_env env, napi_value receiver, std::shared_ptr<Wrapped> object) {
  auto* box = new std::shared_ptr<Wrapped>(object);
  const auto unbox = [](napi_env, void* data, void*) {
    delete static_cast<std::shared_ptr<Wrapped>*>(data);
  };
  js::ok(env, napi_wrap(env, receiver, box, unbox, nullptr, nullptr));
  js::ok(env, napi_type_tag_object(env, receiver, &kTag));
  environment_of(env)->open.insert(std::move(object));
}

void forget(napi_env env, const Wrapped* object) {
  auto& open = environment_of(env)->open;
  for (auto it = open.begin(); it != open.end(); ++it) {
    if (it->get() != object) continue;
    open.erase(it);
    return;
  }
}

void watch_environment(napi_env env) {
  auto* environment = new Environment;
  js::ok(env, napi_set_instance_data(env, environment, nullptr, nullptr));
  js::ok(env, napi_add_env_cleanup_hook(env, end_environment, environment));
}

std::shared_ptr<Wrapped> unwrap(napi_env env, napi_value value) {
  bool ours = false;
  if (napi_check_object_type_tag(env, value, &kTag, &ours) != napi_ok || !ours) return nullptr;
  void* data = nullptr;
  js::ok(env, napi_unwrap(env, value, &data));
  return *static_cast<std::shared_ptr<Wrapped>*>(data);
}

}  // namespace salesboard
