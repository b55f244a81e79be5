// The only way from librdkafka's threads and ours to JavaScript.
#pragma once

#include <node_api.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace salesboard {

// Makes a JavaScript value on the JavaScript thread.
using Answer = std::function<napi_value(napi_env)>;

// A `NativeEvent` of type "log"; `level` is syslog's, 0 to 7.
napi_value log_event(napi_env env, int level, const std::string& facility,
                     const std::string& message);

// A `NativeEvent` of type "stats".
napi_value stats_event(napi_env env, const std::string& json);

// Always owned by a std::shared_ptr, so that pending deliveries keep it alive.
class Outbox : public std::enable_shared_from_this<Outbox> {
 public:
  // JavaScript thread. Keeps the process alive only while `hold` says so.
  void open(napi_env env, napi_value on_event);
  // JavaScript thread. No callback runs after it returns.
  void close();

  // Any thread. Deliveries are never dropped. At most one for each pending promise.
  void post(std::function<void(napi_env)> delivery);
  // Any thread. Calls `on_event`. Drops and counts the event while `kEventsMax` are waiting.
  void post_event(Answer event);
  // The same for a `NativeEvent` of type "throttle": a quota made a broker delay an answer by `ms`.
  void post_throttle(int broker, int ms);

  // JavaScript thread. Says whether promises are pending.
  void hold(napi_env env, bool hold);

 private:
  static constexpr int kEventsMax = 1000;
  using Delivery = std::function<void(napi_env, napi_value on_event)>;

  static void on_javascript_thread(napi_env env, napi_value on_event, void*, void* data);
  void send(Delivery delivery);
  void report_dropped(napi_env env, napi_value on_event);

  // Guards `function_`, so that nobody calls into an environment that is going away.
  std::mutex gate_;
  napi_threadsafe_function function_ = nullptr;
  std::atomic<int> events_waiting_{0};
  std::atomic<int> events_dropped_{0};
};

}  // namespace salesboard
