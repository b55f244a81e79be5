// The questions that every client can ask its cluster: metadata and watermarks.
#include <cstring>

#include "client.h"
#include "partitions.h"

namespace salesboard {

namespace {

using Topics = Owned<rd_kafka_TopicCollection_t, rd_kafka_TopicCollection_destroy>;

struct Partition {
  int32_t leader = -1;
  std::vector<int32_t> replicas, in_sync;
};

struct Topic {
  std::string name;
  std::vector<Partition> partitions;
  rd_kafka_resp_err_t error;
  // What the user may do with the topic. Empty = the broker did not say.
  std::vector<std::string> rights;
};

struct Broker {
  int32_t id;
  std::string address;
};

struct Metadata {
  std::vector<Broker> brokers;
  std::vector<Topic> topics;
};

napi_value ids_to_js(napi_env env, const std::vector<int32_t>& ids) {
  return js::array_of(env, ids, [env](int32_t id) { return js::number(env, id); });
}

napi_value topic_to_js(napi_env env, const Topic& topic) {
  napi_value item = js::object(env);
  js::set(env, item, "name", js::string(env, topic.name));
  js::set(env, item, "error", js::string(env, topic.error ? rd_kafka_err2name(topic.error) : ""));
  js::set(env, item, "rights",
          js::array_of(env, topic.rights,
                       [env](const std::string& right) { return js::string(env, right); }));
  js::set(env, item, "partitions",
          js::array_of(env, topic.partitions, [env](const Partition& partition) {
            napi_value part = js::object(env);
            js::set(env, part, "leader", js::number(env, partition.leader));
            js::set(env, part, "replicas", ids_to_js(env, partition.replicas));
            js::set(env, part, "inSync", ids_to_js(env, partition.in_sync));
            return part;
          }));
  return item;
}

napi_value metadata_to_js(napi_env env, const Metadata& metadata) {
  napi_value result = js::object(env);
  js::set(env, result, "brokers", js::array_of(env, metadata.brokers, [env](const Broker& broker) {
    napi_value item = js::object(env);
    js::set(env, item, "id", js::number(env, broker.id));
    js::set(env, item, "address", js::string(env, broker.address));
    return item;
  }));
  js::set(env, result, "topics", js::array_of(env, metadata.topics, [env](const Topic& topic) {
    return topic_to_js(env, topic);
  }));
  return result;
}

std::string address_of(const char* host, int port) {
  return std::string(host) + ":" + std::to_string(port);
}

Metadata all_topics(const std::string& what, rd_kafka_t* rk, int timeout_ms) {
  const rd_kafka_metadata_t* raw = nullptr;
  check(what, rd_kafka_metadata(rk, 1, nullptr, &raw, timeout_ms), rk);
  Metadata metadata;
  for (int i = 0; i < raw->broker_cnt; i++) {
    const auto& broker = raw->brokers[i];
    metadata.brokers.push_back({broker.id, address_of(broker.host, broker.port)});
  }
  for (int i = 0; i < raw->topic_cnt; i++) {
    const auto& topic = raw->topics[i];
    Topic found{topic.topic, {}, topic.err, {}};
    for (int p = 0; p < topic.partition_cnt; p++) {
      const auto& partition = topic.partitions[p];
      found.partitions.push_back({partition.leader,
                                  {partition.replicas, partition.replicas + partition.replica_cnt},
                                  {partition.isrs, partition.isrs + partition.isr_cnt}});
    }
    metadata.topics.push_back(std::move(found));
  }
  rd_kafka_metadata_destroy(raw);
  return metadata;
}

std::vector<int32_t> ids_of(const rd_kafka_Node_t* const* nodes, size_t count) {
  std::vector<int32_t> ids;
  for (size_t i = 0; i < count; i++) ids.push_back(rd_kafka_Node_id(nodes[i]));
  return ids;
}

Partition partition_of(const rd_kafka_TopicPartitionInfo_t* info) {
  Partition partition;
  const auto* leader = rd_kafka_TopicPartitionInfo_leader(info);
  if (leader) partition.leader = rd_kafka_Node_id(leader);
  size_t count = 0;
  const auto* const* replicas = rd_kafka_TopicPartitionInfo_replicas(info, &count);
  partition.replicas = ids_of(replicas, count);
  const auto* const* in_sync = rd_kafka_TopicPartitionInfo_isr(info, &count);
  partition.in_sync = ids_of(in_sync, count);
  return partition;
}

Topic topic_of(const std::string& name, const rd_kafka_TopicDescription_t* description) {
  Topic topic{name, {}, rd_kafka_error_code(rd_kafka_TopicDescription_error(description)), {}};
  size_t count = 0;
  const auto* const* partitions = rd_kafka_TopicDescription_partitions(description, &count);
  topic.partitions.resize(count);
  for (size_t i = 0; i < count; i++) {
    const auto id = static_cast<size_t>(rd_kafka_TopicPartitionInfo_partition(partitions[i]));
    if (id < count) topic.partitions[id] = partition_of(partitions[i]);
  }
  const auto* rights = rd_kafka_TopicDescription_authorized_operations(description, &count);
  for (size_t i = 0; rights && i < count; i++) {
    topic.rights.emplace_back(rd_kafka_AclOperation_name(rights[i]));
  }
  return topic;
}

// An offset of a partition, or why its leader did not say.
struct Answer {
  int32_t partition;
  int64_t offset;
  rd_kafka_resp_err_t error;
};

struct Marks {
  int32_t partition;
  int64_t low, high;
  Failure error;  // number 0: none
};

// The answers, in the order of the request.
std::vector<Answer> answers_of(rd_kafka_event_t* event) {
  size_t count = 0;
  const auto* const* infos =
      rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event), &count);
  std::vector<Answer> answers;
  for (size_t i = 0; i < count; i++) {
    const auto* item = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    auto error = item->err;
    // librdkafka leaves this value, without an error, if a leader did not answer in time.
    if (!error && item->offset < 0) error = RD_KAFKA_RESP_ERR__TIMED_OUT;
    answers.push_back({item->partition, item->offset, error});
  }
  return answers;
}

napi_value marks_to_js(napi_env env, const Marks& marks) {
  napi_value result = js::object(env);
  js::set(env, result, "partition", js::number(env, marks.partition));
  js::set(env, result, "low", js::number(env, static_cast<double>(marks.low)));
  js::set(env, result, "high", js::number(env, static_cast<double>(marks.high)));
  if (marks.error.number) js::set(env, result, "error", to_js(env, marks.error));
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
      const Owned<rd_kafka_error_t, rd_kafka_error_destroy> refused(
          rd_kafka_AdminOptions_set_include_authorized_operations(describe.get(), 1));
      rd_kafka_DescribeTopics(client->rk_, topics.get(), describe.get(), queue.get());
      const Event described = client->await_result(what, queue.get(), timeout_ms);
      size_t count = 0;
      const auto* const* descriptions = rd_kafka_DescribeTopics_result_topics(
          rd_kafka_event_DescribeTopics_result(described.get()), &count);
      for (size_t i = 0; i < count; i++) {
        metadata.topics.push_back(topic_of(topic, descriptions[i]));
      }
      const auto options = client->admin_options(RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER, timeout_ms);
      rd_kafka_DescribeCluster(client->rk_, options.get(), queue.get());
      const Event cluster = client->await_result(what, queue.get(), timeout_ms);
      const auto* const* nodes = rd_kafka_DescribeCluster_result_nodes(
          rd_kafka_event_DescribeCluster_result(cluster.get()), &count);
      for (size_t i = 0; i < count; i++) {
        const auto port = static_cast<int>(rd_kafka_Node_port(nodes[i]));
        metadata.brokers.push_back({rd_kafka_Node_id(nodes[i]),
                                    address_of(rd_kafka_Node_host(nodes[i]), port)});
      }
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
    const auto ends = answers_of(high.get());
    std::vector<Marks> all;
    for (const auto& first : answers_of(low.get())) {
      const auto& end = ends[all.size()];
      const auto which = what + "[" + std::to_string(first.partition) + "]";
      const auto number = first.error ? first.error : end.error;
      all.push_back({first.partition, first.offset, end.offset,
                     number ? failure(which, number) : Failure()});
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

rd_kafka_resp_err_t Client::hear(rd_kafka_t* rk, const rd_kafka_conf_t*, void* client, char*,
                                 size_t) {
  // A broker thread calls this for each request that is over: by an answer, if there is no error.
  const auto over = [](rd_kafka_t*, int, const char*, int32_t, int16_t, int16_t, int32_t, size_t,
                       int64_t, rd_kafka_resp_err_t error, void* self) {
    if (!error) static_cast<Client*>(self)->answered_at_ = Clock::now();
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  };
  return rd_kafka_interceptor_add_on_response_received(rk, "salesboard-answers", over, client);
}

napi_value Client::answered_ms_ago(napi_env env, napi_callback_info info) {
  const auto self = Arguments(env, info, "read answeredMsAgo").self<Client>();
  const Clock::time_point at = self->answered_at_;
  if (at == Clock::time_point()) return js::undefined(env);
  return js::number(env, std::chrono::duration<double, std::milli>(Clock::now() - at).count());
}

std::vector<napi_property_descriptor> Client::shared_properties() {
  return {method<metadata>("metadata"), method<watermarks>("watermarks"),
          getter<answered_ms_ago>("answeredMsAgo"), method<close>("close")};
}

}  // namespace salesboard
