/** Nothing comes after `close`: whatever was pending, every promise is settled, once. */

import { afterAll, expect, test } from "bun:test";
import { RecordBatch } from "../../src/kafka/batch.ts";
import type { NativeConsumerEvent } from "../../src/kafka/native.ts";
import {
  ANSWER_MS_MAX,
  API,
  batchOf,
  ERROR,
  failureOf,
  GROUP,
  joined,
  NativeCluster,
  offered,
  pollUntil,
  start,
} from "../support/native.ts";

/** Sending offsets ends with the broker's answer, whatever its own time-out. */
const RTT_MS = 3_000;

const cluster = new NativeCluster();
afterAll(() => cluster.close());

test("Consumer.close answers a revocation that is still open", async () => {
  const topic = cluster.newTopic(2);
  const config = { ...GROUP, "group.id": "unanswered" };
  const [first, second] = [cluster.consumer(config), cluster.consumer(config)];
  await first.assign(topic, (await joined(first, topic)).flatMap(start));
  await second.subscribe(topic);
  await second.poll(batchOf(["x"]).memory, 10);
  await offered(first, "revoked");
  await first.close(60_000);
  expect(await offered(second, "assigned")).toEqual([0, 1]);
}, 600_000);

test("Consumer.close answers a loss that is still open", async () => {
  const own = new NativeCluster(); // where no other member takes the error
  const topic = own.newTopic();
  const consumer = own.consumer({ ...GROUP, "group.id": "lost" });
  await joined(consumer, topic);
  await consumer.assign(topic, start(0));
  own.mock.pushRequestErrors(API.heartbeat, [ERROR.illegalGeneration]);
  const isLost = (event: NativeConsumerEvent) => event.type === "revoked" && event.lost;
  await pollUntil(consumer, ({ events }) => events.some(isLost));
  await consumer.close(600_000);
  await own.close();
}, 600_000);

test("Producer.takeFailures leaves out the records that an abort or a close gave up", async () => {
  const topic = cluster.newTopic();
  const transactional = await cluster.transactionalProducer("purged");
  const plain = cluster.producer({ "linger.ms": "60000" });
  transactional.beginTransaction();
  // Far longer than the moment below, also on a busy machine.
  cluster.mock.setBrokerRtt(1, RTT_MS);
  transactional.produce(topic, batchOf(["in flight"]).memory, 0);
  plain.produce(topic, batchOf(["queued"]).memory, 0);
  await Bun.sleep(50); // so that the first is on its way
  expect([transactional.inFlight, plain.inFlight]).toEqual([1, 1]);
  await Promise.all([transactional.abortTransaction(ANSWER_MS_MAX), plain.close(ANSWER_MS_MAX)]);
  cluster.mock.setBrokerRtt(1, 0);
  expect([transactional.inFlight, plain.inFlight]).toEqual([0, 0]);
  expect([...transactional.takeFailures(), ...plain.takeFailures()]).toEqual([]);
});

test("Client.close ends a poll that waits, and every call after it fails", async () => {
  const topic = cluster.newTopic();
  const consumer = cluster.consumer();
  await consumer.assign(topic, start(0));
  const batch = batchOf(["x"]);
  await consumer.poll(batch.memory, 100);
  const calls = [consumer.poll(batch.memory, 600_000), consumer.committed(topic, [0], 1)];
  const failures = Promise.all(calls.map(failureOf));
  await Bun.sleep(20); // so that the first waits for records, and the second for the first
  await Promise.all([consumer.close(ANSWER_MS_MAX), consumer.close(ANSWER_MS_MAX)]);
  await consumer.close(ANSWER_MS_MAX);
  const closed = { code: "_DESTROY", message: expect.stringContaining("the client is closed") };
  expect(await failures).toMatchObject([closed, closed]);
  expect(await failureOf(consumer.subscribe(topic))).toMatchObject(closed);
  const producer = cluster.producer();
  await producer.close(ANSWER_MS_MAX);
  expect(() => producer.produce(topic, batch.memory, 0)).toThrow("the client is closed");
  expect(producer.inFlight).toBe(0);
});

const LONG_MS = 600_000;
/** Of the calls that nothing can interrupt: closing waits for them as long. */
const REQUEST_MS = 1_000;
const LATE_MS = 300;

/** By class: a client, and calls of it that no broker answers in time. */
async function pendingCalls(own: NativeCluster) {
  const topic = own.newTopic();
  const debug = { debug: "all" }; // events all the time
  const member = own.consumer({ ...GROUP, "group.id": "pending" });
  await joined(member, topic);
  const consumer = own.consumer(debug);
  await consumer.assign(topic, start(0));
  const transactional = await own.transactionalProducer("pending", debug);
  transactional.beginTransaction();
  transactional.produce(topic, batchOf(["x"]).memory, 0);
  const admin = own.admin(debug);
  const producer = own.producer(debug);
  producer.produce(topic, batchOf(["x"]).memory, 0);
  own.mock.setBrokerRtt(1, RTT_MS);
  return [
    {
      client: producer,
      calls: [producer.flush(LONG_MS), producer.metadata(null, REQUEST_MS)],
    },
    {
      client: transactional,
      calls: [
        transactional.sendOffsets(member, topic, start(0), REQUEST_MS),
        transactional.commitTransaction(LONG_MS),
        transactional.abortTransaction(LONG_MS),
      ],
    },
    {
      client: consumer,
      calls: [
        consumer.committed(topic, [0], REQUEST_MS),
        consumer.poll(new RecordBatch({ recordsMax: 1, bytesMax: 10 }).memory, LONG_MS),
        consumer.watermarks(topic, [0], REQUEST_MS),
      ],
    },
    {
      client: admin,
      calls: [admin.metadata(topic, LONG_MS), admin.watermarks(topic, [0], REQUEST_MS)],
    },
  ];
}

test("a client of any class that is closed settles all that is pending, and is silent", async () => {
  const own = new NativeCluster();
  const pending = (await pendingCalls(own)).map(({ client, calls }) => {
    const tally = { settled: 0 };
    const count = () => {
      tally.settled++;
    };
    for (const call of calls) call.then(count, count);
    return { client, calls: calls.length, tally };
  });
  await Promise.all(
    pending.map(async ({ client, calls, tally }) => {
      expect(tally.settled).toBeLessThan(calls);
      await client.close(ANSWER_MS_MAX);
      const reported = own.reported.get(client);
      expect(reported).toBeGreaterThan(0);
      expect(tally.settled).toBe(calls);
      await Bun.sleep(LATE_MS);
      expect(tally.settled).toBe(calls);
      expect(own.reported.get(client)).toBe(reported);
      const closed = { code: "_DESTROY", message: expect.stringContaining("the client is closed") };
      expect(await failureOf(client.metadata(null, 1))).toMatchObject(closed);
    }),
  );
  await own.close();
}, 600_000);
