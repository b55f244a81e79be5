// Which topic and which cluster a name leads to: their ids, which no other topic or cluster gets.
#include "admin.h"

namespace salesboard {

namespace {

using Topics = Owned<rd_kafka_TopicCollection_t, rd_kafka_TopicCollection_destroy>;

struct Identity {
  std::string topic_id;  // "" = the brokers are too old to tell
  std::string cluster_id;
};

std::string text_of(const rd_kafka_Uuid_t* id) {
  if (!id || (rd_kafka_Uuid_least_significant_bits(id) == 0 &&
              rd_kafka_Uuid_most_significant_bits(id) == 0)) {
    return "";
  }
  const char* text = rd_kafka_Uuid_base64str(id);
  return text ? text : "";
}

}  // namespace

// Rejects with the broker's error for the topic.
napi_value Admin::identity(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "read the identity");
  const auto self = arguments.self<Admin>();
  const auto topic = arguments.string(0, "topic");
  const int timeout_ms = arguments.timeout_ms(1);
  const auto what = arguments.what() + " of topic " + topic;
  return self->submit(arguments, [self = self.get(), topic, timeout_ms, what] {
    const Queue topic_queue(rd_kafka_queue_new(self->rk_));
    const Queue cluster_queue(rd_kafka_queue_new(self->rk_));
    const char* names[] = {topic.c_str()};
    const Topics topics(rd_kafka_TopicCollection_of_topic_names(names, 1));
    const auto of_topic = self->admin_options(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, timeout_ms);
    const auto of_cluster = self->admin_options(RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER, timeout_ms);
    rd_kafka_DescribeTopics(self->rk_, topics.get(), of_topic.get(), topic_queue.get());
    rd_kafka_DescribeCluster(self->rk_, of_cluster.get(), cluster_queue.get());
    const Event described = self->await_result(what, topic_queue.get(), timeout_ms);
    const Event cluster = self->await_result(what, cluster_queue.get(), timeout_ms);
    size_t count = 0;
    const auto* const* descriptions = rd_kafka_DescribeTopics_result_topics(
        rd_kafka_event_DescribeTopics_result(described.get()), &count);
    Identity identity;
    for (size_t i = 0; i < count; i++) {
      const auto* error = rd_kafka_TopicDescription_error(descriptions[i]);
      check(what, rd_kafka_error_code(error));
      identity.topic_id = text_of(rd_kafka_TopicDescription_topic_id(descriptions[i]));
    }
    const char* id = rd_kafka_DescribeCluster_result_cluster_id(
        rd_kafka_event_DescribeCluster_result(cluster.get()));
    identity.cluster_id = id ? id : "";
    return [identity](napi_env env) {
      napi_value result = js::object(env);
      js::set(env, result, "topicId", js::string(env, identity.topic_id));
      js::set(env, result, "clusterId", js::string(env, identity.cluster_id));
      return result;
    };
  });
}

}  // namespace salesboard
