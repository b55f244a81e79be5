/** A transaction that writes to many partitions of a broker that is far away. */

import { expect, test } from "bun:test";
import { EMBEDDED_PROPERTIES } from "../../src/kafka/embedded.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { native } from "../../src/kafka/native.ts";
import { quietLog } from "../support/context.ts";
import { readTopic, recordsOf } from "../support/records.ts";

const RTT_MS = 1_000;
const PARTITIONS = 200;
/** What a busy machine adds is far less. */
const TRANSACTION_MS = 30_000;
const TEST_MS_MAX = 120_000;

// Five requests at a time, and each with one partition: the transaction took 43 s here. On 256
// partitions of totals and as many of history, it was always ended by its time-out at 50 ms.
test(
  `a transaction on ${PARTITIONS} partitions takes a few round trips, and not one for each five`,
  async () => {
    const cluster = new native.MockCluster(1);
    cluster.createTopic("out", PARTITIONS);
    const properties = {
      ...EMBEDDED_PROPERTIES,
      "transaction.timeout.ms": String(TRANSACTION_MS),
    };
    const brokers = cluster.bootstrapServers;
    const kafka = librdkafka({ brokers, properties, log: quietLog });
    const producer = kafka.transactionalProducer({ transactionalId: "far" });
    try {
      await producer.init();
      const value = new TextEncoder().encode("1");
      const records = Array.from({ length: 3 * PARTITIONS }, (_, i) => {
        return { value, partition: i % PARTITIONS };
      });
      cluster.setBrokerRtt(1, RTT_MS);
      producer.begin();
      expect(producer.produce("out", recordsOf(records), 0)).toBe(records.length);
      await producer.flush(TRANSACTION_MS);
      expect(producer.takeFailures()).toEqual([]);
      await producer.commit();
      cluster.setBrokerRtt(1, 0);
      const all = Array.from({ length: PARTITIONS }, (_, id) => id);
      expect(await readTopic(kafka, "out", all)).toHaveLength(records.length);
    } finally {
      await producer.close();
      cluster.close();
    }
  },
  TEST_MS_MAX,
);
