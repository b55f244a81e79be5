/** How every adapter of the port `kafka/kafka.ts` behaves, on whatever broker it is given. */

import { afterAll, beforeAll, test as declare, describe, expect } from "bun:test";
import { ProductIndex } from "../../src/domain/products.ts";
import {
  type ConsumerEvent,
  type Kafka,
  KafkaError,
  RecordBatch,
  SaleSums,
  type TransactionalProducer,
} from "../../src/kafka/kafka.ts";
import { Member } from "../support/member.ts";
import { flatProgram } from "../support/programs.ts";
import { readTopic, recordsOf, sendAll, texts } from "../support/records.ts";

export interface Broker {
  kafka: Kafka;
  createTopic(topic: string, partitions: number): Promise<void>;
  stop(): Promise<void>;
}

const WAIT_MS = 50;
let topics = 0;
const STEP_MS_MAX = 20_000;

/** Declares the suite with `test`, which may be a skip; `start` is called once. */
export function kafkaContract(
  name: string,
  { test, start }: { test: typeof declare; start: () => Promise<Broker> },
): void {
  describe(name, () => {
    let broker: Broker;
    let kafka: Kafka;
    const newTopic = async (partitions = 2) => {
      const topic = `contract-${process.pid}-${topics++}`;
      await broker.createTopic(topic, partitions);
      return topic;
    };

    beforeAll(async () => {
      if (test === declare.skip) return;
      broker = await start();
      kafka = broker.kafka;
    }, 600_000);
    afterAll(() => broker?.stop());

    test("a reader gets back what a producer sent: keys, nulls, headers, timestamps", async () => {
      const topic = await newTopic();
      const sent = [
        { key: bytes("Laptop"), value: bytes("1"), partition: 1, timestamp: 1_790_000_000_123 },
        { key: null, value: null, partition: 1 },
        { key: bytes(""), value: bytes(""), partition: 1 },
        {
          key: null,
          value: bytes("2"),
          partition: 0,
          headers: [
            { name: "ä", value: bytes("\u0000x") },
            { name: "ä", value: null },
          ],
        },
      ];
      await sendAll(kafka, topic, sent);
      const records = await readTopic(kafka, topic, [0, 1]);
      expect(records.filter(({ partition }) => partition === 0)).toMatchObject([
        { key: null, value: bytes("2"), headers: sent[3]?.headers, offset: 0 },
      ]);
      expect(records.filter(({ partition }) => partition === 1)).toMatchObject([
        { key: bytes("Laptop"), value: bytes("1"), offset: 0, timestamp: 1_790_000_000_123 },
        { key: null, value: null, offset: 1, headers: [] },
        { key: bytes(""), value: bytes(""), offset: 2 },
      ]);
    });

    test("a record larger than the batch is read whole after the batch has grown", async () => {
      const topic = await newTopic(1);
      const large = new Uint8Array(300_000).fill(7);
      await sendAll(kafka, topic, [{ value: bytes("a") }, { value: large }, { value: bytes("b") }]);
      const batch = new RecordBatch({ recordsMax: 10, bytesMax: 1_000 });
      const records = await readTopic(kafka, topic, [0], batch);
      expect(records.map(({ value }) => value?.length)).toEqual([1, 300_000, 1]);
    });

    test("the same key goes to the partition that Java's partitioner chooses", async () => {
      const topic = await newTopic(4);
      await sendAll(kafka, topic, [{ key: bytes("21"), value: bytes("x") }]);
      // murmur2("21") = −973 932 308 (KafkaProducer's own test vector); positive, modulo 4.
      const partition = (-973_932_308 & 0x7fffffff) % 4;
      expect(await readTopic(kafka, topic, [0, 1, 2, 3])).toMatchObject([{ partition }]);
    });

    test("a group's partitions arrive as events, are shared, and move when a member leaves", async () => {
      const topic = await newTopic(4);
      const group = `${topic}-group`;
      const first = new Member(kafka, topic, group);
      await first.until(() => first.owned.size === 4);
      const second = new Member(kafka, topic, group);
      // Both are polled until both have their share: one that is not polled holds up the group.
      const shared = () => first.owned.size === 2 && second.owned.size === 2;
      await Promise.all([first.until(shared), second.until(shared)]);
      expect(new Set([...first.owned, ...second.owned]).size).toBe(4);
      await second.consumer.close();
      await first.until(() => first.owned.size === 4);
      await first.consumer.close();
    }, 600_000);

    test("records and offsets of a transaction become visible together, or not at all", async () => {
      const topic = await newTopic(1);
      const output = await newTopic(1);
      const member = new Member(kafka, topic, `${topic}-group`);
      await member.until(() => member.owned.size === 1);
      const producer = kafka.transactionalProducer({ transactionalId: topic });
      await producer.init();
      for (const [value, end, offset] of [
        ["aborted", "abort", 5],
        ["kept", "commit", 7],
      ] as const) {
        producer.begin();
        producer.produce(output, recordsOf([{ value: bytes(value) }]));
        await producer.sendOffsets(member.consumer, [{ partition: 0, offset }]);
        await producer[end]();
      }
      expect(texts(await readTopic(kafka, output, [0]))).toEqual(["kept"]);
      expect(await member.consumer.committed([0])).toEqual([{ partition: 0, offset: 7 }]);
      await Promise.all([producer.close(), member.consumer.close()]);
    }, 600_000);

    test("a second producer of the same id fences the first", async () => {
      const output = await newTopic(1);
      const first = kafka.transactionalProducer({ transactionalId: output });
      await first.init();
      first.begin();
      first.produce(output, recordsOf([{ value: bytes("zombie") }]));
      const second = kafka.transactionalProducer({ transactionalId: output });
      await initialised(second);
      const failure = await first.commit().then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(KafkaError);
      expect((failure as KafkaError).verdict).not.toBe("retry");
      expect(await readTopic(kafka, output, [0])).toEqual([]);
      await Promise.all([first.close(), second.close()]);
    }, 600_000);

    test("committed answers null for a partition that was never committed", async () => {
      const topic = await newTopic(1);
      const consumer = kafka.groupConsumer({ topic, group: `${topic}-group` });
      expect(await consumer.committed([0])).toEqual([{ partition: 0, offset: null }]);
      await consumer.close();
    });

    test("seek returns no record that was fetched before it", async () => {
      const topic = await newTopic(1);
      await sendAll(
        kafka,
        topic,
        Array.from({ length: 50 }, (_, i) => ({ value: bytes(`${i}`) })),
      );
      const reader = kafka.reader({ topic });
      await reader.assign([{ partition: 0, offset: 0 }]);
      const batch = new RecordBatch({ recordsMax: 10, bytesMax: 1_000 });
      while (batch.count === 0) await reader.poll(batch, WAIT_MS);
      await reader.seek([{ partition: 0, offset: 40 }]);
      do await reader.poll(batch, WAIT_MS);
      while (batch.count === 0);
      expect(batch.offsets[0]).toBe(40);
      await reader.close();
    });

    test("with sums, sales that the fast path reads arrive added up, and all others as they are", async () => {
      const topic = await newTopic(1);
      const sale = (product: string) => bytes(`{"product":"${product}","quantity":2,"price":0.5}`);
      const values = [sale("x"), sale("n\u00e9w"), sale("x"), bytes("no sale"), sale("x")];
      await sendAll(
        kafka,
        topic,
        values.map((value) => ({ value })),
      );
      const products = new ProductIndex();
      products.findOrAdd(bytes("x"));
      const sums = new SaleSums(10, { program: flatProgram });
      sums.known = new Map([[0, [products.memory]]]);
      const reader = kafka.reader({ topic });
      await reader.assign([{ partition: 0, offset: 1 }]);
      const batch = new RecordBatch({ recordsMax: 10, bytesMax: 1_000 });
      const seen = { sales: 0, amount: 0, others: [] as number[], next: 1 };
      while (seen.next < 5) {
        await reader.poll(batch, WAIT_MS, sums);
        for (let i = 0; i < sums.count; i++) {
          seen.sales += sums.sales[i] as number;
          seen.amount += sums.amounts[i] as number;
        }
        seen.others.push(...batch.offsets.subarray(0, batch.count));
        if (sums.advances === 0) continue;
        expect([sums.advancedPartitions[0], sums.firstOffsets[0]]).toEqual([0, seen.next]);
        seen.next = sums.nextOffsets[0] as number;
      }
      expect(seen).toEqual({ sales: 2, amount: 2_000_000, others: [1, 3], next: 5 });
      await reader.close();
    });

    test("watermarks count control records; the end event agrees with them", async () => {
      const topic = await newTopic(2);
      const producer = kafka.transactionalProducer({ transactionalId: topic });
      await producer.init();
      producer.begin();
      producer.produce(topic, recordsOf([{ value: bytes("a"), partition: 0 }]));
      await producer.commit();
      await producer.close();
      const admin = kafka.admin();
      expect(await admin.watermarks(topic, 0)).toEqual({ low: 0, high: 2 });
      const both = await admin.allWatermarks(topic, [1, 0]);
      expect([both.get(0), both.get(1)]).toEqual([
        { low: 0, high: 2 },
        { low: 0, high: 0 },
      ]);
      expect((await admin.allWatermarks(topic, [])).size).toBe(0);
      await admin.close();
      const reader = kafka.reader({ topic });
      await reader.assign([{ partition: 0, offset: 0 }]);
      const batch = new RecordBatch({ recordsMax: 10, bytesMax: 1_000 });
      let end: ConsumerEvent | undefined;
      while (!end) end = (await reader.poll(batch, WAIT_MS)).find(({ type }) => type === "end");
      expect(end).toEqual({ type: "end", partition: 0, offset: 2 });
      await reader.close();
    });

    test("a reader that asks for it gets what is aborted or not decided, too", async () => {
      const topic = await newTopic(1);
      const open = kafka.transactionalProducer({ transactionalId: topic, batchBytesMax: 1_000 });
      await open.init();
      const send = async (value: string) => {
        open.begin();
        open.produce(topic, recordsOf([{ value: bytes(value), partition: 0 }]));
        await open.flush(STEP_MS_MAX);
      };
      await send("aborted");
      await open.abort();
      await send("open");
      const batch = new RecordBatch({ recordsMax: 10, bytesMax: 1_000 });
      for (const isUndecidedToo of [true, false]) {
        const reader = kafka.reader({ topic, isUndecidedToo });
        await reader.assign([{ partition: 0, offset: 0 }]);
        const values: string[] = [];
        let end: ConsumerEvent | undefined;
        while (!end) {
          end = (await reader.poll(batch, WAIT_MS)).find(({ type }) => type === "end");
          for (let i = 0; i < batch.count; i++) values.push(`${Buffer.from(batch.value(i) ?? [])}`);
        }
        await reader.close();
        expect(values).toEqual(isUndecidedToo ? ["aborted", "open"] : []);
        expect(end).toMatchObject({ offset: isUndecidedToo ? 3 : 2 });
      }
      await open.abort();
      await open.close();
    });

    test("a position beyond the end is reported, not moved, and can be left", async () => {
      const topic = await newTopic(1);
      await sendAll(kafka, topic, [{ value: bytes("a") }]);
      const reader = kafka.reader({ topic });
      await reader.assign([{ partition: 0, offset: 1_000 }]);
      const batch = new RecordBatch({ recordsMax: 10, bytesMax: 1_000 });
      let events: ConsumerEvent[] = [];
      while (events.length === 0) events = await reader.poll(batch, WAIT_MS);
      expect(events).toContainEqual({ type: "outOfRange", partition: 0 });
      // librdkafka had stopped it, and refused to seek: the aggregator never went on.
      await reader.seek([{ partition: 0, offset: 0 }]);
      while (batch.count === 0) await reader.poll(batch, WAIT_MS);
      expect(batch.offsets[0]).toBe(0);
      await reader.close();
    });

    test("an unknown topic is undefined, and stays unknown", async () => {
      const admin = kafka.admin();
      const topic = await newTopic(3);
      expect(await admin.describeTopic(topic)).toMatchObject({ partitions: 3 });
      expect(await admin.describeTopic(`${topic}-missing`)).toBeUndefined();
      expect(await admin.describeTopic(`${topic}-missing`)).toBeUndefined();
      const names = await admin.topicNames();
      expect([names.includes(topic), names.includes(`${topic}-missing`)]).toEqual([true, false]);
      await admin.close();
    });
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** While the broker ends the older instance's transaction, it asks for another try. */
async function initialised(producer: TransactionalProducer): Promise<void> {
  for (;;) {
    try {
      return await producer.init();
    } catch (error) {
      if (!(error instanceof KafkaError) || error.verdict !== "retry") throw error;
    }
  }
}
