// The questions that every client can ask its cluster: metadata and watermarks.
#include <cstring>

#include "client.h"
#include "partitions.h"

namespace salesboard {

namespace {

using Topics = Owned<rd_kafka_TopicCollection_t, rd_kafka_TopicCollection_destroy>;

struct Topic {
  std::string name;
  size_t partitions;
  rd_kafka_resp_err_t error;
};

struct Metadata {
  size_t brokers;
  std::vector<Topic> topics;
};

napi_value metadata_to_js(napi_env env, const Metadata& metadata) {
  napi_value result = js::object(env);
  js::set(env, result, "brokers", js::number(env, static_cast<double>(metadata.brokers)));
  js::set(env, result, "topics", js::array_of(env, metadata.topics, [env](const Topic& topic) {
    napi_value item = js::object(env);
    js::set(env, item, "name", js::string(env, topic.name));
    js::set(env, item, "partitions", js::number(env, static_cast<double>(topic.partitions)));
    js::set(env, item, "error",
            js::string(env, topic.error ? rd_kafka_err2name(topic.error) : ""));
    return item;
  }));
  return result;
}

Metadata all_topics(const std::string& what, rd_kafka_t* rk, int timeout_ms) {
  const rd_kafka_metadata_t* raw = nullptr;
  check(what, rd_kafka_metadata(rk, 1, nullptr, &raw, timeout_ms), rk);
  Metadata metadata{static_cast<size_t>(raw->broker_cnt), {}};
  for (int i = 0; i < raw->topic_cnt; i++) {
    const auto& topic = raw->topics[i];
    metadata.topics.push_back(
        {topic.topic, static_cast<size_t>(topic.partition_cnt), topic.err});
  }
  rd_kafka_metadata_destroy(raw);
  return metadata;
}

struct Marks {
  int32_t partition;
  int64_t low, high;
};

// The positions, in the order of the request.
std::vector<Position> offsets_of(const std::string& what, rd_kafka_event_t* event) {
  size_t count = 0;
  const auto* const* infos =
      rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event), &count);
  std::vector<Position> offsets;
  for (size_t i = 0; i < count; i++) {
    const auto* item = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    const auto which = what + "[" + std::to_string(item->partition) + "]";
    check(which, item->err);
    // librdkafka leaves this value, without an error, if a leader did not answer in time.
    if (item->offset < 0) throw failure(which, RD_KAFKA_RESP_ERR__TIMED_OUT);
    offsets.push_back({item->partition, item->offset});
  }
  return offsets;
}

napi_value marks_to_js(napi_env env, const Marks& marks) {
  napi_value result = js::object(env);
  js::set(env, result, "partition", js::number(env, marks.partition));
  js::set(env, result, "low", js::number(env, static_cast<double>(marks.low)));
  js::set(env, result, "high", js::number(env, static_cast<double>(marks.high)));
  return result;
}

}  // namespace

// Asks for one topic by the admin request. Unlike `rd_kafka_metadata`, that request never lets the
// broker create the topic, whatever the type of the handle.
napi_value Client::metadata(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "read metadata");
  const auto self = arguments.self<Client>();
  const std::string topic = arguments.is_null(0) ? "" : arguments.string(0, "topic");
  const int timeout_ms = arguments.timeout_ms(1);
  const auto what = arguments.what() + (topic.empty() ? "" : " of topic " + topic);
  return self->submit(arguments, [client = self.get(), topic, timeout_ms, what] {
    Metadata metadata;
    if (topic.empty()) {
      metadata = all_topics(what, client->rk_, timeout_ms);
    } else {
      const Queue queue(rd_kafka_queue_new(client->rk_));
      const char* names[] = {topic.c_str()};
      const Topics topics(rd_kafka_TopicCollection_of_topic_names(names, 1));
      const auto describe = client->admin_options(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, timeout_ms);
      rd_kafka_DescribeTopics(client->rk_, topics.get(), describe.get(), queue.get());
      const Event described = client->await_result(what, queue.get(), timeout_ms);
      size_t count = 0;
      const auto* const* descriptions = rd_kafka_DescribeTopics_result_topics(
          rd_kafka_event_DescribeTopics_result(described.get()), &count);
      for (size_t i = 0; i < count; i++) {
        size_t partitions = 0;
        rd_kafka_TopicDescription_partitions(descriptions[i], &partitions);
        metadata.topics.push_back(
            {topic, partitions,
             rd_kafka_error_code(rd_kafka_TopicDescription_error(descriptions[i]))});
      }
      const auto count_nodes = client->admin_options(RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER, timeout_ms);
      rd_kafka_DescribeCluster(client->rk_, count_nodes.get(), queue.get());
      const Event cluster = client->await_result(what, queue.get(), timeout_ms);
      rd_kafka_DescribeCluster_result_nodes(
          rd_kafka_event_DescribeCluster_result(cluster.get()), &metadata.brokers);
    }
    return [metadata = std::move(metadata)](napi_env env) { return metadata_to_js(env, metadata); };
  });
}

// Asks for all partitions at once: each leader gets one request for first offsets and one for ends.
// `rd_kafka_query_watermark_offsets` asks for one partition, so that 200 would take 200 round trips.
napi_value Client::watermarks(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "read watermarks");
  const auto self = arguments.self<Client>();
  const auto topic = arguments.string(0, "topic");
  const auto partitions = arguments.partitions(1);
  const int timeout_ms = arguments.timeout_ms(2);
  const auto what = arguments.what() + " of " + topic;
  return self->submit(arguments, [client = self.get(), topic, partitions, timeout_ms, what] {
    const Queue low_queue(rd_kafka_queue_new(client->rk_));
    const Queue high_queue(rd_kafka_queue_new(client->rk_));
    const auto list = partition_list(topic, partitions);
    client->ask_offsets(list.get(), RD_KAFKA_OFFSET_SPEC_EARLIEST, timeout_ms, low_queue.get());
    client->ask_offsets(list.get(), RD_KAFKA_OFFSET_SPEC_LATEST, timeout_ms, high_queue.get());
    const Event low = client->await_result(what, low_queue.get(), timeout_ms);
    const Event high = client->await_result(what, high_queue.get(), timeout_ms);
    const auto ends = offsets_of(what, high.get());
    std::vector<Marks> all;
    for (const auto& first : offsets_of(what, low.get())) {
      all.push_back({first.partition, first.offset, ends[all.size()].offset});
    }
    return [all](napi_env env) {
      return js::array_of(env, all, [env](const Marks& marks) { return marks_to_js(env, marks); });
    };
  });
}

void Client::ask_offsets(rd_kafka_topic_partition_list_t* list, rd_kafka_OffsetSpec_t spec,
                         int timeout_ms, rd_kafka_queue_t* queue) const {
  for (int i = 0; i < list->cnt; i++) list->elems[i].offset = spec;
  const auto options = admin_options(RD_KAFKA_ADMIN_OP_LISTOFFSETS, timeout_ms);
  char level[32] = "";
  size_t size = sizeof level;
  rd_kafka_conf_get(rd_kafka_conf(rk_), "isolation.level", level, &size);
  rd_kafka_AdminOptions_set_isolation_level(options.get(),
                                            strcmp(level, "read_committed") == 0
                                                ? RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
                                                : RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED);
  rd_kafka_ListOffsets(rk_, list, options.get(), queue);
}

std::vector<napi_property_descriptor> Client::shared_properties() {
  return {method<metadata>("metadata"), method<watermarks>("watermarks"), method<close>("close")};
}

}  // namespace salesboard
