/** A consumer that gets whole record batches hands over what one of single records does. */

import { afterAll, describe, expect, test } from "bun:test";
import { RecordBatch } from "../../src/kafka/batch.ts";
import type { NativeConfig, NativeConsumer } from "../../src/kafka/native.ts";
import { FlippingProxy } from "../support/flipping-proxy.ts";
import { sharedKafka } from "../support/kafka.ts";
import { ANSWER_MS_MAX, batchOf, bytes, NativeCluster, pollUntil } from "../support/native.ts";
import { requirement } from "../support/require.ts";

const WHOLE = { "fetch.whole.batches": "true", "check.crcs": "true" };
const cluster = new NativeCluster();
afterAll(() => cluster.close());

const codecs = ["none", "gzip", "snappy", "lz4", "zstd"];
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => String(from + i));

/** Sends all values as one record batch. */
async function sendAsOne(topic: string, values: readonly string[], config: NativeConfig = {}) {
  const own = { "linger.ms": "10000", "batch.num.messages": String(values.length), ...config };
  const producer = cluster.producer(own);
  producer.produce(topic, batchOf(values).memory, 0);
  await producer.flush(ANSWER_MS_MAX);
  expect(producer.takeFailures()).toEqual([]);
}

/** A consumer at an offset of partition 0. The question saves a second in which it would look. */
async function consumerAt(topic: string, offset: number, config: NativeConfig = WHOLE) {
  const consumer = cluster.consumer(config);
  await consumer.watermarks(topic, [0], ANSWER_MS_MAX);
  await consumer.assign(topic, [{ partition: 0, offset }]);
  return consumer;
}

const readTo = (consumer: NativeConsumer, last: string, batch?: RecordBatch) =>
  pollUntil(consumer, ({ values }) => values.at(-1) === last, batch);

describe("a consumer of whole record batches", () => {
  for (const codec of codecs) {
    test(`begins in the middle of a batch (${codec})`, async () => {
      const topic = cluster.newTopic();
      await sendAsOne(topic, numbers(0, 500), { "compression.codec": codec });
      await sendAsOne(topic, numbers(500, 510), { "compression.codec": codec });
      const consumer = await consumerAt(topic, 137);
      const { values } = await readTo(consumer, "509");
      expect(values).toEqual(numbers(137, 510));
    });
  }

  test("goes on in a batch where the last poll had no more room", async () => {
    const topic = cluster.newTopic();
    await sendAsOne(topic, numbers(0, 40));
    await sendAsOne(topic, numbers(40, 60));
    const consumer = await consumerAt(topic, 0);
    const few = new RecordBatch({ recordsMax: 7, bytesMax: 10 });
    expect((await readTo(consumer, "59", few)).values).toEqual(numbers(0, 60));
  });

  test("leaves nothing of a batch that it has begun, after a seek, an unassign or an assign", async () => {
    const topic = cluster.newTopic();
    await sendAsOne(topic, numbers(10, 60));
    const consumer = cluster.consumer(WHOLE);
    // With room for two digits, one record arrives with each poll.
    const one = new RecordBatch({ recordsMax: 100, bytesMax: 2 });
    const next = async () => {
      const seen = await pollUntil(consumer, ({ values }) => values.length > 0, one);
      return seen.values;
    };
    await consumer.assign(topic, [{ partition: 0, offset: 3 }]);
    expect(await next()).toEqual(["13"]);
    expect(await next()).toEqual(["14"]);
    await consumer.seek(topic, [{ partition: 0, offset: 1 }], ANSWER_MS_MAX);
    expect(await next()).toEqual(["11"]);
    await consumer.seek(topic, [{ partition: 0, offset: 30 }], ANSWER_MS_MAX);
    expect(await next()).toEqual(["40"]);
    await consumer.unassign(topic, [0]);
    await consumer.poll(one.memory, 0);
    expect(one.count).toBe(0);
    await consumer.assign(topic, [{ partition: 0, offset: 49 }]);
    expect(await next()).toEqual(["59"]);
  });

  test("keeps the rest of a batch while another partition comes, goes and is sought", async () => {
    const topic = cluster.newTopic(2);
    await sendAsOne(topic, numbers(10, 30));
    const consumer = cluster.consumer(WHOLE);
    const one = new RecordBatch({ recordsMax: 100, bytesMax: 2 });
    const seen: string[] = [];
    const next = async () => {
      const { values } = await pollUntil(consumer, ({ values }) => values.length > 0, one);
      seen.push(...values);
    };
    await consumer.assign(topic, [{ partition: 0, offset: 0 }]);
    await next();
    await consumer.assign(topic, [{ partition: 1, offset: 0 }]);
    await next();
    await consumer.seek(topic, [{ partition: 1, offset: 0 }], ANSWER_MS_MAX);
    await next();
    await consumer.unassign(topic, [1]);
    while (seen.length < 20) await next();
    expect(seen).toEqual(numbers(10, 30));
  });

  test("reads records of many megabytes, and a thousand batches of one record", async () => {
    const topic = cluster.newTopic();
    const large = "x".repeat(2_000_000);
    const producer = cluster.producer({ "message.max.bytes": "10000000", "batch.size": "9000000" });
    const batch = new RecordBatch({ recordsMax: 2, bytesMax: 5_000_000 });
    for (const value of [`${large}1`, `${large}2`])
      batch.append({ value: bytes(value), partition: 0 });
    producer.produce(topic, batch.memory, 0);
    await producer.flush(ANSWER_MS_MAX);
    const small = cluster.producer({ "batch.num.messages": "1" });
    small.produce(topic, batchOf(numbers(0, 1_000)).memory, 0);
    await small.flush(ANSWER_MS_MAX);
    const consumer = await consumerAt(topic, 0);
    const wide = new RecordBatch({ recordsMax: 300, bytesMax: 2_500_000 });
    const { values } = await readTo(consumer, "999", wide);
    expect(values.slice(0, 2).map((value) => value.length)).toEqual([2_000_001, 2_000_001]);
    expect(values.slice(2)).toEqual(numbers(0, 1_000));
  });

  test("sees no aborted records, and ends behind the control records", async () => {
    const topic = cluster.newTopic();
    const producer = await cluster.transactionalProducer("whole-batches");
    for (const [value, end] of [
      ["aborted", "abortTransaction"],
      ["kept", "commitTransaction"],
      ["dropped", "abortTransaction"],
    ] as const) {
      producer.beginTransaction();
      producer.produce(topic, batchOf([value, value]).memory, 0);
      await producer.flush(ANSWER_MS_MAX);
      await producer[end](ANSWER_MS_MAX);
    }
    const consumer = await consumerAt(topic, 0, { ...WHOLE, "isolation.level": "read_committed" });
    const { values, events } = await pollUntil(consumer, (seen) => seen.events.length > 0);
    expect(values).toEqual(["kept", "kept"]);
    expect(events).toEqual([{ type: "end", partition: 0, offset: 9 }]);
  });

  test("hands over keys, nulls, headers and timestamps as one of single records does", async () => {
    const topic = cluster.newTopic();
    const records = [
      { key: bytes("Laptop"), value: bytes("1"), timestamp: 1_790_000_000_123, partition: 0 },
      { key: null, value: null, timestamp: 1_790_000_100_000, partition: 0 },
      {
        key: bytes(""),
        value: bytes(""),
        timestamp: 1_780_000_000_000,
        partition: 0,
        headers: [
          { name: "ä", value: bytes("1\u00002") },
          { name: "ä", value: null },
          { name: "", value: bytes("") },
        ],
      },
    ];
    const batch = new RecordBatch({ recordsMax: 3, bytesMax: 1_000 });
    for (const record of records) batch.append(record);
    const producer = cluster.producer({ "linger.ms": "200" });
    producer.produce(topic, batch.memory, 0);
    await producer.flush(ANSWER_MS_MAX);
    const [whole, single] = [await readAll(topic, WHOLE), await readAll(topic, {})];
    expect(whole).toEqual(single);
    expect(whole).toMatchObject(records.map(({ partition, ...record }) => record));
  });
});

/** All columns of a topic whose records arrive with one poll, from an offset on. */
async function readAll(topic: string, config: NativeConfig, offset = 0) {
  const consumer = await consumerAt(topic, offset, config);
  const batch = new RecordBatch({ recordsMax: 1_000, bytesMax: 100_000 });
  while (batch.count === 0) await consumer.poll(batch.memory, 100);
  return Array.from({ length: batch.count }, (_, i) => ({
    offset: batch.offsets[i],
    timestamp: batch.timestamps[i],
    key: batch.key(i)?.slice() ?? null,
    value: batch.value(i)?.slice() ?? null,
    headers: batch.headers(i),
  }));
}

requirement("java", "maven")(
  "librdkafka on Apache Kafka gives the same by whole batches as record by record",
  async () => {
    const servers = { "bootstrap.servers": (await sharedKafka()).brokers };
    const admin = cluster.admin(servers);
    for (const codec of codecs) {
      for (const type of ["CreateTime", "LogAppendTime"]) {
        const topic = `whole-${process.pid}-${codec}-${type}`;
        const config = { "message.timestamp.type": type };
        await admin.createTopic(topic, 1, 1, config, ANSWER_MS_MAX);
        await sendAsOne(topic, numbers(0, 300), { ...servers, "compression.codec": codec });
        const whole = await readAll(topic, { ...servers, ...WHOLE }, 123);
        expect(whole.map(({ offset }) => String(offset))).toEqual(numbers(123, 300));
        expect(whole).toEqual(await readAll(topic, servers, 123));
      }
    }
  },
  600_000,
);

const isError = ({ type }: { type: string }) => type === "error";

test("a batch that contradicts itself holds the consumer up until it is sought elsewhere", async () => {
  const topic = cluster.newTopic();
  for (const value of ["before", "of a false length", "behind"]) await cluster.send(topic, [value]);
  const text = "of a false length";
  const proxy = await FlippingProxy.open(cluster.mock.bootstrapServers, { text, at: -1 });
  const servers = { "bootstrap.servers": proxy.address, "check.crcs": "false" };
  const consumer = await consumerAt(topic, 0, { ...WHOLE, ...servers });
  const values: string[] = [];
  for (const _ of [1, 2, 3]) {
    const seen = await pollUntil(consumer, ({ events }) => events.some(isError));
    values.push(...seen.values);
    const bad = seen.events.find(isError);
    if (bad?.type !== "error") throw new Error("without an error");
    expect([bad.partition, bad.error.code]).toEqual([0, "_BAD_MSG"]);
    expect(bad.error.message).toContain("contradicts itself: record 0 of 1 has ");
  }
  expect(values).toEqual(["before"]);
  await consumer.seek(topic, [{ partition: 0, offset: 2 }], ANSWER_MS_MAX);
  expect((await readTo(consumer, "behind")).values).toEqual(["behind"]);
  await consumer.close(ANSWER_MS_MAX);
  proxy.close();
});

// librdkafka took the last bytes of such a batch for the next one: a failed assertion ended the
// process.
for (const [name, config] of Object.entries({ "whole batches": WHOLE, "single records": {} })) {
  test(`a bit that flips on the way is an error, and costs no record (${name})`, async () => {
    const flipped = "to be flipped, and long enough to be taken for another batch";
    const topic = cluster.newTopic();
    for (const value of ["before", flipped, "behind"]) await cluster.send(topic, [value]);
    const proxy = await FlippingProxy.open(cluster.mock.bootstrapServers, {
      text: "to be flipped",
    });
    const servers = { "bootstrap.servers": proxy.address, "check.crcs": "true" };
    const consumer = await consumerAt(topic, 1, { ...config, ...servers });
    const bad = await pollUntil(consumer, ({ events }) => events.some(isError));
    expect(bad.events.find(isError)).toMatchObject({ partition: 0, error: { code: "_BAD_MSG" } });
    expect(bad.values).toEqual([]);
    expect(proxy.flipped).toBeGreaterThan(0);
    proxy.flips = false;
    const good = await readTo(consumer, "behind");
    expect(good.values).toEqual([flipped, "behind"]);
    await consumer.close(ANSWER_MS_MAX);
    proxy.close();
  });
}
