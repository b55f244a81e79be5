#include "napi.h"

#include <cmath>
#include <stdexcept>

namespace salesboard {

namespace {

constexpr int64_t kSafeInteger = 9007199254740991;

}  // namespace

namespace js {

void ok(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (pending) throw Pending{};
  throw std::runtime_error("A Node-API call failed with status " + std::to_string(status) + ".");
}

napi_value string(napi_env env, std::string_view text) {
  napi_value value;
  ok(env, napi_create_string_utf8(env, text.data(), text.size(), &value));
  return value;
}

napi_value number(napi_env env, double number) {
  napi_value value;
  ok(env, napi_create_double(env, number, &value));
  return value;
}

napi_value boolean(napi_env env, bool boolean) {
  napi_value value;
  ok(env, napi_get_boolean(env, boolean, &value));
  return value;
}

napi_value undefined(napi_env env) {
  napi_value value;
  ok(env, napi_get_undefined(env, &value));
  return value;
}

napi_value object(napi_env env) {
  napi_value value;
  ok(env, napi_create_object(env, &value));
  return value;
}

napi_value array(napi_env env, size_t length) {
  napi_value value;
  ok(env, napi_create_array_with_length(env, length, &value));
  return value;
}

void set(napi_env env, napi_value object, const char* name, napi_value value) {
  ok(env, napi_set_named_property(env, object, name, value));
}

void set(napi_env env, napi_value array, size_t index, napi_value value) {
  ok(env, napi_set_element(env, array, static_cast<uint32_t>(index), value));
}

napi_value numbers(napi_env env, const std::vector<int32_t>& numbers) {
  return array_of(env, numbers, [env](int32_t n) { return number(env, n); });
}

}  // namespace js

Arguments::Arguments(napi_env env, napi_callback_info info, std::string what)
    : env_(env), what_(std::move(what)) {
  size_t count = kArgumentsMax;  // Node-API fills the missing ones with undefined
  js::ok(env, napi_get_cb_info(env, info, &count, values_, &receiver_, nullptr));
}

void Arguments::fail(const std::string& problem) const {
  throw WrongArgument{"Cannot " + what_ + ": " + problem + "."};
}

void Arguments::wrong(const std::string& subject, const std::string& accepted,
                      napi_value received) const {
  fail(subject + " " + accepted + ", received " + describe(received));
}

void Arguments::require_new(napi_callback_info info) const {
  napi_value target = nullptr;
  js::ok(env_, napi_get_new_target(env_, info, &target));
  if (!target) fail("it must be called with new");
}

napi_valuetype Arguments::type(napi_value value) const {
  napi_valuetype type;
  js::ok(env_, napi_typeof(env_, value, &type));
  return type;
}

bool Arguments::is_null(size_t i) const { return type(values_[i]) == napi_null; }

bool Arguments::is_undefined(size_t i) const { return type(values_[i]) == napi_undefined; }

std::string Arguments::describe(napi_value value) const {
  switch (type(value)) {
    case napi_undefined: return "undefined";
    case napi_null: return "null";
    case napi_function: return "a function";
    case napi_symbol: return "a symbol";
    case napi_string: {
      std::string text = string_value(env_, value);
      return "\"" + (text.size() > 60 ? text.substr(0, 60) + "…" : text) + "\"";
    }
    case napi_boolean:
    case napi_number:
    case napi_bigint: {
      napi_value text;
      js::ok(env_, napi_coerce_to_string(env_, value, &text));
      return string_value(env_, text);
    }
    default: break;
  }
  bool array = false;
  js::ok(env_, napi_is_array(env_, value, &array));
  return array ? "an array" : "an object";
}

std::string Arguments::string(size_t i, const char* name) const {
  if (type(values_[i]) == napi_string) {
    std::string text = string_value(env_, values_[i]);
    // librdkafka takes C strings, so a NUL would silently name another topic.
    if (!text.empty() && text.find('\0') == std::string::npos) return text;
  }
  wrong(name, "must be a non-empty string without NUL", values_[i]);
}

int64_t Arguments::integer_value(napi_value value, const std::string& name, int64_t min,
                                 int64_t max) const {
  double number = NAN;
  if (type(value) == napi_number) js::ok(env_, napi_get_value_double(env_, value, &number));
  if (number >= static_cast<double>(min) && number <= static_cast<double>(max) &&
      number == std::floor(number)) {
    return static_cast<int64_t>(number);
  }
  wrong(name,
        "must be an integer from " + std::to_string(min) + " to " + std::to_string(max), value);
}

int64_t Arguments::integer(size_t i, const char* name, int64_t min, int64_t max) const {
  return integer_value(values_[i], name, min, max);
}

int Arguments::timeout_ms(size_t i, const char* name) const {
  return static_cast<int>(integer(i, name, 0, INT32_MAX));
}

napi_value Arguments::function(size_t i, const char* name) const {
  if (type(values_[i]) != napi_function) wrong(name, "must be a function", values_[i]);
  return values_[i];
}

std::map<std::string, std::string> Arguments::strings_by_name(size_t i, const char* name) const {
  const std::string accepted = "must be an object whose values are strings";
  if (type(values_[i]) != napi_object) wrong(name, accepted, values_[i]);
  napi_value keys;
  uint32_t length;
  js::ok(env_, napi_get_property_names(env_, values_[i], &keys));
  js::ok(env_, napi_get_array_length(env_, keys, &length));
  std::map<std::string, std::string> entries;
  for (uint32_t k = 0; k < length; k++) {
    napi_value key, value;
    js::ok(env_, napi_get_element(env_, keys, k, &key));
    js::ok(env_, napi_get_property(env_, values_[i], key, &value));
    const std::string key_text = string_value(env_, key);
    const bool is_string = type(value) == napi_string;
    if (!is_string) wrong(name + ("." + key_text), "must be a string", value);
    entries[key_text] = string_value(env_, value);
  }
  return entries;
}

uint32_t Arguments::array_length(size_t i, const char* name) const {
  bool array = false;
  js::ok(env_, napi_is_array(env_, values_[i], &array));
  if (!array) wrong(name, "must be an array", values_[i]);
  uint32_t length;
  js::ok(env_, napi_get_array_length(env_, values_[i], &length));
  return length;
}

std::vector<int32_t> Arguments::integers(size_t i, const char* name, int64_t min,
                                         int64_t max) const {
  std::vector<int32_t> numbers(array_length(i, name));
  for (uint32_t k = 0; k < numbers.size(); k++) {
    napi_value element;
    js::ok(env_, napi_get_element(env_, values_[i], k, &element));
    const std::string element_name = std::string(name) + "[" + std::to_string(k) + "]";
    numbers[k] = static_cast<int32_t>(integer_value(element, element_name, min, max));
  }
  return numbers;
}

std::vector<Position> Arguments::positions(size_t i) const {
  std::vector<Position> positions(array_length(i, "positions"));
  for (uint32_t k = 0; k < positions.size(); k++) {
    napi_value element, partition, offset;
    const std::string name = "positions[" + std::to_string(k) + "]";
    js::ok(env_, napi_get_element(env_, values_[i], k, &element));
    if (type(element) != napi_object) wrong(name, "must be an object", element);
    js::ok(env_, napi_get_named_property(env_, element, "partition", &partition));
    js::ok(env_, napi_get_named_property(env_, element, "offset", &offset));
    positions[k] = {
        static_cast<int32_t>(integer_value(partition, name + ".partition", 0, INT32_MAX)),
        integer_value(offset, name + ".offset", RD_KAFKA_OFFSET_BEGINNING, kSafeInteger)};
  }
  return positions;
}

Memory Arguments::array_buffer(napi_value value, const std::string& name) const {
  bool is_buffer = false;
  js::ok(env_, napi_is_arraybuffer(env_, value, &is_buffer));
  if (!is_buffer) wrong(name, "must be an ArrayBuffer", value);
  Memory memory{nullptr, 0};
  js::ok(env_, napi_get_arraybuffer_info(env_, value, &memory.data, &memory.bytes));
  return memory;
}

std::vector<Memory> Arguments::array_buffers(size_t i, const char* name) const {
  std::vector<Memory> memories(array_length(i, name));
  for (uint32_t k = 0; k < memories.size(); k++) {
    napi_value element;
    js::ok(env_, napi_get_element(env_, values_[i], k, &element));
    memories[k] = array_buffer(element, std::string(name) + "[" + std::to_string(k) + "]");
  }
  return memories;
}

SalesArguments Arguments::sales(size_t i) const {
  if (is_undefined(i)) return {};
  std::string wrong;
  auto sales = SalesArguments::over(array_buffer(i, "sums"), partitions(i + 1),
                                    array_buffers(i + 2, "products"),
                                    array_buffer(i + 3, "program"), &wrong);
  if (!sales) fail(wrong);
  return *std::move(sales);
}

Batch Arguments::batch(size_t i) const {
  const Memory memory = array_buffer(i, "memory");
  std::string problem;
  auto batch = Batch::over(memory.data, memory.bytes, &problem);
  if (!batch) fail("memory " + problem);
  return *batch;
}

std::string string_value(napi_env env, napi_value text) {
  size_t bytes = 0;
  js::ok(env, napi_get_value_string_utf8(env, text, nullptr, 0, &bytes));
  std::string result(bytes + 1, '\0');
  js::ok(env, napi_get_value_string_utf8(env, text, result.data(), result.size(), &bytes));
  result.resize(bytes);
  return result;
}

// Uses the length of `message`, because it may contain a NUL.
void throw_type_error(napi_env env, const std::string& message) {
  napi_value text, error;
  if (napi_create_string_utf8(env, message.data(), message.size(), &text) != napi_ok) return;
  if (napi_create_type_error(env, nullptr, text, &error) == napi_ok) napi_throw(env, error);
}

napi_value define_class(napi_env env, const char* name, napi_callback constructor,
                        const std::vector<napi_property_descriptor>& properties) {
  napi_value result;
  js::ok(env, napi_define_class(env, name, NAPI_AUTO_LENGTH, constructor, nullptr,
                                properties.size(), properties.data(), &result));
  return result;
}

}  // namespace salesboard
