// The command thread's side of consumer.h: fills batches from librdkafka's queue, and assigns.
#include <algorithm>
#include <cstring>
#include <exception>
#include <thread>
#include <utility>

#include "consumer.h"
#include "partitions.h"

namespace salesboard {

namespace {

// A message as the fast path sees it.
class MessageRecord : public Record {
 public:
  explicit MessageRecord(const rd_kafka_message_t& message) : message_(message) {}

  std::optional<Text> key() const override { return text(message_.key, message_.key_len); }
  std::optional<Text> value() const override { return text(message_.payload, message_.len); }
  std::optional<Text> header(const std::string& name) const override {
    rd_kafka_headers_t* headers = nullptr;
    const void* value = nullptr;
    size_t bytes = 0;
    if (rd_kafka_message_headers(&message_, &headers)) return std::nullopt;
    if (rd_kafka_header_get_last(headers, name.c_str(), &value, &bytes)) return std::nullopt;
    return text(value, bytes);
  }

 private:
  static std::optional<Text> text(const void* at, size_t bytes) {
    if (!at) return std::nullopt;
    return Text{static_cast<const uint8_t*>(at), bytes};
  }

  const rd_kafka_message_t& message_;
};

}  // namespace

std::vector<ConsumerEvent> Consumer::fill(Batch batch, Sales sales, int wait_ms) {
  std::vector<ConsumerEvent> events;
  batch.clear();
  size_t room = kPollMax;
  room -= hand_over(batch, sales, room, events);
  bool waited = wait_ms == 0;
  while (events.empty() && next_ == end_ && room > 0 && batch.room() > 0) {
    // `rd_kafka_consume_batch_queue` waits until it has all records it may take, or the time is
    // over. So wait for one record, and take the rest without waiting.
    if (take(room, 0) == 0) {
      if (room < kPollMax || waited) break;
      waited = true;
      if (!closing()) take(1, wait_ms);
      if (closing()) throw closed_failure("poll");
    }
    room -= hand_over(batch, sales, room, events);
  }
  return events;
}

// Returns how many records and events arrived.
size_t Consumer::take(size_t records_max, int wait_ms) {
  const ssize_t count = rd_kafka_consume_batch_queue(
      queue_.get(), wait_ms, taken_.data(), std::min(records_max, kTakenMax));
  next_ = 0;
  end_ = count > 0 ? static_cast<size_t>(count) : 0;
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return end_ + rebalances_.size();
}

// Returns how many records were handed over. Stops at the first event, because later records must
// not come with it.
size_t Consumer::hand_over(Batch& batch, Sales& sales, size_t records_max,
                           std::vector<ConsumerEvent>& events) {
  size_t records = 0;
  for (; next_ < end_; next_++) {
    rd_kafka_message_t* message = taken_[next_];
    if (message->err) {
      events.push_back(event_of(*message));
    } else {
      if (!events.empty() || records == records_max || batch.room() == 0 || !sales.has_room()) {
        return records;
      }
      const auto outcome =
          sales.add(message->partition, rd_kafka_message_timestamp(message, nullptr),
                    MessageRecord(*message));
      if (outcome == Sales::kFull) return records;
      if (outcome == Sales::kUnsure && !batch.append(*message)) return records;
      sales.advance(message->partition, message->offset, outcome);
      records++;
    }
    rd_kafka_message_destroy(message);
  }
  std::move(rebalances_.begin(), rebalances_.end(), std::back_inserter(events));
  rebalances_.clear();
  return records;
}

// Without a list: drops all.
void Consumer::drop_carried(const rd_kafka_topic_partition_list_t* list) {
  size_t kept = next_;
  for (size_t i = next_; i < end_; i++) {
    if (list && !contains(list, taken_[i]->partition)) {
      taken_[kept++] = taken_[i];
    } else {
      rd_kafka_message_destroy(taken_[i]);
    }
  }
  end_ = kept;
}

ConsumerEvent Consumer::event_of(const rd_kafka_message_t& message) {
  ConsumerEvent event{ConsumerEvent::kEnd, {message.partition}};
  event.offset = message.offset;
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return event;
  event.type = ConsumerEvent::kError;
  event.error = failure("", message.err, rk_, rd_kafka_message_errstr(&message));
  return event;
}

// librdkafka calls this inside `take` or `shut_down`. JavaScript assigns, once it has ended its
// work on the partitions. Until then librdkafka fetches nothing and discards the rest of the queue,
// so that the event comes after all records taken.
void Consumer::rebalanced(rd_kafka_resp_err_t number, rd_kafka_topic_partition_list_t* list) {
  if (leaving_) {
    rd_kafka_assign(rk_, nullptr);
    return;
  }
  ConsumerEvent event{ConsumerEvent::kAssigned, partitions_of(list)};
  if (number == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    given_.insert(event.partitions.begin(), event.partitions.end());
  } else if (number == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
    for (const auto partition : event.partitions) given_.erase(partition);
    event.type = ConsumerEvent::kRevoked;
    event.lost = rd_kafka_assignment_lost(rk_);
  } else {
    given_.clear();
    event.type = ConsumerEvent::kError;
    event.partitions = {RD_KAFKA_PARTITION_UA};
    event.error = failure("rebalance", number, rk_);
    rd_kafka_assign(rk_, nullptr);
  }
  loss_is_open_ = event.lost;
  rebalances_.push_back(std::move(event));
  // Ends the wait for a record. The batch call ignores `rd_kafka_yield` until the next record, and
  // then loses that record.
  rd_kafka_queue_yield(queue_.get());
}

bool Consumer::is_eager() const {
  const char* protocol = rd_kafka_rebalance_protocol(rk_);
  return protocol && strcmp(protocol, "EAGER") == 0;
}

PartitionList Consumer::assignment(const std::string& what) const {
  rd_kafka_topic_partition_list_t* list = nullptr;
  check(what, rd_kafka_assignment(rk_, &list), rk_);
  return PartitionList(list);
}

// Without a group, and in a cooperative group, partitions come and go one by one. In an eager group
// librdkafka takes only whole assignments, so the union is assigned again, and partitions that were
// being read continue where they are.
//
// An empty list is an answer too. The group waits for it, even when no partition comes or goes.
void Consumer::add(const std::string& what, rd_kafka_topic_partition_list_t* list) {
  loss_is_open_ = false;
  note_owner();
  if (!is_eager()) {
    check(what, rd_kafka_incremental_assign(rk_, list));
    return;
  }
  const auto current = assignment(what);
  check(what, rd_kafka_position(rk_, current.get()), rk_);
  for (int i = 0; i < list->cnt; i++) starts_[list->elems[i].partition] = list->elems[i].offset;
  for (int i = 0; i < current->cnt; i++) {
    const auto& item = current->elems[i];
    if (contains(list, item.partition)) continue;
    const bool is_read = item.offset != RD_KAFKA_OFFSET_INVALID;
    rd_kafka_topic_partition_list_add(list, item.topic, item.partition)->offset =
        is_read ? item.offset : starts_[item.partition];
  }
  check(what, rd_kafka_assign(rk_, list), rk_);
}

// The member that got the first partitions also owns those that come later, even when none of them
// is read yet.
void Consumer::note_owner() {
  const std::lock_guard<std::mutex> lock(handle_lock_);
  if (owner_ || given_.empty()) return;
  char* id = rd_kafka_memberid(rk_);
  owner_ = id ? id : "";
  rd_kafka_mem_free(rk_, id);
}

// Skips partitions that were offered and never assigned.
void Consumer::remove(const std::string& what, rd_kafka_topic_partition_list_t* list) {
  loss_is_open_ = false;
  const auto current = assignment(what);
  if (is_eager()) {
    check(what, rd_kafka_position(rk_, current.get()), rk_);
    for (int i = 0; i < current->cnt; i++) {
      auto& item = current->elems[i];
      if (item.offset == RD_KAFKA_OFFSET_INVALID) item.offset = starts_[item.partition];
    }
  }
  const PartitionList removed(rd_kafka_topic_partition_list_new(list->cnt));
  for (int i = 0; i < list->cnt; i++) {
    const auto& item = list->elems[i];
    starts_.erase(item.partition);
    if (rd_kafka_topic_partition_list_del(current.get(), item.topic, item.partition)) {
      rd_kafka_topic_partition_list_add(removed.get(), item.topic, item.partition);
    }
  }
  if (is_eager()) {
    check(what, rd_kafka_assign(rk_, current->cnt ? current.get() : nullptr), rk_);
  } else {
    check(what, rd_kafka_incremental_unassign(rk_, removed.get()));
  }
  const std::lock_guard<std::mutex> lock(handle_lock_);
  if (given_.empty()) owner_.reset();
}

// A partition that was just assigned may not be fetching yet, and cannot seek until it does. So
// this tries again every 10 ms until the time is over.
void Consumer::seek_to(const std::string& what, rd_kafka_topic_partition_list_t* list,
                       int timeout_ms) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    check(what, rd_kafka_seek_partitions(rk_, list, timeout_ms));
    const auto is_starting = [](const rd_kafka_topic_partition_t& item) {
      return item.err == RD_KAFKA_RESP_ERR__STATE;
    };
    if (std::none_of(list->elems, list->elems + list->cnt, is_starting)) break;
    if (closing() || Clock::now() >= deadline) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  check_each(what, list);
  for (int i = 0; i < list->cnt; i++) starts_[list->elems[i].partition] = list->elems[i].offset;
}

}  // namespace salesboard
