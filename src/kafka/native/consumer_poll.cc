// The command thread's side of consumer.h: fills batches from librdkafka's queue, and assigns.
#include <algorithm>
#include <cstring>
#include <exception>
#include <thread>
#include <utility>

#include "consumer.h"
#include "heap.h"
#include "partitions.h"
#include "read_record.h"

namespace salesboard {

namespace {

// What librdkafka says about a message that is a whole batch; nothing for a single record.
std::optional<RecordBatchView> batch_of(const rd_kafka_message_t& message) {
  rd_kafka_message_batch_t batch;
  if (!rd_kafka_message_batch(&message, &batch)) return std::nullopt;
  return RecordBatchView{batch.base_offset,
                         batch.last_offset,
                         batch.first_offset,
                         batch.base_timestamp,
                         batch.max_timestamp,
                         batch.timestamp_type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME,
                         batch.record_count,
                         static_cast<const uint8_t*>(message.payload),
                         message.len};
}

}  // namespace

std::vector<ConsumerEvent> Consumer::fill(Batch batch, Sales sales, int wait_ms) {
  std::vector<ConsumerEvent> events;
  batch.clear();
  Poll poll{batch, sales, kPollMax};
  hand_over(poll, events);
  const auto deadline = Clock::now() + std::chrono::milliseconds(wait_ms);
  bool waited = wait_ms == 0;
  bool rested = waited;
  while (events.empty() && next_ == end_ && poll.room > 0 && batch.room() > 0) {
    // `rd_kafka_consume_batch_queue` waits until it has all records it may take, or the time is
    // over. So wait for one record, and take the rest without waiting.
    if (take(poll.room, 0) > 0) {
      rested = wait_ms == 0;
    } else if (kPollMax - poll.room >= kFlowMin && !rested) {
      // The broker is slower than we are. A poll for each of its answers would cost more than the
      // records in it.
      rested = true;
      std::this_thread::sleep_for(std::min<Clock::duration>(kFlowWait, deadline - Clock::now()));
    } else if (poll.room < kPollMax || waited) {
      break;
    } else {
      waited = true;
      if (!closing() && take(1, wait_ms) == 0 && wait_ms >= kRestMs) rest();
      if (closing()) throw closed_failure("poll");
    }
    hand_over(poll, events);
  }
  return events;
}

// Returns how many messages and events arrived. Takes fewer messages next time when these were
// large: a whole batch can have a megabyte, and librdkafka fetches more for what was taken.
size_t Consumer::take(size_t messages_max, int wait_ms) {
  const ssize_t count = rd_kafka_consume_batch_queue(
      queue_.get(), wait_ms, taken_.data(), std::min(messages_max, taken_max_));
  next_ = 0;
  end_ = count > 0 ? static_cast<size_t>(count) : 0;
  size_t bytes = 0;
  for (size_t i = 0; i < end_; i++) bytes += taken_[i]->len;
  bytes_taken_ += bytes;
  taken_max_ = bytes > kTakenBytes ? std::max(taken_max_ / 2, size_t{1})
                                   : std::min(taken_max_ * 2, kTakenMax);
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return end_ + rebalances_.size();
}

// Nothing comes any more: whatever was read is read, and memory for as much is not needed.
void Consumer::rest() {
  if (bytes_taken_ < kRestBytesMin) return;
  bytes_taken_ = 0;
  give_freed_memory_back();
}

// Stops at the first event, because later records must not come with it.
void Consumer::hand_over(Poll& poll, std::vector<ConsumerEvent>& events) {
  for (; next_ < end_; next_++) {
    rd_kafka_message_t* message = taken_[next_];
    if (message->err) {
      events.push_back(event_of(*message));
    } else if (!events.empty() || !hand_over(poll, *message, events)) {
      return;
    }
    rd_kafka_message_destroy(message);
  }
  std::move(rebalances_.begin(), rebalances_.end(), std::back_inserter(events));
  rebalances_.clear();
}

// Returns true when the message is done with. A batch that does not fit goes on in the next poll.
// One that contradicts itself stays: it is reported each time, and nothing behind it is handed
// over, until its partition is taken away or read from elsewhere.
bool Consumer::hand_over(Poll& poll, const rd_kafka_message_t& message,
                         std::vector<ConsumerEvent>& events) {
  const int32_t epoch = rd_kafka_message_leader_epoch(&message);
  if (!open_) {
    const auto batch = batch_of(message);
    if (!batch) return poll.add(MessageRecord(message), epoch);
    open_.emplace(*batch);
  }
  BatchedRecord record;
  for (;;) {
    switch (open_->look(&record)) {
      case RecordBatchReader::kRecord:
        if (!poll.add(WalkedRecord(message.partition, record), epoch)) return false;
        open_->take();
        break;
      case RecordBatchReader::kEnd:
        open_.reset();
        return true;
      case RecordBatchReader::kBroken:
        events.push_back(broken_batch(message));
        return false;
    }
  }
}

// Returns false, and takes nothing, when there is no room for the record.
template <class R>
bool Consumer::Poll::add(const R& record, int32_t epoch) {
  if (room == 0 || batch.room() == 0 || !sales.has_room()) return false;
  const IncomingRecord incoming = record.incoming();
  const auto outcome = sales.add(incoming.partition, incoming.timestamp_ms, record);
  if (outcome == Sales::kFull) return false;
  const auto each_header = [&](auto&& visit) { record.each_header(visit); };
  if (outcome == Sales::kUnsure && !batch.append(incoming, each_header)) return false;
  sales.advance(incoming.partition, incoming.offset, outcome, epoch);
  room--;
  return true;
}

ConsumerEvent Consumer::broken_batch(const rd_kafka_message_t& message) {
  ConsumerEvent event{ConsumerEvent::kError, {message.partition}};
  const auto text = "the record batch of partition " + std::to_string(message.partition) +
                    " that ends at offset " + std::to_string(message.offset) +
                    " contradicts itself: " + open_->problem();
  event.error = failure("", RD_KAFKA_RESP_ERR__BAD_MSG, rk_, text.c_str());
  return event;
}

// Without a list: drops all.
void Consumer::drop_carried(const rd_kafka_topic_partition_list_t* list) {
  const bool drops_first = next_ < end_ && (!list || contains(list, taken_[next_]->partition));
  if (drops_first) open_.reset();
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
