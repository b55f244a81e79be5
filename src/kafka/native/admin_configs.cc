// The settings of a topic, and how many replicas its partitions have.
#include <algorithm>

#include "admin.h"

namespace salesboard {

namespace {

using Resource = Owned<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;
using TopicNames = Owned<rd_kafka_TopicCollection_t, rd_kafka_TopicCollection_destroy>;

struct Setting {
  std::string name, value;
};

std::vector<Setting> settings_of(const std::string& what, rd_kafka_event_t* event) {
  size_t count = 0;
  const auto* const* resources = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event), &count);
  std::vector<Setting> settings;
  for (size_t i = 0; i < count; i++) {
    const auto number = rd_kafka_ConfigResource_error(resources[i]);
    const char* text = rd_kafka_ConfigResource_error_string(resources[i]);
    if (number) throw failure(what, number, nullptr, text);
    size_t entries = 0;
    const auto* const* list = rd_kafka_ConfigResource_configs(resources[i], &entries);
    for (size_t k = 0; k < entries; k++) {
      const char* value = rd_kafka_ConfigEntry_value(list[k]);
      settings.push_back({rd_kafka_ConfigEntry_name(list[k]), value ? value : ""});
    }
  }
  return settings;
}

// Of the partition that has the fewest.
size_t replicas_of(const std::string& what, rd_kafka_event_t* event) {
  size_t count = 0;
  const auto* const* topics = rd_kafka_DescribeTopics_result_topics(
      rd_kafka_event_DescribeTopics_result(event), &count);
  size_t fewest = 0;
  for (size_t i = 0; i < count; i++) {
    check(what, rd_kafka_error_code(rd_kafka_TopicDescription_error(topics[i])));
    size_t partitions = 0;
    const auto* const* list = rd_kafka_TopicDescription_partitions(topics[i], &partitions);
    for (size_t k = 0; k < partitions; k++) {
      size_t replicas = 0;
      rd_kafka_TopicPartitionInfo_replicas(list[k], &replicas);
      fewest = fewest == 0 ? replicas : std::min(fewest, replicas);
    }
  }
  return fewest;
}

}  // namespace

napi_value Admin::topic_settings(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "read the settings of a topic");
  const auto self = arguments.self<Admin>();
  const auto topic = arguments.string(0, "topic");
  const int timeout_ms = arguments.timeout_ms(1);
  const auto what = "read the settings of topic " + topic;
  return self->submit(arguments, [self = self.get(), topic, timeout_ms, what] {
    const Queue queue(rd_kafka_queue_new(self->rk_));
    const char* names[] = {topic.c_str()};
    const TopicNames topics(rd_kafka_TopicCollection_of_topic_names(names, 1));
    const auto describe = self->admin_options(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, timeout_ms);
    rd_kafka_DescribeTopics(self->rk_, topics.get(), describe.get(), queue.get());
    const Event described = self->await_result(what, queue.get(), timeout_ms);
    const size_t replicas = replicas_of(what, described.get());

    const Resource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    const auto options = self->admin_options(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms);
    rd_kafka_ConfigResource_t* resources[] = {resource.get()};
    rd_kafka_DescribeConfigs(self->rk_, resources, 1, options.get(), queue.get());
    const Event event = self->await_result(what, queue.get(), timeout_ms);
    const auto settings = settings_of(what, event.get());
    return Answer([replicas, settings](napi_env env) {
      napi_value result = js::object(env);
      js::set(env, result, "replicas", js::number(env, static_cast<double>(replicas)));
      napi_value values = js::object(env);
      for (const auto& [name, value] : settings) {
        js::set(env, values, name.c_str(), js::string(env, value));
      }
      js::set(env, result, "settings", values);
      return result;
    });
  });
}

}  // namespace salesboard
