/** Both sides of the batch: what TypeScript packs, C++ sends, receives and packs again. */

import { afterAll, expect, test } from "bun:test";
import { RecordBatch } from "../../src/kafka/batch.ts";
import { native } from "../../src/kafka/native.ts";
import {
  ANSWER_MS_MAX,
  batchOf,
  bytes,
  NativeCluster,
  pollUntil,
  readToEnd,
  valuesOf,
} from "../support/native.ts";

const cluster = new NativeCluster();
afterAll(() => cluster.close());

const isEnd = ({ type }: { type: string }) => type === "end";

async function sent(batch: RecordBatch, topic = cluster.newTopic()): Promise<string> {
  const producer = cluster.producer();
  expect(producer.produce(topic, batch.memory, 0)).toBe(batch.count);
  await producer.flush(ANSWER_MS_MAX);
  expect(producer.takeFailures()).toEqual([]);
  return topic;
}

test("RecordBatch keeps keys, values, headers, nulls and timestamps across the cluster", async () => {
  const records = [
    { key: bytes("Laptop"), value: bytes("1"), timestamp: 1_790_000_000_123 },
    { key: null, value: bytes("no key"), timestamp: 1 },
    { key: bytes("tombstone"), value: null },
    { key: bytes(""), value: bytes("") },
    {
      key: null,
      value: null,
      headers: [
        { name: "ä", value: bytes("1\u00002") },
        { name: "ä", value: null },
        { name: "\uFEFFmark", value: bytes("") },
        { name: "", value: bytes("") },
      ],
    },
  ];
  const batch = new RecordBatch({ recordsMax: 9, bytesMax: 1000 });
  for (const record of records) batch.append({ partition: 0, ...record });
  const consumer = cluster.consumer();
  const before = Date.now();
  await consumer.assign(await sent(batch), [{ partition: 0, offset: 0 }]);
  batch.clear();
  while (batch.count === 0) await consumer.poll(batch.memory, ANSWER_MS_MAX);
  const read = Array.from({ length: batch.count }, (_, i) => ({
    key: batch.key(i),
    value: batch.value(i),
    headers: batch.headers(i),
    offset: batch.offsets[i],
    partition: batch.partitions[i],
  }));
  expect(read).toEqual(
    records.map(({ key, value, headers = [] }, offset) => {
      return { key, value, headers, offset, partition: 0 };
    }),
  );
  expect([...batch.timestamps].slice(0, 2)).toEqual([1_790_000_000_123, 1]);
  expect(batch.timestamps[2]).toBeWithin(before, Date.now() + 1);
});

test("RecordBatch smaller than what was fetched gets every record, in order, once", async () => {
  const values = Array.from({ length: 2_500 }, (_, i) => `sale ${i}`);
  const topic = await sent(batchOf(values));
  const consumer = cluster.consumer();
  await consumer.assign(topic, [{ partition: 0, offset: 0 }]);
  for (const small of [
    new RecordBatch({ recordsMax: 7, bytesMax: 1 << 16 }),
    new RecordBatch({ recordsMax: 100, bytesMax: 64 }),
  ]) {
    await consumer.seek(topic, [{ partition: 0, offset: 0 }], ANSWER_MS_MAX);
    const seen = await pollUntil(consumer, ({ events }) => events.some(isEnd), small);
    expect(seen.values).toEqual(values);
    expect(seen.events).toEqual([{ type: "end", partition: 0, offset: values.length }]);
  }
});

test("RecordBatch too small for one record says how large it must be, and then gets it", async () => {
  const large = "x".repeat(500);
  const topic = await sent(batchOf(["small", large, "last"]));
  const consumer = cluster.consumer();
  await consumer.assign(topic, [{ partition: 0, offset: 0 }]);
  const batch = new RecordBatch({ recordsMax: 10, bytesMax: 100 });
  const read: string[] = [];
  while (batch.bytesNeeded === 0) {
    await consumer.poll(batch.memory, ANSWER_MS_MAX);
    read.push(...valuesOf(batch));
  }
  expect(read).toEqual(["small"]);
  expect(batch.bytesNeeded).toBe(500);
  batch.grow(batch.bytesNeeded);
  await consumer.poll(batch.memory, ANSWER_MS_MAX);
  expect(valuesOf(batch)).toEqual([large]);
  expect(batch.bytesNeeded).toBe(0);
});

test("RecordBatch is produced from the given index on, the partition chosen by key", async () => {
  const topic = cluster.newTopic(2);
  const batch = new RecordBatch({ recordsMax: 50, bytesMax: 1000 });
  for (let i = 0; i < 50; i++) batch.append({ key: bytes(`p${i}`), value: bytes(`${i}`) });
  const producer = cluster.producer({ partitioner: "murmur2_random" });
  expect(producer.produce(topic, batch.memory, 48)).toBe(2);
  expect(producer.produce(topic, batch.memory, 0)).toBe(50);
  await producer.flush(ANSWER_MS_MAX);
  const admin = cluster.admin();
  const marks = await admin.watermarks(topic, [0, 1], ANSWER_MS_MAX);
  const counts = marks.map(({ low, high }) => high - low);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(52);
  expect(Math.min(...counts)).toBeGreaterThan(0);
});

test("RecordBatch beyond the queue is taken in part, and the rest later", async () => {
  const producer = cluster.producer({
    "queue.buffering.max.messages": "10",
    "queue.buffering.max.ms": "5000",
  });
  const values = Array.from({ length: 25 }, (_, i) => `${i}`);
  const topic = cluster.newTopic();
  const batch = batchOf(values);
  let from = producer.produce(topic, batch.memory, 0);
  expect(from).toBe(10);
  expect(producer.inFlight).toBe(10);
  while (from < batch.count) {
    await producer.flush(ANSWER_MS_MAX);
    from += producer.produce(topic, batch.memory, from);
  }
  await producer.flush(ANSWER_MS_MAX);
  expect(producer.inFlight).toBe(0);
  expect(await readToEnd(cluster.consumer(), topic)).toEqual(values);
});

test("RecordBatch with a damaged layout is refused on both crossings", async () => {
  const consumer = cluster.consumer();
  const producer = cluster.producer();
  const damages: [string, (batch: RecordBatch) => void][] = [
    ["must have layout version 1, received 2", ({ header }) => header.set([2], 0)],
    ["must have a header that fits its size", ({ header }) => header.set([1_000_000], 1)],
    ["must have a header that fits its size", ({ header }) => header.set([1_000_000], 2)],
    ["must have a header that fits its size", ({ header }) => header.set([3], 3)],
  ];
  for (const [message, damage] of damages) {
    const batch = batchOf(["a", "b"]);
    damage(batch);
    expect(() => consumer.poll(batch.memory, 0)).toThrow(message);
    expect(() => producer.produce("t", batch.memory, 0)).toThrow(message);
  }
  const ends = batchOf(["a", "b"]);
  ends.recordEnds[0] = 4_000_000_000;
  expect(() => producer.produce("t", ends.memory, 0)).toThrow("record 0 must end within the batch");
  const headers = batchOf(["a"]);
  headers.valueEnds[0] = 0;
  producer.produce(cluster.newTopic(), headers.memory, 0);
  const [failure] = producer.takeFailures();
  expect(failure?.error.message).toContain("headers are damaged");
});

test("LAYOUT_VERSION is the addon's", () => {
  expect(native.layoutVersion).toBe(new RecordBatch({ recordsMax: 1, bytesMax: 1 }).header[0] ?? 0);
});
