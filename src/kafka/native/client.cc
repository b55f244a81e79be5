#include "client.h"

#include <algorithm>

namespace salesboard {

namespace {

constexpr int kSliceMs = 100;

int remaining_ms(Clock::time_point deadline) {
  const std::chrono::duration<double, std::milli> left = deadline - Clock::now();
  return std::max(0, static_cast<int>(left.count()));
}

bool is_secret(const std::string& property) {
  const auto has = [&](const char* word) { return property.find(word) != std::string::npos; };
  return has("password") || has("secret") || has("key");
}

void set_property(const Arguments& arguments, rd_kafka_conf_t* conf, const std::string& property,
                  const std::string& value) {
  char problem[512] = "";
  const auto result =
      rd_kafka_conf_set(conf, property.c_str(), value.c_str(), problem, sizeof problem);
  if (result == RD_KAFKA_CONF_OK) return;
  // librdkafka's message contains the value, so a secret gets a message without it.
  if (is_secret(property) && result == RD_KAFKA_CONF_INVALID) {
    arguments.fail("config." + property + " must have a value that librdkafka accepts; it is not shown");
  }
  arguments.fail("config." + property + ": " + problem);
}

}  // namespace

void Client::open(const Arguments& arguments) {
  outbox_->open(arguments.env(), arguments.function(1, "onEvent"));
  try {
    create_handle(arguments);
    opened();
    wrap(arguments.env(), arguments.receiver(), shared_from_this());
  } catch (...) {
    if (rk_) rd_kafka_destroy(rk_);
    outbox_->close();
    throw;
  }
  if (type_ == RD_KAFKA_PRODUCER) event_thread_ = std::thread([this] { serve_events(); });
  thread_ = std::thread([self = shared_from_this()] { self->run(); });
}

void Client::create_handle(const Arguments& arguments) {
  Conf conf(rd_kafka_conf_new());
  for (const auto& [property, value] : arguments.strings_by_name(0, "config")) {
    set_property(arguments, conf.get(), property, value);
  }
  rd_kafka_conf_set_opaque(conf.get(), this);
  rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t* rk, int level, const char* facility,
                                          const char* message) {
    auto* client = rk ? static_cast<Client*>(rd_kafka_opaque(rk)) : nullptr;
    if (!client) return;
    client->outbox_->post_event(
        [level, facility = std::string(facility), message = std::string(message)](napi_env env) {
          return log_event(env, level, facility, message);
        });
  });
  const auto throttled = [](rd_kafka_t*, const char*, int32_t broker, int ms, void* opaque) {
    static_cast<Client*>(opaque)->outbox_->post_throttle(broker, ms);
  };
  rd_kafka_conf_set_throttle_cb(conf.get(), throttled);
  rd_kafka_conf_interceptor_add_on_new(conf.get(), "salesboard-answers", hear, this);
  if (type_ == RD_KAFKA_PRODUCER) {
    rd_kafka_conf_set_events(conf.get(),
                             RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS);
  }
  configure(arguments, conf.get());
  char problem[512] = "";
  rk_ = rd_kafka_new(type_, conf.get(), problem, sizeof problem);
  if (!rk_) arguments.fail(problem);
  conf.release();  // the handle owns it now
}

rd_kafka_t* Client::handle(const std::string& what) const {
  if (closing_) throw closed_failure(what);
  return rk_;
}

napi_value Client::submit(const Arguments& arguments, Work work, napi_value kept) {
  napi_env env = arguments.env();
  Job job{std::move(work), arguments.what(), nullptr, nullptr};
  napi_value promise;
  js::ok(env, napi_create_promise(env, &job.deferred, &promise));
  if (promises_pending_++ == 0) outbox_->hold(env, true);
  if (kept) js::ok(env, napi_create_reference(env, kept, 1, &job.kept));
  std::unique_lock<std::mutex> lock(lock_);
  if (closing_ || jobs_.size() >= kJobsMax) {
    lock.unlock();
    const char* text = "1,000 calls are already waiting";
    const auto problem =
        closing_ ? closed_failure(arguments.what())
                 : failure(arguments.what(), RD_KAFKA_RESP_ERR__QUEUE_FULL, nullptr, text);
    settle(env, job, nullptr, &problem);
    return promise;
  }
  jobs_.push_back(std::move(job));
  lock.unlock();
  wake_.notify_one();
  return promise;
}

void Client::run() {
  std::unique_lock<std::mutex> lock(lock_);
  for (;;) {
    wake_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (closing_) break;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    execute(std::move(job));
    lock.lock();
  }
  const int timeout_ms = close_timeout_ms_;
  lock.unlock();
  destroy(timeout_ms);
  outbox_->post([self = shared_from_this()](napi_env env) { self->closed(env); });
  lock.lock();
  finished_ = true;
  wake_.notify_all();
}

void Client::execute(Job job) {
  Failure problem;
  try {
    Answer answer = job.work();
    outbox_->post([self = shared_from_this(), job, answer = std::move(answer)](napi_env env) {
      self->settle(env, job, answer, nullptr);
    });
    return;
  } catch (const Failure& thrown) {
    problem = thrown;
  } catch (const std::exception& thrown) {  // out of the thread it would end the process
    problem = failure(job.what, RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, nullptr, thrown.what());
  }
  outbox_->post([self = shared_from_this(), job, problem](napi_env env) {
    self->settle(env, job, nullptr, &problem);
  });
}

void Client::destroy(int timeout_ms) {
  shut_down(timeout_ms);
  if (event_thread_.joinable()) {
    events_end_ = true;
    const Queue main(rd_kafka_queue_get_main(rk_));
    rd_kafka_queue_yield(main.get());
    event_thread_.join();
  }
  rd_kafka_t* rk;
  {
    const std::lock_guard<std::mutex> lock(handle_lock_);
    rk = std::exchange(rk_, nullptr);
  }
  rd_kafka_destroy_flags(rk, destroy_flags());
}

void Client::settle(napi_env env, const Job& job, const Answer& answer, const Failure* failure) {
  if (job.kept) napi_delete_reference(env, job.kept);
  if (--promises_pending_ == 0) outbox_->hold(env, false);
  if (failure) {
    js::ok(env, napi_reject_deferred(env, job.deferred, to_js(env, *failure)));
  } else {
    js::ok(env, napi_resolve_deferred(env, job.deferred, answer(env)));
  }
}

napi_value Client::close(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "close the client");
  const auto self = arguments.self<Client>();
  const int timeout_ms = arguments.timeout_ms(0);
  napi_value promise;
  napi_deferred deferred;
  js::ok(env, napi_create_promise(env, &deferred, &promise));
  if (!self->thread_.joinable()) {  // closed already
    js::ok(env, napi_resolve_deferred(env, deferred, js::undefined(env)));
    return promise;
  }
  self->closers_.push_back(deferred);
  if (self->promises_pending_++ == 0) self->outbox_->hold(env, true);
  std::deque<Job> rejected;
  {
    const std::lock_guard<std::mutex> lock(self->lock_);
    if (!self->closing_) self->close_timeout_ms_ = timeout_ms;
    self->closing_ = true;
    rejected.swap(self->jobs_);
  }
  self->wake_.notify_all();
  self->interrupt();
  const auto problem = closed_failure("finish the call");
  for (const auto& job : rejected) self->settle(env, job, nullptr, &problem);
  return promise;
}

void Client::closed(napi_env env) {
  thread_.join();  // its last act was to post this
  promises_pending_ -= static_cast<int>(closers_.size());
  outbox_->close();
  for (auto deferred : closers_) napi_resolve_deferred(env, deferred, js::undefined(env));
  closers_.clear();
  forget(env, this);
}

void Client::abandon() {
  outbox_->close();
  abandoned_ = true;
  {
    const std::lock_guard<std::mutex> lock(lock_);
    closing_ = true;
    close_timeout_ms_ = 0;
    jobs_.clear();
  }
  wake_.notify_all();
  interrupt();
}

void Client::await_abandoned() {
  std::unique_lock<std::mutex> lock(lock_);
  wake_.wait_for(lock, kAbandonMax, [this] { return finished_; });
  const bool finished = finished_;
  lock.unlock();
  if (!thread_.joinable()) return;
  // A call that waits for an absent broker cannot be interrupted. The thread owns all it needs.
  finished ? thread_.join() : thread_.detach();
}

void Client::serve_events() {
  const Queue main(rd_kafka_queue_get_main(rk_));
  while (!events_end_) {
    const Event event(rd_kafka_queue_poll(main.get(), 1000));
    const auto type = rd_kafka_event_type(event.get());
    if (type == RD_KAFKA_EVENT_DR) delivered(event.get());
    if (type == RD_KAFKA_EVENT_STATS) post_stats(rd_kafka_event_stats(event.get()));
    if (type == RD_KAFKA_EVENT_ERROR) {
      post_error(rd_kafka_event_error(event.get()), rd_kafka_event_error_string(event.get()));
    }
  }
}

void Client::post_error(rd_kafka_resp_err_t number, const char* reason) {
  outbox_->post_event([problem = failure("", number, rk_, reason)](napi_env env) {
    napi_value event = js::object(env);
    js::set(env, event, "type", js::string(env, "error"));
    js::set(env, event, "error", to_js(env, problem));
    return event;
  });
}

void Client::post_stats(std::string json) {
  outbox_->post_event([json = std::move(json)](napi_env env) { return stats_event(env, json); });
}

void Client::retry_slices(const std::string& what, int timeout_ms,
                          const std::function<rd_kafka_error_t*(int slice_ms)>& call) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    const int left_ms = remaining_ms(deadline);
    const auto started = Clock::now();
    rd_kafka_error_t* error = call(std::min(left_ms, kSliceMs));
    if (!error) return;
    Failure problem = failure(what, error);
    // At the end of a slice librdkafka may return the broker's last answer instead of a time-out.
    const bool waited = Clock::now() - started > std::chrono::milliseconds(kSliceMs / 2);
    const bool timed_out = problem.number == RD_KAFKA_RESP_ERR__TIMED_OUT && !problem.fatal;
    const bool is_over = timed_out || (problem.retriable && waited);
    if (closing_ && is_over) throw closed_failure(what);
    if (!is_over || problem.txn_requires_abort || left_ms <= kSliceMs) throw problem;
  }
}

AdminOptions Client::admin_options(rd_kafka_admin_op_t operation, int timeout_ms) const {
  AdminOptions options(rd_kafka_AdminOptions_new(rk_, operation));
  char problem[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, problem, sizeof problem);
  return options;
}

Event Client::await_result(const std::string& what, rd_kafka_queue_t* queue, int timeout_ms) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    // The request ends by its own time-out. The margin lets that answer arrive, which says more.
    const int left_ms = remaining_ms(deadline) + kSliceMs;
    Event event(rd_kafka_queue_poll(queue, std::min(left_ms, kSliceMs)));
    if (event) {
      const auto number = rd_kafka_event_error(event.get());
      if (number) throw failure(what, number, rk_, rd_kafka_event_error_string(event.get()));
      return event;
    }
    if (closing_) throw closed_failure(what);
    if (left_ms <= kSliceMs) throw failure(what, RD_KAFKA_RESP_ERR__TIMED_OUT);
  }
}

}  // namespace salesboard
