/** Batches that a broker refuses because it lacks the one before them. */

import { afterAll, expect, test } from "bun:test";
import {
  ANSWER_MS_MAX,
  API,
  batchOf,
  ERROR,
  NativeCluster,
  pollUntil,
  start,
} from "../support/native.ts";
import { waitFor } from "../support/wait.ts";

const VALUES = ["1", "2", "3"];

const cluster = new NativeCluster();
afterAll(() => cluster.close());

// A new epoch makes the broker forget what it has: batches of other partitions whose answers were
// lost in the same moment then counted twice, as leaders moved.
test("are sent again in their order, and the producer keeps its epoch", async () => {
  const topic = cluster.newTopic();
  const producer = cluster.producer({
    "enable.idempotence": "true",
    "batch.num.messages": "1",
    "linger.ms": "0",
    "statistics.interval.ms": "20",
  });
  producer.produce(topic, batchOf(["0"]).memory, 0);
  await producer.flush(ANSWER_MS_MAX);
  cluster.mock.setBrokerRtt(1, 200);
  const { notLeader, outOfOrder } = ERROR;
  cluster.mock.pushRequestErrors(API.produce, [notLeader, outOfOrder, outOfOrder]);
  producer.produce(topic, batchOf(VALUES).memory, 0);
  await producer.flush(ANSWER_MS_MAX);
  expect(producer.takeFailures()).toEqual([]);
  cluster.mock.setBrokerRtt(1, 0);
  const consumer = cluster.consumer();
  await consumer.assign(topic, start(0));
  const { values } = await pollUntil(consumer, (seen) => seen.values.length > VALUES.length);
  expect(values).toEqual(["0", ...VALUES]);
  cluster.events.length = 0;
  expect(await waitFor(epoch, { what: "the statistics" })).toBe("0");
});

/** By the latest statistics. */
function epoch(): string | undefined {
  const latest = cluster.events.findLast((event) => event.type === "stats");
  return latest && String(JSON.parse(latest.json).eos.producer_epoch);
}
