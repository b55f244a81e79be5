// Lists of partitions between JavaScript and librdkafka.
#pragma once

#include <string>
#include <vector>

#include "librdkafka.h"
#include "napi.h"

namespace salesboard {

PartitionList partition_list(const std::string& topic, const std::vector<Position>& positions);
PartitionList partition_list(const std::string& topic, const std::vector<int32_t>& partitions);

bool contains(const rd_kafka_topic_partition_list_t* list, int32_t partition);
std::vector<int32_t> partitions_of(const rd_kafka_topic_partition_list_t* list);
napi_value positions_to_js(napi_env env, const std::vector<Position>& positions);

// Throws the first error of a partition.
void check_each(const std::string& what, const rd_kafka_topic_partition_list_t* list);

}  // namespace salesboard
