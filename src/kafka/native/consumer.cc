#include "consumer.h"

#include "partitions.h"

namespace salesboard {

namespace {

napi_value events_to_js(napi_env env, const std::vector<ConsumerEvent>& events) {
  return js::array_of(env, events, [env](const ConsumerEvent& event) {
    static constexpr const char* kTypes[] = {"assigned", "revoked", "end", "error"};
    napi_value result = js::object(env);
    js::set(env, result, "type", js::string(env, kTypes[event.type]));
    switch (event.type) {
      case ConsumerEvent::kRevoked:
        js::set(env, result, "lost", js::boolean(env, event.lost));
        [[fallthrough]];
      case ConsumerEvent::kAssigned:
        js::set(env, result, "partitions", js::numbers(env, event.partitions));
        break;
      case ConsumerEvent::kEnd:
        js::set(env, result, "partition", js::number(env, event.partitions[0]));
        js::set(env, result, "offset", js::number(env, static_cast<double>(event.offset)));
        break;
      case ConsumerEvent::kError:
        js::set(env, result, "partition", js::number(env, event.partitions[0]));
        js::set(env, result, "error", to_js(env, event.error));
        break;
    }
    return result;
  });
}

Answer nothing() { return js::undefined; }

}  // namespace

void Consumer::configure(const Arguments& arguments, rd_kafka_conf_t* conf) {
  char group[2] = "";
  size_t group_bytes = 0;
  rd_kafka_conf_get(conf, "group.id", nullptr, &group_bytes);
  if (group_bytes <= sizeof group - 1) {
    arguments.fail("config.group.id must be set: librdkafka needs it even to read without a group");
  }
  rd_kafka_conf_set_rebalance_cb(conf, [](rd_kafka_t*, rd_kafka_resp_err_t number,
                                          rd_kafka_topic_partition_list_t* list, void* self) {
    auto* consumer = static_cast<Consumer*>(self);
    try {
      consumer->rebalanced(number, list);
    } catch (...) {
      consumer->thrown_ = std::current_exception();
    }
  });
  rd_kafka_conf_set_error_cb(conf, [](rd_kafka_t*, int number, const char* reason, void* self) {
    static_cast<Consumer*>(self)->post_error(static_cast<rd_kafka_resp_err_t>(number), reason);
  });
  rd_kafka_conf_set_stats_cb(conf, [](rd_kafka_t*, char* json, size_t bytes, void* self) {
    static_cast<Consumer*>(self)->post_stats(std::string(json, bytes));
    return 0;
  });
}

// Polls serve errors and statistics too.
void Consumer::opened() {
  rd_kafka_poll_set_consumer(rk_);
  queue_.reset(rd_kafka_queue_get_consumer(rk_));
}

void Consumer::interrupt() {
  const std::lock_guard<std::mutex> lock(handle_lock_);
  if (queue_) rd_kafka_queue_yield(queue_.get());
}

// Leaves the group. librdkafka asks again for answers that JavaScript still owes, and `rebalanced`
// gives them. But it revokes lost partitions only once, and would wait for that answer for ever.
// Give no answer that librdkafka does not wait for: after leaving the group, it never returns.
void Consumer::shut_down(int timeout_ms) {
  drop_carried(nullptr);
  leaving_ = true;
  if (timeout_ms > 0) {
    const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
    const Queue leaving(rd_kafka_queue_new(rk_));
    rd_kafka_error_t* error = rd_kafka_consumer_close_queue(rk_, leaving.get());
    if (error) {
      rd_kafka_error_destroy(error);  // a fatal error: there is no group to leave
    } else {
      if (loss_is_open_) rd_kafka_assign(rk_, nullptr);
      const auto is_over = [&] { return abandoned() || Clock::now() >= deadline; };
      while (!rd_kafka_consumer_closed(rk_) && !is_over()) {
        // The batch call, because records may still arrive, and serving them as callbacks asserts.
        end_ = rd_kafka_consume_batch_queue(leaving.get(), 100, taken_.data(), kTakenMax);
        next_ = 0;
        drop_carried(nullptr);
      }
    }
  }
  const std::lock_guard<std::mutex> lock(handle_lock_);
  queue_.reset();
}

// librdkafka can lose its session while it waits for the answer to a rebalance. It then silently
// joins again, as another member, with all partitions that it believes to own (rdkafka_cgrp.c,
// `revoke_all_rejoin_maybe`). The group would accept offsets of partitions that belonged to others
// meanwhile, so this function compares the members. It does not rely on KIP-394, which makes a
// newcomer join twice and which librdkafka takes for a loss.
GroupMetadata Consumer::group_metadata(const std::string& what) {
  const std::lock_guard<std::mutex> lock(handle_lock_);
  if (closing() || !rk_) throw closed_failure(what + " (the consumer)");
  GroupMetadata metadata(rd_kafka_consumer_group_metadata(rk_));
  const bool is_member =
      metadata && rd_kafka_consumer_group_metadata_generation_id(metadata.get()) >= 0 &&
      *rd_kafka_consumer_group_metadata_member_id(metadata.get()) != '\0';
  if (is_member && owner_) {
    const char* id = rd_kafka_consumer_group_metadata_member_id(metadata.get());
    if (*owner_ != id) expelled_ = true;
  }
  fail_if_expelled(what);
  if (is_member) return metadata;
  auto problem = failure(what, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, nullptr,
                         "the consumer is not a member of its group");
  problem.txn_requires_abort = true;
  throw problem;
}

void Consumer::fail_if_expelled(const std::string& what) const {
  if (!expelled_) return;
  auto problem = failure(what, RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST, nullptr,
                         "the consumer has become another member of its group");
  problem.txn_requires_abort = true;
  throw problem;
}

napi_value Consumer::subscribe(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "subscribe");
  const auto self = arguments.self<Consumer>();
  const auto topic = arguments.string(0, "topic");
  return self->submit(arguments, [self = self.get(), topic, what = arguments.what()] {
    const auto list = partition_list(topic, std::vector<int32_t>{RD_KAFKA_PARTITION_UA});
    check(what + " to topic " + topic, rd_kafka_subscribe(self->rk_, list.get()), self->rk_);
    return nothing();
  });
}

napi_value Consumer::poll(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "poll");
  const auto self = arguments.self<Consumer>();
  const Batch batch = arguments.batch(0);
  const int wait_ms = arguments.timeout_ms(1, "waitMs");
  const SalesArguments sales = arguments.sales(2);
  const auto work = [self = self.get(), batch, sales, wait_ms, what = arguments.what()] {
    self->fail_if_expelled(what);
    return [events = self->fill(batch, Sales(sales), wait_ms)](napi_env env) {
      return events_to_js(env, events);
    };
  };
  // All memory that the command thread uses: the batch, the sums, the indexes.
  napi_value kept = js::array(env, 0);
  for (const size_t i : {0, 2, 4}) js::set(env, kept, i, arguments.value(i));
  return self->submit(arguments, work, kept);
}

napi_value Consumer::assign(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "assign partitions");
  const auto self = arguments.self<Consumer>();
  const auto topic = arguments.string(0, "topic");
  const auto positions = arguments.positions(1);
  return self->submit(arguments, [self = self.get(), topic, positions, what = arguments.what()] {
    const auto list = partition_list(topic, positions);
    self->drop_carried(list.get());
    self->add(what, list.get());
    return nothing();
  });
}

napi_value Consumer::unassign(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "unassign partitions");
  const auto self = arguments.self<Consumer>();
  const auto topic = arguments.string(0, "topic");
  const auto partitions = arguments.partitions(1);
  return self->submit(arguments, [self = self.get(), topic, partitions, what = arguments.what()] {
    const auto list = partition_list(topic, partitions);
    self->drop_carried(list.get());
    self->remove(what, list.get());
    return nothing();
  });
}

napi_value Consumer::seek(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "seek");
  const auto self = arguments.self<Consumer>();
  const auto topic = arguments.string(0, "topic");
  const auto positions = arguments.positions(1);
  const int timeout_ms = arguments.timeout_ms(2);
  const auto work = [self = self.get(), topic, positions, timeout_ms, what = arguments.what()] {
    const auto list = partition_list(topic, positions);
    self->seek_to(what, list.get(), timeout_ms);
    self->drop_carried(list.get());
    return nothing();
  };
  return self->submit(arguments, work);
}

napi_value Consumer::committed(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "read committed offsets");
  const auto self = arguments.self<Consumer>();
  const auto topic = arguments.string(0, "topic");
  const auto partitions = arguments.partitions(1);
  const int timeout_ms = arguments.timeout_ms(2);
  const auto work = [self = self.get(), topic, partitions, timeout_ms, what = arguments.what()] {
    const auto list = partition_list(topic, partitions);
    check(what, rd_kafka_committed(self->rk_, list.get(), timeout_ms), self->rk_);
    check_each(what, list.get());
    std::vector<Position> positions;
    for (int i = 0; i < list->cnt; i++) {
      positions.push_back({list->elems[i].partition, list->elems[i].offset});
    }
    return [positions](napi_env env) { return positions_to_js(env, positions); };
  };
  return self->submit(arguments, work);
}

// On the JavaScript thread: librdkafka notes a time, and waits for nothing.
napi_value Consumer::rest_fetch(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "rest");
  const auto self = arguments.self<Consumer>();
  const int rest_ms = arguments.timeout_ms(0, "restMs");
  const std::lock_guard<std::mutex> lock(self->handle_lock_);
  if (!self->closing() && self->rk_) rd_kafka_fetch_rest(self->rk_, rest_ms);
  return js::undefined(env);
}

napi_value Consumer::define(napi_env env) {
  auto properties = shared_properties();
  properties.insert(properties.end(),
                    {method<subscribe>("subscribe"), method<poll>("poll"),
                     method<assign>("assign"), method<unassign>("unassign"), method<seek>("seek"),
                     method<committed>("committed"), method<rest_fetch>("restFetch")});
  return define_class(env, kClass, guarded<construct<Consumer>>, properties);
}

}  // namespace salesboard
