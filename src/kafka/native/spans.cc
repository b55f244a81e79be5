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

std::vector<Span> Spans::of(const std::string& topic) const {
  const std::lock_guard<std::mutex> lock(lock_);
  std::vector<Span> spans;
  const auto is_its = [&](const Span& span) { return span.topic == topic; };
  std::copy_if(spans_.begin(), spans_.end(), std::back_inserter(spans), is_its);
  return spans;
}

}  // namespace salesboard
