// Sends records, alone or in transactions.
#pragma once

#include <atomic>
#include <map>

#include "client.h"
#include "spans.h"

namespace salesboard {

class Producer : public Client {
 public:
  static constexpr const char* kClass = "Producer";
  static napi_value define(napi_env env);

  Producer() : Client(RD_KAFKA_PRODUCER) {}

 private:
  struct FailedDeliveries {
    std::string topic;
    int32_t partition;
    Failure error;
    uint64_t count;
  };
  // The last row also takes failures that would need another row.
  static constexpr size_t kFailureRowsMax = 100;

  static napi_value produce(napi_env env, napi_callback_info info);
  static napi_value in_flight(napi_env env, napi_callback_info info);
  static napi_value acknowledged(napi_env env, napi_callback_info info);
  static napi_value closing_requests(napi_env env, napi_callback_info info);
  static napi_value take_failures(napi_env env, napi_callback_info info);
  static napi_value flush(napi_env env, napi_callback_info info);
  static napi_value init_transactions(napi_env env, napi_callback_info info);
  static napi_value begin_transaction(napi_env env, napi_callback_info info);
  static napi_value appended(napi_env env, napi_callback_info info);
  static napi_value send_offsets(napi_env env, napi_callback_info info);
  static napi_value commit_transaction(napi_env env, napi_callback_info info);
  static napi_value abort_transaction(napi_env env, napi_callback_info info);

  using TimedCall = rd_kafka_error_t* (*)(rd_kafka_t*, int timeout_ms);
  static napi_value submit_timed(napi_env env, napi_callback_info info, const char* what,
                                 TimedCall call);

  static rd_kafka_resp_err_t watch(rd_kafka_t* rk, const rd_kafka_conf_t* conf, void* self,
                                   char* error, size_t error_bytes);
  void configure(const Arguments& arguments, rd_kafka_conf_t* conf) override;
  void delivered(rd_kafka_event_t* event) override;
  void shut_down(int timeout_ms) override;

  rd_kafka_topic_t* topic(const std::string& what, const std::string& name);
  rd_kafka_error_t* send(rd_kafka_topic_t* topic, const BatchRecord& record);
  void add_failure(const char* topic, int32_t partition, rd_kafka_resp_err_t number,
                   const char* text);

  using Topic = Owned<rd_kafka_topic_t, rd_kafka_topic_destroy>;
  // By name. Saves a search under librdkafka's lock for each record. JavaScript thread; the command
  // thread empties it in `shut_down`, when JavaScript no longer produces.
  std::map<std::string, Topic> topics_;

  std::atomic<uint64_t> closing_requests_{0};  // counted by broker threads
  std::atomic<uint64_t> acknowledged_{0};      // by these too
  bool is_transactional_ = false;              // set before the threads start

  Spans spans_;

  std::mutex failures_lock_;  // filled by the event thread and by `produce`
  std::vector<FailedDeliveries> failures_;
};

}  // namespace salesboard
