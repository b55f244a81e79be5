/** What the addon promises beyond carrying records, which is in batch.test.ts. */

import { afterAll, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RecordBatch } from "../../src/kafka/batch.ts";
import {
  type NativeConsumer,
  type NativeConsumerEvent,
  type NativeError,
  native,
} from "../../src/kafka/native.ts";
import {
  ANSWER_MS_MAX,
  API,
  batchOf,
  ERROR,
  NativeCluster,
  pollUntil,
  valuesOf,
} from "../support/native.ts";

const cluster = new NativeCluster();
afterAll(() => cluster.close());

const client = fileURLToPath(new URL("../fixtures/native-client.ts", import.meta.url));
const deno = fileURLToPath(
  new URL("../../node_modules/@deno/linux-x64-glibc/deno", import.meta.url),
);

async function failureOf(call: Promise<unknown>): Promise<NativeError> {
  const outcome = await call.then(
    () => undefined,
    (error: NativeError) => error,
  );
  if (!outcome) throw new Error("The call should have failed.");
  return outcome;
}

/** The partitions of the first event of this type. */
function partitionsOf(events: NativeConsumerEvent[], type: "assigned" | "revoked"): number[] {
  const event = events.find((candidate) => candidate.type === type);
  return event && "partitions" in event ? event.partitions.toSorted() : [];
}

const start = (partition: number) => [{ partition, offset: 0 }];

test("Consumer.seek drops what was fetched before, whatever is still carried over", async () => {
  const topic = cluster.newTopic();
  await cluster.send(topic, ["0", "1", "2", "3", "4", "5"]);
  const consumer = cluster.consumer();
  await consumer.assign(topic, [{ partition: 0, offset: 0 }]);
  const batch = new RecordBatch({ recordsMax: 2, bytesMax: 100 });
  while (batch.count === 0) await consumer.poll(batch.memory, ANSWER_MS_MAX);
  await consumer.seek(topic, [{ partition: 0, offset: 4 }], ANSWER_MS_MAX);
  const { values } = await pollUntil(consumer, (seen) => seen.values.length >= 2, batch);
  expect(values).toEqual(["4", "5"]);
});

test("Consumer.unassign and assign leave no record of the time before", async () => {
  const topic = cluster.newTopic();
  await cluster.send(topic, ["0", "1", "2", "3"]);
  const consumer = cluster.consumer();
  await consumer.assign(topic, [{ partition: 0, offset: 0 }]);
  const batch = new RecordBatch({ recordsMax: 1, bytesMax: 100 });
  while (batch.count === 0) await consumer.poll(batch.memory, ANSWER_MS_MAX);
  await consumer.unassign(topic, [0]);
  await consumer.poll(batch.memory, 0);
  expect(batch.count).toBe(0);
  await consumer.assign(topic, [{ partition: 0, offset: 3 }]);
  const { values } = await pollUntil(consumer, (seen) => seen.values.length > 0, batch);
  expect(values).toEqual(["3"]);
});

test("Consumer.pause holds a partition until resume", async () => {
  const topic = cluster.newTopic();
  await cluster.send(topic, ["0"]);
  const consumer = cluster.consumer();
  await consumer.assign(topic, [{ partition: 0, offset: 0 }]);
  await consumer.pause(topic, [0]);
  const batch = new RecordBatch({ recordsMax: 1, bytesMax: 100 });
  await consumer.poll(batch.memory, 100);
  expect(batch.count).toBe(0);
  await consumer.resume(topic, [0]);
  const { values } = await pollUntil(consumer, (seen) => seen.values.length > 0, batch);
  expect(values).toEqual(["0"]);
});

test("Consumer.poll reports a position outside the partition", async () => {
  const topic = cluster.newTopic();
  const consumer = cluster.consumer({ "auto.offset.reset": "error" });
  await consumer.assign(topic, [{ partition: 0, offset: 17 }]);
  const { events } = await pollUntil(consumer, (seen) => seen.events.length > 0);
  expect(events).toMatchObject([
    { type: "error", partition: 0, error: { code: "_AUTO_OFFSET_RESET" } },
  ]);
});

// The mock cluster lets members wait for the session's time less one second.
const GROUP = { "heartbeat.interval.ms": "100", "session.timeout.ms": "1500" };

for (const strategy of ["cooperative-sticky", "range"]) {
  test(`Consumer of a ${strategy} group gives partitions to a newcomer and gets them back`, async () => {
    const topic = cluster.newTopic(2);
    await cluster.send(topic, ["0"], 0);
    await cluster.send(topic, ["1"], 1);
    const config = { ...GROUP, "group.id": strategy, "partition.assignment.strategy": strategy };
    const step = async (consumer: NativeConsumer) => {
      const batch = new RecordBatch({ recordsMax: 10, bytesMax: 100 });
      const events = await consumer.poll(batch.memory, 50);
      for (const event of events) {
        if (event.type === "revoked") await consumer.unassign(topic, event.partitions);
        if (event.type !== "assigned") continue;
        // One by one, as their states would be restored; none is an answer to an empty offer.
        for (const partition of event.partitions) await consumer.assign(topic, start(partition));
      }
      return { events, values: valuesOf(batch) };
    };
    const first = cluster.consumer(config);
    const second = cluster.consumer(config);
    await first.subscribe(topic);
    const before: string[] = [];
    while (before.length < 2) before.push(...(await step(first)).values);
    expect(before.toSorted()).toEqual(["0", "1"]);

    await second.subscribe(topic);
    const events: NativeConsumerEvent[] = [];
    let [moved] = (await step(second)).values;
    while (moved === undefined) {
      events.push(...(await step(first)).events);
      [moved] = (await step(second)).values;
    }
    expect(partitionsOf(events, "revoked")).toEqual(
      strategy === "range" ? [0, 1] : [Number(moved)],
    );
    expect(events).not.toContainEqual(expect.objectContaining({ lost: true }));
    expect(first.assignmentLost).toBe(false);

    await second.close(ANSWER_MS_MAX);
    const after: string[] = [];
    while (!after.includes(moved)) after.push(...(await step(first)).values);
  }, 30_000);
}

test("Consumer.close answers a revocation that is still open", async () => {
  const topic = cluster.newTopic(2);
  const config = { ...GROUP, "group.id": "unanswered" };
  const [first, second] = [cluster.consumer(config), cluster.consumer(config)];
  const has = (type: string) => (seen: { events: NativeConsumerEvent[] }) => {
    return seen.events.some((event) => event.type === type && event.partitions.length > 0);
  };
  await first.subscribe(topic);
  const { events } = await pollUntil(first, has("assigned"));
  await first.assign(topic, partitionsOf(events, "assigned").flatMap(start));
  await second.subscribe(topic);
  await Promise.all([pollUntil(first, has("revoked")), second.poll(batchOf(["x"]).memory, 10)]);
  await first.close(60_000);
  const assigned = await pollUntil(second, has("assigned"));
  expect(partitionsOf(assigned.events, "assigned")).toEqual([0, 1]);
}, 30_000);

// The mock cluster shows records of open and aborted transactions to everyone, and forgets offsets
// sent with them: what becomes visible to whom is tested with the real broker, in contract.ts.
test("Producer ends transactions, each by a marker in its partitions", async () => {
  const topic = cluster.newTopic();
  const producer = await cluster.transactionalProducer("markers");
  const high = async () => (await producer.watermarks(topic, 0, ANSWER_MS_MAX)).high;
  const begin = async () => {
    producer.beginTransaction();
    expect(producer.produce(topic, batchOf(["a", "b"]).memory, 0)).toBe(2);
    await producer.flush(ANSWER_MS_MAX);
  };
  expect(() => producer.produce(topic, batchOf(["outside"]).memory, 0)).toThrow("Cannot produce");
  await begin();
  expect(await high()).toBe(2);
  await producer.commitTransaction(ANSWER_MS_MAX);
  expect(await high()).toBe(3);
  await begin();
  await producer.abortTransaction(ANSWER_MS_MAX);
  expect(await high()).toBe(6);
  expect(producer.takeFailures()).toEqual([]);
  const consumer = cluster.consumer();
  await consumer.assign(topic, start(0));
  const { events } = await pollUntil(consumer, (seen) => seen.events.length > 0);
  expect(events).toEqual([{ type: "end", partition: 0, offset: 6 }]);
});

test("Producer.sendOffsets sends the positions for the consumer's group while it is open", async () => {
  const topic = cluster.newTopic(2);
  const consumer = cluster.consumer({ "group.id": "offsets" });
  expect(await consumer.committed(topic, [0, 1], ANSWER_MS_MAX)).toEqual([
    { partition: 0, offset: -1001 },
    { partition: 1, offset: -1001 },
  ]);
  const producer = await cluster.transactionalProducer("offsets");
  const send = (partition: number) => {
    return producer.sendOffsets(consumer, topic, [{ partition, offset: 7 }], ANSWER_MS_MAX);
  };
  producer.beginTransaction();
  await send(0);
  await producer.commitTransaction(ANSWER_MS_MAX);
  producer.beginTransaction();
  cluster.mock.pushRequestErrors(API.txnOffsetCommit, [ERROR.illegalGeneration]);
  expect(await failureOf(send(1))).toMatchObject({ txnRequiresAbort: true, fatal: false });
  await producer.abortTransaction(ANSWER_MS_MAX);
  producer.beginTransaction();
  await consumer.close(ANSWER_MS_MAX);
  expect(await failureOf(send(0))).toMatchObject({ code: "_DESTROY", fatal: false });
});

test("Consumer.committed rejects with the error of the group", async () => {
  cluster.mock.pushRequestErrors(API.offsetFetch, [ERROR.groupAuthorizationFailed]);
  const answer = cluster.consumer().committed(cluster.newTopic(), [0], ANSWER_MS_MAX);
  expect(await failureOf(answer)).toMatchObject({ code: "GROUP_AUTHORIZATION_FAILED", number: 30 });
});

test("Producer that was fenced fails for good", async () => {
  const topic = cluster.newTopic();
  const fenced = await cluster.transactionalProducer("fenced");
  fenced.beginTransaction();
  fenced.produce(topic, batchOf(["late"]).memory, 0);
  await fenced.flush(ANSWER_MS_MAX);
  cluster.mock.pushRequestErrors(API.endTxn, [ERROR.producerFenced]);
  const failure = await failureOf(fenced.commitTransaction(ANSWER_MS_MAX));
  expect(failure).toMatchObject({ code: "_FENCED", fatal: true, retriable: false });
  expect(failure.message).toStartWith("Cannot commit the transaction: ");
  expect(() => fenced.beginTransaction()).toThrow("Cannot begin a transaction: ");
});

test("Producer.commitTransaction that times out can be called again until it is definite", async () => {
  const topic = cluster.newTopic();
  const producer = await cluster.transactionalProducer("slow");
  producer.beginTransaction();
  producer.produce(topic, batchOf(["slow"]).memory, 0);
  await producer.flush(ANSWER_MS_MAX);
  cluster.mock.setBrokerRtt(1, 500);
  const first = await failureOf(producer.commitTransaction(1));
  cluster.mock.setBrokerRtt(1, 0);
  expect(first).toMatchObject({ code: "_TIMED_OUT", retriable: true, fatal: false });
  await producer.commitTransaction(ANSWER_MS_MAX);
  producer.beginTransaction();
});

test("Producer failures carry librdkafka's flags and are counted by kind", async () => {
  const topic = cluster.newTopic();
  const transactional = await cluster.transactionalProducer("flags");
  transactional.beginTransaction();
  transactional.produce(topic, batchOf(["x", "y"]).memory, 0);
  cluster.mock.pushRequestErrors(API.produce, [ERROR.topicAuthorizationFailed]);
  await transactional.flush(ANSWER_MS_MAX);
  expect(transactional.takeFailures()).toMatchObject([
    { topic, partition: 0, count: 2, error: { code: "TOPIC_AUTHORIZATION_FAILED", number: 29 } },
  ]);
  expect(transactional.takeFailures()).toEqual([]);
  expect(await failureOf(transactional.commitTransaction(ANSWER_MS_MAX))).toMatchObject({
    txnRequiresAbort: true,
    fatal: false,
  });
  await transactional.abortTransaction(ANSWER_MS_MAX);

  const plain = cluster.producer({ "message.max.bytes": "1000" });
  const batch = batchOf(["small", "x".repeat(5_000), "y".repeat(5_000), "small"]);
  expect(plain.produce(topic, batch.memory, 0)).toBe(4);
  await plain.flush(ANSWER_MS_MAX);
  expect(plain.takeFailures()).toMatchObject([{ count: 2, error: { code: "MSG_SIZE_TOO_LARGE" } }]);
});
