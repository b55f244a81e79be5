// librdkafka's mock cluster, behind the embedded broker and the tests.
#pragma once

#include "client.h"

namespace salesboard {

class MockCluster : public Wrapped, public std::enable_shared_from_this<MockCluster> {
 public:
  static constexpr const char* kClass = "MockCluster";
  static napi_value define(napi_env env);

  ~MockCluster() override { stop(); }

  void open(const Arguments& arguments);
  void abandon() override { stop(); }
  void await_abandoned() override {}

 private:
  static napi_value bootstrap_servers(napi_env env, napi_callback_info info);
  static napi_value create_topic(napi_env env, napi_callback_info info);
  static napi_value limit_logs(napi_env env, napi_callback_info info);
  static napi_value push_request_errors(napi_env env, napi_callback_info info);
  static napi_value set_broker_down(napi_env env, napi_callback_info info);
  static napi_value set_broker_up(napi_env env, napi_callback_info info);
  static napi_value set_broker_rtt(napi_env env, napi_callback_info info);
  static napi_value set_leader(napi_env env, napi_callback_info info);
  static napi_value set_controller(napi_env env, napi_callback_info info);
  static napi_value set_coordinator(napi_env env, napi_callback_info info);
  static napi_value close(napi_env env, napi_callback_info info);

  rd_kafka_mock_cluster_t* cluster(const Arguments& arguments) const;
  int32_t broker(const Arguments& arguments, size_t i) const;
  void stop();

  // The handle whose thread runs the brokers. JavaScript thread only, like all here; librdkafka
  // passes each call to its own thread.
  rd_kafka_t* rk_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  int32_t brokers_ = 0;
};

}  // namespace salesboard
