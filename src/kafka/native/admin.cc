#include "admin.h"

namespace salesboard {

namespace {

using NewTopic = Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using NewPartitions = Owned<rd_kafka_NewPartitions_t, rd_kafka_NewPartitions_destroy>;

void check_topics(const std::string& what, const rd_kafka_topic_result_t* const* results,
                  size_t count) {
  for (size_t i = 0; i < count; i++) {
    const auto number = rd_kafka_topic_result_error(results[i]);
    const char* text = rd_kafka_topic_result_error_string(results[i]);
    if (number) throw failure(what, number, nullptr, text);
  }
}

}  // namespace

napi_value Admin::create_topic(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "create a topic");
  const auto self = arguments.self<Admin>();
  const auto topic = arguments.string(0, "topic");
  const auto partitions = static_cast<int>(arguments.integer(1, "partitions", 1, 100000));
  const auto replicas = static_cast<int>(arguments.integer(2, "replicationFactor", -1, 32767));
  const auto config = arguments.strings_by_name(3, "config");
  const int timeout_ms = arguments.timeout_ms(4);
  const auto what = "create topic " + topic;
  const auto work = [self = self.get(), topic, partitions, replicas, config, timeout_ms, what] {
    char problem[256] = "";
    const NewTopic request(
        rd_kafka_NewTopic_new(topic.c_str(), partitions, replicas, problem, sizeof problem));
    if (!request) throw failure(what, RD_KAFKA_RESP_ERR__INVALID_ARG, nullptr, problem);
    for (const auto& [name, value] : config) {
      rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str());
    }
    const Queue queue(rd_kafka_queue_new(self->rk_));
    const auto options = self->admin_options(RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms);
    rd_kafka_NewTopic_t* requests[] = {request.get()};
    rd_kafka_CreateTopics(self->rk_, requests, 1, options.get(), queue.get());
    const Event event = self->await_result(what, queue.get(), timeout_ms);
    size_t count = 0;
    const auto* results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event.get()), &count);
    check_topics(what, results, count);
    return Answer(js::undefined);
  };
  return self->submit(arguments, work);
}

napi_value Admin::add_partitions(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "add partitions");
  const auto self = arguments.self<Admin>();
  const auto topic = arguments.string(0, "topic");
  const auto total = static_cast<size_t>(arguments.integer(1, "partitionsTotal", 1, 100000));
  const int timeout_ms = arguments.timeout_ms(2);
  const auto what = "add partitions to topic " + topic;
  return self->submit(arguments, [self = self.get(), topic, total, timeout_ms, what] {
    char problem[256] = "";
    const NewPartitions request(
        rd_kafka_NewPartitions_new(topic.c_str(), total, problem, sizeof problem));
    if (!request) throw failure(what, RD_KAFKA_RESP_ERR__INVALID_ARG, nullptr, problem);
    const Queue queue(rd_kafka_queue_new(self->rk_));
    const auto options = self->admin_options(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, timeout_ms);
    rd_kafka_NewPartitions_t* requests[] = {request.get()};
    rd_kafka_CreatePartitions(self->rk_, requests, 1, options.get(), queue.get());
    const Event event = self->await_result(what, queue.get(), timeout_ms);
    size_t count = 0;
    const auto* results = rd_kafka_CreatePartitions_result_topics(
        rd_kafka_event_CreatePartitions_result(event.get()), &count);
    check_topics(what, results, count);
    return Answer(js::undefined);
  });
}

napi_value Admin::define(napi_env env) {
  auto properties = shared_properties();
  properties.insert(properties.end(),
                    {method<create_topic>("createTopic"), method<add_partitions>("addPartitions"),
                     method<topic_settings>("topicSettings"),
                     method<delete_topic>("deleteTopic"), method<group_members>("groupMembers"),
                     method<delete_offsets>("deleteOffsets"),
                     method<identity>("identity")});
  return define_class(env, kClass, guarded<construct<Admin>>, properties);
}

}  // namespace salesboard
