// Topics: creates, grows, describes and deletes them. Groups: their members and offsets.
#pragma once

#include "client.h"

namespace salesboard {

class Admin : public Client {
 public:
  static constexpr const char* kClass = "Admin";
  static napi_value define(napi_env env);

  Admin() : Client(RD_KAFKA_PRODUCER) {}

 private:
  static napi_value create_topic(napi_env env, napi_callback_info info);
  static napi_value add_partitions(napi_env env, napi_callback_info info);
  // admin_configs.cc
  static napi_value topic_settings(napi_env env, napi_callback_info info);
  // admin_delete.cc
  static napi_value delete_topic(napi_env env, napi_callback_info info);
  static napi_value group_members(napi_env env, napi_callback_info info);
  static napi_value delete_offsets(napi_env env, napi_callback_info info);
  // identity.cc
  static napi_value identity(napi_env env, napi_callback_info info);
};

}  // namespace salesboard
