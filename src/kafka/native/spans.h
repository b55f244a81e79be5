// Where the records of a transaction stand in their partitions.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "librdkafka.h"
#include "napi.h"

namespace salesboard {

// The first and the last record. Below 0 = unknown, because the broker had a record already, or
// refused one.
struct Span {
  std::string topic;
  int32_t partition;
  int64_t first;
  int64_t last;
};

// Any thread. Knows nothing before the first transaction, because a producer without transactions
// has no use for it.
class Spans {
 public:
  void begin();
  // In the order of each partition.
  void note(const rd_kafka_message_t& message);
  // JavaScript thread. Those of one topic.
  napi_value to_js(napi_env env, const std::string& topic) const;

 private:
  mutable std::mutex lock_;
  bool begun_ = false;
  std::vector<Span> spans_;
  // The span of the previous record, because records of a partition come in runs.
  size_t latest_ = 0;
};

}  // namespace salesboard
