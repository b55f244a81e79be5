/* Transactions as librdkafka's documentation and examples write them, every property at its
 * default. The examples log failed deliveries in a callback; a program may do without, for a
 * commit reports them too, but then waits for deliveries in steps of 10 ms.
 *
 *   default-transactions (callback|none) BROKERS INPUT OUTPUT GROUP INTERVAL_MS TRANSACTIONS
 *
 * Consumes INPUT; every INTERVAL_MS (0 = at once) totals of 100 products and the consumer's
 * positions go into one transaction. Prints the milliseconds from begin to commit, one a line. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rdkafka.h"

#define PRODUCTS 100
#define SALES_MAX 100
#define CALL_MS_MAX 30000

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void check(rd_kafka_error_t *error) {
  if (!error) return;
  fprintf(stderr, "%s\n", rd_kafka_error_string(error));
  exit(1);
}

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
  if (message->err) fprintf(stderr, "%s\n", rd_kafka_err2str(message->err)), exit(1);
}

static rd_kafka_conf_t *settings(const char *brokers, const char *name, const char *value) {
  char error[512];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers, error, sizeof error);
  rd_kafka_conf_set(conf, name, value, error, sizeof error);
  return conf;
}

static rd_kafka_t *new_producer(const char *brokers, const char *id, int has_callback) {
  char error[512];
  rd_kafka_conf_t *conf = settings(brokers, "transactional.id", id);
  if (has_callback) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  check(rd_kafka_init_transactions(producer, CALL_MS_MAX));
  return producer;
}

static rd_kafka_t *new_consumer(const char *brokers, const char *group, const char *topic) {
  char error[512];
  rd_kafka_conf_t *conf = settings(brokers, "group.id", group);
  rd_kafka_conf_set(conf, "enable.auto.commit", "false", error, sizeof error);
  rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", error, sizeof error);
  rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(consumer, topics);
  rd_kafka_topic_partition_list_destroy(topics);
  return consumer;
}

/* At least one sale, then until the time is over or there are enough. */
static void consume(rd_kafka_t *consumer, double until_ms) {
  for (int sales = 0; sales < SALES_MAX && (sales == 0 || now_ms() < until_ms);) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 10);
    if (!message) continue;
    sales += !message->err;
    rd_kafka_message_destroy(message);
  }
  while (now_ms() < until_ms) {
    const struct timespec millisecond = {.tv_nsec = 1000000};
    nanosleep(&millisecond, NULL);
  }
}

static void commit(rd_kafka_t *producer, rd_kafka_t *consumer, const char *output) {
  check(rd_kafka_begin_transaction(producer));
  for (int i = 0; i < PRODUCTS; i++) {
    char key[32], value[160];
    snprintf(key, sizeof key, "Product %07d", i);
    snprintf(value, sizeof value,
             "{\"product\":\"%s\",\"totalQuantity\":42,\"totalPrice\":\"20999.58\",\"sales\":17,"
             "\"updatedAt\":\"2026-11-23T17:00:00.123Z\"}",
             key);
    rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(output), RD_KAFKA_V_KEY(key, strlen(key)),
                      RD_KAFKA_V_VALUE(value, strlen(value)),
                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    rd_kafka_poll(producer, 0);
  }
  rd_kafka_topic_partition_list_t *positions;
  rd_kafka_assignment(consumer, &positions);
  rd_kafka_position(consumer, positions);
  rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata(consumer);
  check(rd_kafka_send_offsets_to_transaction(producer, positions, group, CALL_MS_MAX));
  rd_kafka_consumer_group_metadata_destroy(group);
  rd_kafka_topic_partition_list_destroy(positions);
  check(rd_kafka_commit_transaction(producer, CALL_MS_MAX));
}

int main(int argc, char **argv) {
  if (argc != 8) return 2;
  const int has_callback = strcmp(argv[1], "callback") == 0;
  const char *brokers = argv[2], *input = argv[3], *output = argv[4], *group = argv[5];
  const double interval_ms = atof(argv[6]);
  const int transactions = atoi(argv[7]);
  rd_kafka_t *producer = new_producer(brokers, group, has_callback);
  rd_kafka_t *consumer = new_consumer(brokers, group, input);
  consume(consumer, 0);
  double started = now_ms();
  for (int i = 0; i < transactions; i++) {
    consume(consumer, i == 0 ? 0 : started + interval_ms);
    started = now_ms();
    commit(producer, consumer, output);
    printf("%.3f\n", now_ms() - started);
  }
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(producer);
  return 0;
}
