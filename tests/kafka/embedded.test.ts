/** What the embedded broker hands out of its log: `patches/mock-fetch.patch`. */

import { afterAll, expect, test } from "bun:test";
import { RecordBatch } from "../../src/kafka/batch.ts";
import type { NativeConsumer } from "../../src/kafka/native.ts";
import { ANSWER_MS_MAX, batchOf, NativeCluster, pollUntil, readToEnd } from "../support/native.ts";

const LOG_BYTES_MAX = 64 * 1024;
const BATCHES = 400;
/** As one record each they would be as many as the batches. */
const FETCHES_MAX = BATCHES / 4;

const cluster = new NativeCluster();
afterAll(() => cluster.close());

const seed = Math.floor(Math.random() * 2 ** 32);
console.log(`seed ${seed}`);
const random = randomOf(seed);

/** Sends each value as a batch of its own. */
async function sendSingly(topic: string, values: readonly string[]): Promise<void> {
  const producer = cluster.producer({ "batch.num.messages": "1", "linger.ms": "0" });
  producer.produce(topic, batchOf(values).memory, 0);
  await producer.flush(ANSWER_MS_MAX);
  await producer.close(ANSWER_MS_MAX);
}

/** First offset and end of the topic's only partition. */
async function boundsOf(client: NativeConsumer, topic: string) {
  const [marks] = await client.watermarks(topic, [0], ANSWER_MS_MAX);
  return { low: marks?.low ?? Number.NaN, high: marks?.high ?? Number.NaN };
}

const numbers = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => String(first + i));

// One batch was handed out a fetch, and found by a walk from the start of the log. Each of our
// transactions is a small batch: the demo became slower with its age, and a restore took minutes.
test("the mock cluster hands out many small batches in one fetch", async () => {
  const topic = cluster.newTopic();
  await sendSingly(topic, numbers(0, BATCHES));
  let fetches = 0;
  const consumer = cluster.consumer({
    "statistics.interval.ms": "50",
    "fetch.wait.max.ms": "1000",
  });
  await consumer.assign(topic, [{ partition: 0, offset: 0 }]);
  const batch = new RecordBatch({ recordsMax: BATCHES, bytesMax: 1 << 16 });
  const { values } = await pollUntil(consumer, (seen) => seen.values.length >= BATCHES, batch);
  const told = cluster.events.length;
  while (fetches === 0) {
    await consumer.poll(batch.memory, 20);
    for (const event of cluster.events.slice(told)) {
      if (event.type === "stats") fetches = fetchesIn(event.json);
    }
  }
  expect(values).toEqual(numbers(0, BATCHES));
  expect(fetches).toBeLessThan(FETCHES_MAX);
});

test("the mock cluster hands out from any offset what was committed, and nothing else", async () => {
  const topic = cluster.newTopic();
  const committed: { offset: number; value: string }[] = [];
  let offset = 0;
  for (let i = 0; i < 60; i++) {
    const producer = await cluster.transactionalProducer(`writer ${i % 3}`);
    const values = numbers(i * 10, 1 + random(4));
    producer.beginTransaction();
    producer.produce(topic, batchOf(values).memory, 0);
    await producer.flush(ANSWER_MS_MAX);
    // The last one stays open.
    if (i === 59) break;
    const commits = random(3) > 0;
    if (commits) {
      committed.push(...values.map((value, at) => ({ offset: offset + at, value })));
      await producer.commitTransaction(ANSWER_MS_MAX);
    } else await producer.abortTransaction(ANSWER_MS_MAX);
    offset += values.length + 1;
    await producer.close(ANSWER_MS_MAX);
  }
  for (const from of [0, ...Array.from({ length: 20 }, () => random(offset))]) {
    const consumer = cluster.consumer({ "isolation.level": "read_committed" });
    await consumer.assign(topic, [{ partition: 0, offset: from }]);
    const { values } = await pollUntil(consumer, ({ events }) =>
      events.some(({ type }) => type === "end"),
    );
    const rest = committed.filter((each) => each.offset >= from).map(({ value }) => value);
    expect({ from, values }).toEqual({ from, values: rest });
    await consumer.close(ANSWER_MS_MAX);
  }
});

test("the mock cluster keeps the last batches within the limit of a log", async () => {
  cluster.mock.limitLogs(LOG_BYTES_MAX);
  const topic = cluster.newTopic();
  const admin = cluster.consumer();
  const count = 3_000;
  const room = new RecordBatch({ recordsMax: 5_000, bytesMax: 1 << 20 });
  for (let first = 0; first < count; first += 250) {
    await sendSingly(topic, numbers(first, 250));
    const { low, high } = await boundsOf(admin, topic);
    expect(high).toBe(first + 250);
    const consumer = cluster.consumer();
    await consumer.assign(topic, [{ partition: 0, offset: low }]);
    const isWhole = (seen: { values: string[] }) => seen.values.length >= high - low;
    const { values } = await pollUntil(consumer, isWhole, room);
    expect(values).toEqual(numbers(low, high - low));
    await consumer.close(ANSWER_MS_MAX);
  }
  const { low, high } = await boundsOf(admin, topic);
  // A record of 4 bytes is a batch of some 130 in memory.
  expect(high - low).toBeGreaterThan(LOG_BYTES_MAX / 200);
  expect(high - low).toBeLessThan(LOG_BYTES_MAX / 100);
});

// The log seemed empty for a moment, and then began behind the batch that pushed out all others.
test("the mock cluster keeps a batch that is larger than the limit", async () => {
  cluster.mock.limitLogs(1_000);
  const topic = cluster.newTopic();
  const large = "x".repeat(2_000);
  await cluster.send(topic, ["small"]);
  await cluster.send(topic, [large]);
  const admin = cluster.consumer();
  expect(await boundsOf(admin, topic)).toEqual({ low: 1, high: 2 });
  const consumer = cluster.consumer();
  await consumer.assign(topic, [{ partition: 0, offset: 1 }]);
  const { values } = await pollUntil(consumer, (seen) => seen.values.length > 0);
  expect(values).toEqual([large]);
  expect(await readToEnd(cluster.consumer({ "auto.offset.reset": "earliest" }), topic)).toEqual([
    large,
  ]);
});

/** Requests of a kind that a client has sent, from its statistics. */
function fetchesIn(json: string): number {
  const { brokers } = JSON.parse(json) as { brokers: Record<string, { req: { Fetch: number } }> };
  return Object.values(brokers).reduce((sum, { req }) => sum + (req.Fetch ?? 0), 0);
}

/** Whole numbers from 0 to below `end`, the same for the same seed. */
function randomOf(seed: number): (end: number) => number {
  let state = seed;
  return (end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}
