#include "spans.h"

#include <algorithm>
#include <iterator>

namespace salesboard {

void Spans::begin() {
  const std::lock_guard<std::mutex> lock(lock_);
  begun_ = true;
  spans_.clear();
  latest_ = 0;
}

void Spans::note(const rd_kafka_message_t& message) {
  const std::lock_guard<std::mutex> lock(lock_);
  if (!begun_ || !message.rkt || message.partition < 0) return;
  const char* topic = rd_kafka_topic_name(message.rkt);
  const auto is_it = [&](const Span& span) {
    return span.partition == message.partition && span.topic == topic;
  };
  const int64_t offset = message.err ? RD_KAFKA_OFFSET_INVALID : message.offset;
  if (latest_ >= spans_.size() || !is_it(spans_[latest_])) {
    const auto found = std::find_if(spans_.begin(), spans_.end(), is_it);
    latest_ = static_cast<size_t>(found - spans_.begin());
    if (found == spans_.end()) spans_.push_back({topic, message.partition, offset, offset});
  }
  auto& span = spans_[latest_];
  span.last = span.last < 0 || offset < 0 ? RD_KAFKA_OFFSET_INVALID : offset;
}

napi_value Spans::to_js(napi_env env, const std::string& topic) const {
  std::vector<Span> spans;
  {
    const std::lock_guard<std::mutex> lock(lock_);
    const auto is_its = [&](const Span& span) { return span.topic == topic; };
    std::copy_if(spans_.begin(), spans_.end(), std::back_inserter(spans), is_its);
  }
  return js::array_of(env, spans, [env](const Span& span) {
    napi_value result = js::object(env);
    js::set(env, result, "partition", js::number(env, span.partition));
    js::set(env, result, "first", js::number(env, static_cast<double>(span.first)));
    js::set(env, result, "last", js::number(env, static_cast<double>(span.last)));
    return result;
  });
}

}  // namespace salesboard
