#include "outbox.h"

#include "napi.h"

namespace salesboard {

namespace {

// No call waits for an exception of `on_event`, so it becomes an uncaught exception.
void call(napi_env env, napi_value function, napi_value argument) {
  const auto called = napi_call_function(env, js::undefined(env), function, 1, &argument, nullptr);
  if (called == napi_ok) return;
  napi_value thrown;
  if (napi_get_and_clear_last_exception(env, &thrown) == napi_ok) napi_fatal_exception(env, thrown);
}

}  // namespace

napi_value log_event(napi_env env, int level, const std::string& facility,
                     const std::string& message) {
  napi_value event = js::object(env);
  js::set(env, event, "type", js::string(env, "log"));
  js::set(env, event, "level", js::number(env, level));
  js::set(env, event, "facility", js::string(env, facility));
  js::set(env, event, "message", js::string(env, message));
  return event;
}

napi_value stats_event(napi_env env, const std::string& json) {
  napi_value event = js::object(env);
  js::set(env, event, "type", js::string(env, "stats"));
  js::set(env, event, "json", js::string(env, json));
  return event;
}

void Outbox::post_throttle(int broker, int ms) {
  if (ms <= 0) return;
  post_event([broker, ms](napi_env env) {
    napi_value event = js::object(env);
    js::set(env, event, "type", js::string(env, "throttle"));
    js::set(env, event, "broker", js::number(env, broker));
    js::set(env, event, "ms", js::number(env, ms));
    return event;
  });
}

void Outbox::open(napi_env env, napi_value on_event) {
  js::ok(env, napi_create_threadsafe_function(
                  env, on_event, nullptr, js::string(env, "salesboard"), 0, 1, nullptr, nullptr,
                  nullptr, on_javascript_thread, &function_));
  js::ok(env, napi_unref_threadsafe_function(env, function_));
}

void Outbox::close() {
  const std::lock_guard<std::mutex> lock(gate_);
  if (function_) napi_release_threadsafe_function(function_, napi_tsfn_abort);
  function_ = nullptr;
}

void Outbox::post(std::function<void(napi_env)> delivery) {
  send([delivery = std::move(delivery)](napi_env env, napi_value) { delivery(env); });
}

void Outbox::post_event(Answer event) {
  if (events_waiting_.fetch_add(1) >= kEventsMax) {
    events_waiting_--;
    events_dropped_++;
    return;
  }
  send([self = shared_from_this(), event = std::move(event)](napi_env env, napi_value on_event) {
    self->events_waiting_--;
    self->report_dropped(env, on_event);
    call(env, on_event, event(env));
  });
}

void Outbox::hold(napi_env env, bool hold) {
  const std::lock_guard<std::mutex> lock(gate_);
  if (!function_) return;
  if (hold) {
    napi_ref_threadsafe_function(env, function_);
  } else {
    napi_unref_threadsafe_function(env, function_);
  }
}

void Outbox::send(Delivery delivery) {
  auto* data = new Delivery(std::move(delivery));
  const std::lock_guard<std::mutex> lock(gate_);
  const bool sent = function_ && napi_call_threadsafe_function(function_, data,
                                                               napi_tsfn_nonblocking) == napi_ok;
  if (!sent) delete data;
}

// Without an environment, the runtime is going away, and there is only memory to free.
void Outbox::on_javascript_thread(napi_env env, napi_value on_event, void*, void* data) {
  const std::unique_ptr<Delivery> delivery(static_cast<Delivery*>(data));
  if (!env || !on_event) return;
  try {
    (*delivery)(env, on_event);
  } catch (const Pending&) {
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
}

void Outbox::report_dropped(napi_env env, napi_value on_event) {
  const int dropped = events_dropped_.exchange(0);
  if (dropped == 0) return;
  const std::string text = std::to_string(dropped) + " events were dropped because " +
                           std::to_string(kEventsMax) + " were already waiting.";
  call(env, on_event, log_event(env, 4, "DROPPED", text));
}

}  // namespace salesboard
