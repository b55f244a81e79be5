/** The latest records of a topic on Apache Kafka, where transactions leave marks between them. */

import { beforeAll, expect } from "bun:test";
import { BusyError, Records, recordAt } from "../../src/dashboard/records/records.ts";
import type { Kafka, TransactionalProducer } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { quietLog } from "../support/context.ts";
import { type KafkaBroker, sharedKafka } from "../support/kafka.ts";
import { recordsOf, sendAll } from "../support/records.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";

const test = requirement("java", "maven");
const FLUSH_MS_MAX = 30_000;
const MEGABYTE = 1_000_000;
/** Not old enough for the broker to remove them. */
const start = Date.now() - 60_000;

let broker: KafkaBroker;
let kafka: Kafka;

beforeAll(async () => {
  if (test.name === "skip") return;
  broker = await sharedKafka();
  kafka = librdkafka({ brokers: broker.brokers, properties: {}, log: quietLog });
}, 600_000);

async function newTopic(partitions: number): Promise<string> {
  const topic = `latest-${crypto.randomUUID().slice(0, 8)}`;
  await broker.createTopic(topic, partitions);
  return topic;
}

/** Reads again when the time of a reading is over too soon, as it is on a busy machine. */
function latest(topic: string, count: number, enough = 1) {
  const readings = new Records(kafka, new AbortController().signal);
  const read = async () => {
    const reading = await readings.latest({ topic, count, pick: recordAt }).catch((error) => {
      if (!(error instanceof BusyError)) throw error;
    });
    return reading && reading.records.length >= enough ? reading : undefined;
  };
  return waitFor(read, { what: `${enough} records of ${topic}` });
}

const numberOf = ({ value }: { value: Uint8Array | null }) =>
  value && Number(new TextDecoder().decode(value));
const bytes = (text: string) => new TextEncoder().encode(text);

/** Sends `texts` in a transaction that stays open, by turns to two partitions, in order of time. */
async function send(
  producer: TransactionalProducer,
  topic: string,
  texts: readonly number[],
): Promise<void> {
  producer.begin();
  const records = texts.map((text) => {
    return { value: bytes(String(text)), partition: text % 2, timestamp: start + text };
  });
  producer.produce(topic, recordsOf(records));
  await producer.flush(FLUSH_MS_MAX);
}

test("what was committed is read, without the marks between, and nothing else", async () => {
  const topic = await newTopic(2);
  const producer = kafka.transactionalProducer({ transactionalId: topic });
  await producer.init();
  let sent = 0;
  for (const size of [1, 30, 1, 1, 200, 1, 1, 1, 2, 1]) {
    await send(
      producer,
      topic,
      Array.from({ length: size }, () => sent++),
    );
    await producer.commit();
    await send(producer, topic, [1_000, 1_001, 1_002]);
    await producer.abort();
  }
  const newestFirst = Array.from({ length: sent }, (_, i) => sent - 1 - i);
  // The end of what may be read lies before the end of the topic.
  await send(producer, topic, [2_000, 2_001]);
  for (const count of [1, 5, 100, sent, 1_000]) {
    const { records, looked, isAll } = await latest(topic, count, Math.min(count, sent));
    expect(records.map(numberOf)).toEqual(newestFirst.slice(0, count));
    expect(looked).toBeLessThanOrEqual(sent);
    expect(isAll).toBe(count >= sent);
  }
  await producer.abort();
  await producer.close();
}, 600_000);

// What a bound had cut short was kept, the oldest of it, and the newest were missing.
test("of records that are larger than the bound allows, the latest are read", async () => {
  const topic = await newTopic(1);
  const count = 60;
  const value = new Uint8Array(MEGABYTE - 1_000).fill(0x78);
  const all = Array.from({ length: count }, (_, i) => {
    return { value, partition: 0, timestamp: start + i };
  });
  for (let i = 0; i < count; i += 20) await sendAll(kafka, topic, all.slice(i, i + 20));
  const { records, looked, isAll, since } = await latest(topic, 100);
  const newestFirst = Array.from({ length: records.length }, (_, i) => count - 1 - i);
  expect(records.map(({ offset }) => offset)).toEqual(newestFirst);
  expect(looked).toBe(records.length);
  expect(since).toBe(start + count - looked);
  expect(looked).toBeGreaterThan(0);
  expect(looked * MEGABYTE).toBeLessThan(33 * 1024 * 1024);
  expect(isAll).toBe(false);
}, 600_000);
