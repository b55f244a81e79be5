// The part of Node-API that every class needs: values, argument checks, and a guard that keeps C++
// exceptions out of the runtime. Everything here is for the JavaScript thread.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../../native-fold/sales.h"
#include "batch.h"
#include "environment.h"
#include "errors.h"

namespace salesboard {

// Becomes a TypeError: "Cannot poll: waitMs must be …, received …."
struct WrongArgument {
  std::string message;
};

// A JavaScript exception is already pending, for example from a getter of an argument.
struct Pending {};

struct Position {
  int32_t partition;
  int64_t offset;
};

namespace js {

void ok(napi_env env, napi_status status);
napi_value string(napi_env env, std::string_view text);
napi_value number(napi_env env, double number);
napi_value boolean(napi_env env, bool value);
napi_value undefined(napi_env env);
napi_value object(napi_env env);
napi_value array(napi_env env, size_t length);
void set(napi_env env, napi_value object, const char* name, napi_value value);
void set(napi_env env, napi_value array, size_t index, napi_value value);

template <class T, class ToJs>
napi_value array_of(napi_env env, const std::vector<T>& items, ToJs to_js) {
  napi_value result = array(env, items.size());
  for (size_t i = 0; i < items.size(); i++) set(env, result, i, to_js(items[i]));
  return result;
}

napi_value numbers(napi_env env, const std::vector<int32_t>& numbers);

}  // namespace js

// The arguments of one call. `what` completes "Cannot …" in the messages.
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info, std::string what);

  napi_env env() const { return env_; }
  const std::string& what() const { return what_; }
  napi_value receiver() const { return receiver_; }

  std::string string(size_t i, const char* name) const;
  int64_t integer(size_t i, const char* name, int64_t min, int64_t max) const;
  int timeout_ms(size_t i, const char* name = "timeoutMs") const;
  napi_value function(size_t i, const char* name) const;
  std::map<std::string, std::string> strings_by_name(size_t i, const char* name) const;
  std::vector<int32_t> integers(size_t i, const char* name, int64_t min, int64_t max) const;
  std::vector<int32_t> partitions(size_t i) const {
    return integers(i, "partitions", 0, INT32_MAX);
  }
  std::vector<Position> positions(size_t i) const;
  Batch batch(size_t i) const;
  // The memory of SaleSums, the partitions, and a ProductIndex for each; or none of the three.
  SalesArguments sales(size_t i) const;
  Memory array_buffer(size_t i, const char* name) const {
    return array_buffer(values_[i], name);
  }
  std::vector<Memory> array_buffers(size_t i, const char* name) const;
  napi_value value(size_t i) const { return values_[i]; }
  bool is_null(size_t i) const;
  bool is_undefined(size_t i) const;

  // The object that the method was called on, or the one passed.
  template <class T>
  std::shared_ptr<T> self() const {
    return instance_of<T>(receiver_, "it must be called on a");
  }
  template <class T>
  std::shared_ptr<T> instance(size_t i, const char* name) const {
    return instance_of<T>(values_[i], std::string(name) + " must be a");
  }

  void require_new(napi_callback_info info) const;
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  static constexpr size_t kArgumentsMax = 6;

  [[noreturn]] void wrong(const std::string& subject, const std::string& accepted,
                          napi_value received) const;
  template <class T>
  std::shared_ptr<T> instance_of(napi_value value, const std::string& subject) const {
    std::shared_ptr<T> object;
    if (type(value) == napi_object) object = std::dynamic_pointer_cast<T>(unwrap(env_, value));
    if (!object) wrong(subject, T::kClass, value);
    return object;
  }
  int64_t integer_value(napi_value value, const std::string& name, int64_t min, int64_t max) const;
  std::string describe(napi_value value) const;
  napi_valuetype type(napi_value value) const;
  uint32_t array_length(size_t i, const char* name) const;
  Memory array_buffer(napi_value value, const std::string& name) const;

  napi_env env_;
  std::string what_;
  napi_value receiver_;
  napi_value values_[kArgumentsMax];
};

std::string string_value(napi_env env, napi_value text);

void throw_type_error(napi_env env, const std::string& message);

// The callback for the runtime. No C++ exception leaves it.
template <napi_value (*body)(napi_env, napi_callback_info)>
napi_value guarded(napi_env env, napi_callback_info info) noexcept {
  try {
    return body(env, info);
  } catch (const WrongArgument& wrong) {
    throw_type_error(env, wrong.message);
  } catch (const Failure& failure) {
    napi_throw(env, to_js(env, failure));
  } catch (const Pending&) {
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

template <napi_value (*body)(napi_env, napi_callback_info)>
napi_property_descriptor method(const char* name) {
  return {name, nullptr, guarded<body>, nullptr, nullptr, nullptr, napi_default_method, nullptr};
}

template <napi_value (*body)(napi_env, napi_callback_info)>
napi_property_descriptor getter(const char* name) {
  return {name, nullptr, nullptr, guarded<body>, nullptr, nullptr, napi_default, nullptr};
}

napi_value define_class(napi_env env, const char* name, napi_callback constructor,
                        const std::vector<napi_property_descriptor>& properties);

}  // namespace salesboard
