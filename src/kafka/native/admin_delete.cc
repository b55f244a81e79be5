// What a reset needs: who is in a group, and the end of topics and of a group's offsets.
#include "admin.h"
#include "partitions.h"

namespace salesboard {

namespace {

using DeleteTopic = Owned<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy>;
using DeleteOffsets =
    Owned<rd_kafka_DeleteConsumerGroupOffsets_t, rd_kafka_DeleteConsumerGroupOffsets_destroy>;

struct Member {
  std::string client, host, instance;
  std::vector<std::pair<std::string, int>> assigned;
};

napi_value member_to_js(napi_env env, const Member& member) {
  napi_value result = js::object(env);
  js::set(env, result, "client", js::string(env, member.client));
  js::set(env, result, "host", js::string(env, member.host));
  if (!member.instance.empty()) js::set(env, result, "instance", js::string(env, member.instance));
  const auto to_js = [env](const std::pair<std::string, int>& of) {
    napi_value place = js::object(env);
    js::set(env, place, "topic", js::string(env, of.first));
    js::set(env, place, "partition", js::number(env, of.second));
    return place;
  };
  js::set(env, result, "assigned", js::array_of(env, member.assigned, to_js));
  return result;
}

std::vector<std::pair<std::string, int>> assigned_to(const rd_kafka_MemberDescription_t* member) {
  std::vector<std::pair<std::string, int>> assigned;
  const auto* assignment = rd_kafka_MemberDescription_assignment(member);
  const auto* list = assignment ? rd_kafka_MemberAssignment_partitions(assignment) : nullptr;
  for (int i = 0; list && i < list->cnt; i++) {
    assigned.emplace_back(list->elems[i].topic, list->elems[i].partition);
  }
  return assigned;
}

std::vector<Member> members_of(const std::string& what, rd_kafka_event_t* event) {
  size_t count = 0;
  const auto* const* groups = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event), &count);
  std::vector<Member> members;
  for (size_t i = 0; i < count; i++) {
    const auto number =
        rd_kafka_error_code(rd_kafka_ConsumerGroupDescription_error(groups[i]));
    if (number == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) continue;
    check(what, number);
    for (size_t k = 0; k < rd_kafka_ConsumerGroupDescription_member_count(groups[i]); k++) {
      const auto* member = rd_kafka_ConsumerGroupDescription_member(groups[i], k);
      const char* instance = rd_kafka_MemberDescription_group_instance_id(member);
      members.push_back({rd_kafka_MemberDescription_client_id(member),
                         rd_kafka_MemberDescription_host(member), instance ? instance : "",
                         assigned_to(member)});
    }
  }
  return members;
}

}  // namespace

napi_value Admin::delete_topic(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "delete a topic");
  const auto self = arguments.self<Admin>();
  const auto topic = arguments.string(0, "topic");
  const int timeout_ms = arguments.timeout_ms(1);
  const auto what = "delete topic " + topic;
  return self->submit(arguments, [self = self.get(), topic, timeout_ms, what] {
    const DeleteTopic request(rd_kafka_DeleteTopic_new(topic.c_str()));
    const Queue queue(rd_kafka_queue_new(self->rk_));
    const auto options = self->admin_options(RD_KAFKA_ADMIN_OP_DELETETOPICS, timeout_ms);
    rd_kafka_DeleteTopic_t* requests[] = {request.get()};
    rd_kafka_DeleteTopics(self->rk_, requests, 1, options.get(), queue.get());
    const Event event = self->await_result(what, queue.get(), timeout_ms);
    size_t count = 0;
    const auto* const* results = rd_kafka_DeleteTopics_result_topics(
        rd_kafka_event_DeleteTopics_result(event.get()), &count);
    for (size_t i = 0; i < count; i++) {
      const auto number = rd_kafka_topic_result_error(results[i]);
      const char* text = rd_kafka_topic_result_error_string(results[i]);
      if (number) throw failure(what, number, nullptr, text);
    }
    return Answer(js::undefined);
  });
}

napi_value Admin::group_members(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "describe a group");
  const auto self = arguments.self<Admin>();
  const auto group = arguments.string(0, "group");
  const int timeout_ms = arguments.timeout_ms(1);
  const auto what = "describe group " + group;
  return self->submit(arguments, [self = self.get(), group, timeout_ms, what] {
    const Queue queue(rd_kafka_queue_new(self->rk_));
    const auto options = self->admin_options(RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, timeout_ms);
    const char* groups[] = {group.c_str()};
    rd_kafka_DescribeConsumerGroups(self->rk_, groups, 1, options.get(), queue.get());
    const Event event = self->await_result(what, queue.get(), timeout_ms);
    const auto members = members_of(what, event.get());
    return Answer([members](napi_env env) {
      return js::array_of(env, members,
                          [env](const Member& member) { return member_to_js(env, member); });
    });
  });
}

napi_value Admin::delete_offsets(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info, "delete offsets");
  const auto self = arguments.self<Admin>();
  const auto group = arguments.string(0, "group");
  const auto topic = arguments.string(1, "topic");
  const auto partitions = arguments.partitions(2);
  const int timeout_ms = arguments.timeout_ms(3);
  const auto what = "delete the offsets of group " + group;
  return self->submit(arguments, [self = self.get(), group, topic, partitions, timeout_ms, what] {
    const auto list = partition_list(topic, partitions);
    const DeleteOffsets request(
        rd_kafka_DeleteConsumerGroupOffsets_new(group.c_str(), list.get()));
    const Queue queue(rd_kafka_queue_new(self->rk_));
    const auto options =
        self->admin_options(RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS, timeout_ms);
    rd_kafka_DeleteConsumerGroupOffsets_t* requests[] = {request.get()};
    rd_kafka_DeleteConsumerGroupOffsets(self->rk_, requests, 1, options.get(), queue.get());
    const Event event = self->await_result(what, queue.get(), timeout_ms);
    size_t count = 0;
    const auto* const* results = rd_kafka_DeleteConsumerGroupOffsets_result_groups(
        rd_kafka_event_DeleteConsumerGroupOffsets_result(event.get()), &count);
    for (size_t i = 0; i < count; i++) {
      check(what, rd_kafka_error_code(rd_kafka_group_result_error(results[i])));
      const auto* deleted = rd_kafka_group_result_partitions(results[i]);
      for (int k = 0; deleted && k < deleted->cnt; k++) check(what, deleted->elems[k].err);
    }
    return Answer(js::undefined);
  });
}

}  // namespace salesboard
