// Topics: creates, grows and describes them.
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
};

}  // namespace salesboard
