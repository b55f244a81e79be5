#include "mock_cluster.h"

#include <malloc.h>

#include <algorithm>

namespace salesboard {

void MockCluster::open(const Arguments& arguments) {
  brokers_ = static_cast<int32_t>(arguments.integer(0, "brokers", 1, 100));
#ifdef __GLIBC__
  // The default threshold rises with each large block that is freed, such as the answer to a fetch.
  // Later answers then stay in the arenas of their threads: the demo grew with each stall.
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
  Conf conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  char problem[256] = "";
  rk_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), problem, sizeof problem);
  if (!rk_) arguments.fail(problem);
  conf.release();  // the handle owns it now
  cluster_ = rd_kafka_mock_cluster_new(rk_, brokers_);
  if (!cluster_) arguments.fail("no port on 127.0.0.1 could be opened");
  // The default of three seconds would make a lone member wait for others at every start.
  rd_kafka_mock_group_initial_rebalance_delay_ms(cluster_, 0);
  // Without a controller, the default, admin requests wait until they time out.
  rd_kafka_mock_set_controller_id(cluster_, 1);
  wrap(arguments.env(), arguments.receiver(), shared_from_this());
}

void MockCluster::stop() {
  if (cluster_) rd_kafka_mock_cluster_destroy(std::exchange(cluster_, nullptr));
  if (rk_) rd_kafka_destroy(std::exchange(rk_, nullptr));
}

rd_kafka_mock_cluster_t* MockCluster::cluster(const Arguments& arguments) const {
  if (!cluster_) throw closed_failure(arguments.what());
  return cluster_;
}

int32_t MockCluster::broker(const Arguments& arguments, size_t i) const {
  return static_cast<int32_t>(arguments.integer(i, "broker", 1, brokers_));
}

napi_value MockCluster::bootstrap_servers(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "read bootstrapServers");
  const auto self = arguments.self<MockCluster>();
  return js::string(env, rd_kafka_mock_cluster_bootstraps(self->cluster(arguments)));
}

napi_value MockCluster::create_topic(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "create a topic");
  const auto self = arguments.self<MockCluster>();
  const auto topic = arguments.string(0, "topic");
  const auto partitions = static_cast<int>(arguments.integer(1, "partitions", 1, 10000));
  check("create topic " + topic,
        rd_kafka_mock_topic_create(self->cluster(arguments), topic.c_str(), partitions,
                                   std::min(self->brokers_, 3)));
  return js::undefined(env);
}

napi_value MockCluster::limit_logs(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "limit the logs");
  const auto self = arguments.self<MockCluster>();
  const auto bytes = static_cast<size_t>(arguments.integer(0, "bytesMax", 1, 1 << 30));
  rd_kafka_mock_set_partition_max_size(self->cluster(arguments), bytes);
  return js::undefined(env);
}

napi_value MockCluster::push_request_errors(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "push request errors");
  const auto self = arguments.self<MockCluster>();
  const auto api = static_cast<int16_t>(arguments.integer(0, "apiKey", 0, 1000));
  std::vector<rd_kafka_resp_err_t> errors;
  for (const auto number : arguments.integers(1, "errors", RD_KAFKA_RESP_ERR__BEGIN, 1000)) {
    errors.push_back(static_cast<rd_kafka_resp_err_t>(number));
  }
  rd_kafka_mock_push_request_errors_array(self->cluster(arguments), api, errors.size(),
                                          errors.data());
  return js::undefined(env);
}

napi_value MockCluster::set_broker_down(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "take a broker down");
  const auto self = arguments.self<MockCluster>();
  check(arguments.what(), rd_kafka_mock_broker_set_down(self->cluster(arguments),
                                                        self->broker(arguments, 0)));
  return js::undefined(env);
}

napi_value MockCluster::set_broker_up(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "bring a broker up");
  const auto self = arguments.self<MockCluster>();
  check(arguments.what(), rd_kafka_mock_broker_set_up(self->cluster(arguments),
                                                      self->broker(arguments, 0)));
  return js::undefined(env);
}

napi_value MockCluster::set_broker_rtt(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "delay a broker");
  const auto self = arguments.self<MockCluster>();
  const auto broker = self->broker(arguments, 0);
  const int rtt_ms = arguments.timeout_ms(1, "rttMs");
  check(arguments.what(), rd_kafka_mock_broker_set_rtt(self->cluster(arguments), broker, rtt_ms));
  return js::undefined(env);
}

napi_value MockCluster::set_leader(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "set a leader");
  const auto self = arguments.self<MockCluster>();
  const auto topic = arguments.string(0, "topic");
  const auto partition = static_cast<int32_t>(arguments.integer(1, "partition", 0, 10000));
  const auto broker = static_cast<int32_t>(arguments.integer(2, "broker", -1, self->brokers_));
  check(arguments.what(), rd_kafka_mock_partition_set_leader(self->cluster(arguments),
                                                             topic.c_str(), partition, broker));
  return js::undefined(env);
}

napi_value MockCluster::set_controller(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "set the controller");
  const auto self = arguments.self<MockCluster>();
  rd_kafka_mock_set_controller_id(self->cluster(arguments), self->broker(arguments, 0));
  return js::undefined(env);
}

napi_value MockCluster::set_coordinator(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "set a coordinator");
  const auto self = arguments.self<MockCluster>();
  const auto type = arguments.string(0, "keyType");
  const auto key = arguments.string(1, "key");
  if (type != "group" && type != "transaction") {
    arguments.fail("keyType must be \"group\" or \"transaction\", received \"" + type + "\"");
  }
  check(arguments.what(),
        rd_kafka_mock_coordinator_set(self->cluster(arguments), type.c_str(), key.c_str(),
                                      self->broker(arguments, 2)));
  return js::undefined(env);
}

napi_value MockCluster::close(napi_env env, napi_callback_info info) {
  const auto self = Arguments(env, info, "close the mock cluster").self<MockCluster>();
  self->stop();
  forget(env, self.get());
  return js::undefined(env);
}

napi_value MockCluster::define(napi_env env) {
  return define_class(
      env, kClass, guarded<construct<MockCluster>>,
      {getter<bootstrap_servers>("bootstrapServers"), method<create_topic>("createTopic"),
       method<limit_logs>("limitLogs"),
       method<push_request_errors>("pushRequestErrors"),
       method<set_broker_down>("setBrokerDown"), method<set_broker_up>("setBrokerUp"),
       method<set_broker_rtt>("setBrokerRtt"), method<set_leader>("setLeader"),
       method<set_controller>("setController"), method<set_coordinator>("setCoordinator"),
       method<close>("close")});
}

}  // namespace salesboard
