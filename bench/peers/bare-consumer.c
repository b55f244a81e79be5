/* The floor: a librdkafka batch consumer that does nothing with what it reads.
 *
 *   bare-consumer BROKERS TOPIC PARTITIONS RECORDS
 *
 * Prints one line, "CPU_SECONDS WALL_SECONDS RECORDS PEAK_BYTES ALL_SECONDS": the first two from
 * the first record to the last, the last one from the assignment on. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "rdkafka.h"

#define BATCH_RECORDS_MAX 10000

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 + usage.ru_stime.tv_sec +
         usage.ru_stime.tv_usec / 1e6;
}

static double wall_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

/* The settings of Salesboard's own consumer (src/kafka/librdkafka.ts). */
static const char *const settings[][2] = {
    {"group.id", "bare-consumer"},         {"isolation.level", "read_committed"},
    {"enable.auto.commit", "false"},       {"enable.auto.offset.store", "false"},
    {"check.crcs", "true"},                {"fetch.queue.backoff.ms", "5"},
    {"fetch.wait.max.ms", "100"},          {"queued.max.messages.kbytes", "16384"},
    {"queued.min.messages", "1000000"},
};

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const char *topic = argv[2];
  const int partitions = atoi(argv[3]);
  const long wanted = atol(argv[4]);
  char error[512];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], error, sizeof error);
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    rd_kafka_conf_set(conf, settings[i][0], settings[i][1], error, sizeof error);
  }
  rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
  if (!consumer) return fprintf(stderr, "%s\n", error), 1;
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
  for (int i = 0; i < partitions; i++) {
    rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  /* An answer about one partition makes it connect and know the leaders: else it finds them up to a
   * second after the assignment, which says nothing about how fast it reads. */
  int64_t low, high;
  rd_kafka_query_watermark_offsets(consumer, topic, 0, &low, &high, 10000);
  const double assigned = wall_seconds();
  rd_kafka_assign(consumer, list);

  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
  static rd_kafka_message_t *messages[BATCH_RECORDS_MAX];
  long records = 0;
  double cpu = 0, wall = 0;
  while (records < wanted) {
    const ssize_t count = rd_kafka_consume_batch_queue(queue, 100, messages, BATCH_RECORDS_MAX);
    if (records == 0 && count > 0) cpu = cpu_seconds(), wall = wall_seconds();
    for (ssize_t i = 0; i < count; i++) {
      records += messages[i]->err == 0;
      rd_kafka_message_destroy(messages[i]);
    }
  }
  const double end = wall_seconds();
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("%.3f %.3f %ld %ld %.3f\n", cpu_seconds() - cpu, end - wall, records,
         usage.ru_maxrss * 1024, end - assigned);
  return 0;
}
