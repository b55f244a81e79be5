#include "partitions.h"

#include <algorithm>

namespace salesboard {

PartitionList partition_list(const std::string& topic, const std::vector<Position>& positions) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const auto& position : positions) {
    auto* item = rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), position.partition);
    item->offset = position.offset;
    if (position.epoch >= 0) rd_kafka_topic_partition_set_leader_epoch(item, position.epoch);
  }
  return list;
}

PartitionList partition_list(const std::string& topic, const std::vector<int32_t>& partitions) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto partition : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  }
  return list;
}

std::vector<int32_t> partitions_of(const rd_kafka_topic_partition_list_t* list) {
  std::vector<int32_t> partitions;
  for (int i = 0; i < list->cnt; i++) partitions.push_back(list->elems[i].partition);
  return partitions;
}

bool contains(const rd_kafka_topic_partition_list_t* list, int32_t partition) {
  return std::any_of(list->elems, list->elems + list->cnt,
                     [partition](const auto& item) { return item.partition == partition; });
}

napi_value positions_to_js(napi_env env, const std::vector<Position>& positions) {
  return js::array_of(env, positions, [env](const Position& position) {
    napi_value result = js::object(env);
    js::set(env, result, "partition", js::number(env, position.partition));
    js::set(env, result, "offset", js::number(env, static_cast<double>(position.offset)));
    return result;
  });
}

void check_each(const std::string& what, const rd_kafka_topic_partition_list_t* list) {
  for (int i = 0; i < list->cnt; i++) {
    const auto& item = list->elems[i];
    check(what + " of " + item.topic + "[" + std::to_string(item.partition) + "]", item.err);
  }
}

}  // namespace salesboard
