// Reads one topic, as a member of a group or alone, into batches that JavaScript owns.
#pragma once

#include <exception>
#include <map>
#include <optional>
#include <set>

#include "client.h"
#include "record_batch_reader.h"
#include "../../native-fold/sales.h"

namespace salesboard {

struct ConsumerEvent {
  enum Type { kAssigned, kRevoked, kEnd, kError } type;
  std::vector<int32_t> partitions;
  bool lost = false;
  int64_t offset = 0;
  Failure error = {};
};

class Consumer : public Client {
 public:
  static constexpr const char* kClass = "Consumer";
  static napi_value define(napi_env env);

  Consumer() : Client(RD_KAFKA_CONSUMER) {}

  // Any thread. The group's current metadata. Throws when the consumer is closed, when it is not a
  // member (the broker accepts offsets without a generation from anybody, unfenced), and when it is
  // another member than the one that got the partitions. The handle lives on during the call.
  GroupMetadata group_metadata(const std::string& what);

 private:
  // Messages taken from librdkafka at a time: whole batches, or records. Those that do not fit the
  // poll are carried over.
  static constexpr size_t kTakenMax = 1000;
  // Bytes taken at a time, roughly: fewer messages next time when there were more.
  static constexpr size_t kTakenBytes = 1 << 20;
  // Records of one poll: a few milliseconds. The batch holds those that are not added up.
  static constexpr size_t kPollMax = 65'536;
  // A poll with so many records gathers more, so long after each answer of a broker.
  static constexpr size_t kFlowMin = 1'000;
  static constexpr std::chrono::milliseconds kFlowWait{5};
  // A poll that finds nothing for so long, after so many bytes, gives freed memory back.
  static constexpr int kRestMs = 50;
  static constexpr uint64_t kRestBytesMin = 16 << 20;

  static napi_value subscribe(napi_env env, napi_callback_info info);
  static napi_value poll(napi_env env, napi_callback_info info);
  static napi_value assign(napi_env env, napi_callback_info info);
  static napi_value unassign(napi_env env, napi_callback_info info);
  static napi_value seek(napi_env env, napi_callback_info info);
  static napi_value committed(napi_env env, napi_callback_info info);
  static napi_value rest_fetch(napi_env env, napi_callback_info info);

  void configure(const Arguments& arguments, rd_kafka_conf_t* conf) override;
  void opened() override;
  void interrupt() override;
  void shut_down(int timeout_ms) override;
  int destroy_flags() const override { return RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE; }

  // Where the records of a poll go, and how many more it may take.
  struct Poll {
    Batch& batch;
    Sales& sales;
    size_t room;

    template <class R>
    bool add(const R& record, int32_t epoch);
  };

  // All of these on the command thread.
  std::vector<ConsumerEvent> fill(Batch batch, Sales sales, int wait_ms);
  size_t take(size_t messages_max, int wait_ms);
  void rest();
  void hand_over(Poll& poll, std::vector<ConsumerEvent>& events);
  bool hand_over(Poll& poll, const rd_kafka_message_t& message,
                 std::vector<ConsumerEvent>& events);
  ConsumerEvent broken_batch(const rd_kafka_message_t& message);
  void drop_carried(const rd_kafka_topic_partition_list_t* list);
  ConsumerEvent event_of(const rd_kafka_message_t& message);
  void rebalanced(rd_kafka_resp_err_t number, rd_kafka_topic_partition_list_t* list);
  bool is_eager() const;
  void add(const std::string& what, rd_kafka_topic_partition_list_t* list);
  void remove(const std::string& what, rd_kafka_topic_partition_list_t* list);
  PartitionList assignment(const std::string& what) const;
  void note_owner();
  void fail_if_expelled(const std::string& what) const;
  void seek_to(const std::string& what, rd_kafka_topic_partition_list_t* list, int timeout_ms);

  // The queue of records, rebalances and errors. The JavaScript thread sets it before the command
  // thread starts; the command thread resets it under `handle_lock_`.
  Queue queue_;

  // Command thread only, like all below. We destroy `taken_[next_ … end_)`.
  std::vector<rd_kafka_message_t*> taken_ = std::vector<rd_kafka_message_t*>(kTakenMax);
  size_t next_ = 0;
  size_t end_ = 0;
  size_t taken_max_ = kTakenMax;
  // Since memory was given back.
  uint64_t bytes_taken_ = 0;
  // The walk through `taken_[next_]`, once it has begun with a whole batch.
  std::optional<RecordBatchReader> open_;
  // Rebalances that come after the records above. librdkafka has at most one open.
  std::vector<ConsumerEvent> rebalances_;
  // What `rebalanced` has thrown. It must not pass through librdkafka, which is C.
  std::exception_ptr thrown_;
  // Partitions were lost, and JavaScript has not answered yet.
  bool loss_is_open_ = false;
  // Inside `shut_down`, which answers rebalances at once.
  bool leaving_ = false;
  // Eager groups only: the start of each partition, for when it must be assigned again.
  std::map<int32_t, int64_t> starts_;
  // Partitions that the group has given to this member and not taken back, read or not.
  std::set<int32_t> given_;
  // The member that got the partitions; none without partitions. Under `handle_lock_`.
  std::optional<std::string> owner_;
  // `group_metadata` found another member: others may own the assigned partitions too.
  std::atomic<bool> expelled_{false};
};

}  // namespace salesboard
