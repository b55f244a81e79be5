// What Consumer, Producer and Admin share: the librdkafka handle, the thread that runs their calls
// one after the other, and the delivery of answers and events to JavaScript.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "librdkafka.h"
#include "napi.h"
#include "outbox.h"

namespace salesboard {

using Clock = std::chrono::steady_clock;

class Client : public Wrapped, public std::enable_shared_from_this<Client> {
 public:
  static constexpr const char* kClass = "client";

  explicit Client(rd_kafka_type_t type) : type_(type) {}

  // JavaScript thread. Reads (config, onEvent), starts the threads, ties the object to `new`.
  void open(const Arguments& arguments);

  static std::vector<napi_property_descriptor> shared_properties();

  void abandon() override;
  void await_abandoned() override;

 protected:
  // Runs on the command thread. Its answer resolves the promise, and what it throws rejects the
  // promise: a `Failure`, or an exception of C++ such as std::bad_alloc.
  using Work = std::function<Answer()>;

  // JavaScript thread. `kept`: a JavaScript value that stays alive until the work is done.
  napi_value submit(const Arguments& arguments, Work work, napi_value kept = nullptr);

  // JavaScript thread. Throws when closed. The handle is valid until the caller returns.
  rd_kafka_t* handle(const std::string& what) const;

  // Command thread. Repeats a resumable call in short slices until the call is done, `timeout_ms`
  // is over or the client closes. One long call would hold up `close` while a broker is away.
  void retry_slices(const std::string& what, int timeout_ms,
                    const std::function<rd_kafka_error_t*(int slice_ms)>& call);

  // Command thread.
  AdminOptions admin_options(rd_kafka_admin_op_t operation, int timeout_ms) const;
  // The result of an admin request sent with `queue` as its reply queue.
  Event await_result(const std::string& what, rd_kafka_queue_t* queue, int timeout_ms);

  // JavaScript thread. Called before the handle exists, and right after.
  virtual void configure(const Arguments&, rd_kafka_conf_t*) {}
  virtual void opened() {}
  // Any thread. Makes a waiting call return.
  virtual void interrupt() {}
  // Command thread, before the handle is destroyed. `timeout_ms` is 0 when there is no time.
  virtual void shut_down(int /*timeout_ms*/) {}
  virtual int destroy_flags() const { return 0; }
  // Event thread, producers only.
  virtual void delivered(rd_kafka_event_t*) {}

  bool closing() const { return closing_; }
  bool abandoned() const { return abandoned_; }
  void post_error(rd_kafka_resp_err_t number, const char* reason);
  void post_stats(std::string json);

  // Set before the threads start; null once destroyed. Threads other than the command thread need
  // `handle_lock_`. The JavaScript thread needs only `!closing_`, which it sets itself.
  rd_kafka_t* rk_ = nullptr;
  mutable std::mutex handle_lock_;

 private:
  struct Job {
    Work work;
    std::string what;
    napi_deferred deferred;
    napi_ref kept;
  };
  static constexpr size_t kJobsMax = 1000;
  static constexpr auto kAbandonMax = std::chrono::seconds(1);

  static napi_value metadata(napi_env env, napi_callback_info info);
  static napi_value watermarks(napi_env env, napi_callback_info info);
  static napi_value answered_ms_ago(napi_env env, napi_callback_info info);
  static napi_value close(napi_env env, napi_callback_info info);

  // Command thread. Asks the leaders of `list` for the offsets that `spec` names.
  void ask_offsets(rd_kafka_topic_partition_list_t* list, rd_kafka_OffsetSpec_t spec,
                   int timeout_ms, rd_kafka_queue_t* queue) const;
  void create_handle(const Arguments& arguments);
  // Makes broker threads note in `client` when an answer arrives.
  static rd_kafka_resp_err_t hear(rd_kafka_t* rk, const rd_kafka_conf_t*, void* client, char*,
                                  size_t);
  void serve_events();
  void run();
  void execute(Job job);
  void destroy(int timeout_ms);
  void settle(napi_env env, const Job& job, const Answer& answer, const Failure* failure);
  void closed(napi_env env);

  const rd_kafka_type_t type_;
  const std::shared_ptr<Outbox> outbox_ = std::make_shared<Outbox>();

  std::mutex lock_;  // guards jobs_, close_timeout_ms_, finished_
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  int close_timeout_ms_ = 0;
  bool finished_ = false;
  std::atomic<bool> closing_{false};
  std::atomic<bool> abandoned_{false};
  // When a broker last answered, of whatever kind the request was. Its epoch = never.
  std::atomic<Clock::time_point> answered_at_{Clock::time_point()};

  // Serves the main queue of producer-type handles: delivery reports, errors and statistics. It is
  // a thread of its own because a commit on the command thread waits for delivery reports. The
  // JavaScript thread starts it; the command thread ends and joins it.
  std::thread event_thread_;
  std::atomic<bool> events_end_{false};

  // JavaScript thread only.
  std::thread thread_;
  int promises_pending_ = 0;
  std::vector<napi_deferred> closers_;
};

template <class T>
napi_value construct(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, std::string("create a ") + T::kClass);
  arguments.require_new(info);
  const auto object = std::make_shared<T>();
  object->open(arguments);
  return arguments.receiver();
}

}  // namespace salesboard
