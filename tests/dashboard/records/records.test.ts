/** On the embedded broker. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  BusyError,
  type RecordSearch,
  Records,
  recordAt,
} from "../../../src/dashboard/records/records.ts";
import { type Admin, type Consumer, type Kafka, KafkaError } from "../../../src/kafka/kafka.ts";
import { librdkafka } from "../../../src/kafka/librdkafka.ts";
import { native } from "../../../src/kafka/native.ts";
import { quietLog } from "../../support/context.ts";
import { sendAll } from "../../support/records.ts";
import { waitFor } from "../../support/wait.ts";

const cluster = new native.MockCluster(1);
const stopping = new AbortController();
let kafka: Kafka;

beforeAll(() => {
  const properties = { "fetch.wait.max.ms": "20" };
  kafka = librdkafka({ brokers: cluster.bootstrapServers, properties, log: quietLog });
});
afterAll(() => cluster.close());

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (value: Uint8Array | null) => value && new TextDecoder().decode(value);
const START = 1_700_000_000_000;

/** A topic with `count` records on each of `partitions`, by turns in time: "0", "1" … */
async function topicOf(count: number, partitions = 2): Promise<string> {
  const topic = `t-${crypto.randomUUID().slice(0, 8)}`;
  cluster.createTopic(topic, partitions);
  const records = Array.from({ length: count * partitions }, (_, i) => ({
    key: bytes(`key ${i % 10}`),
    value: bytes(String(i)),
    headers: [{ name: "n", value: bytes(String(i)) }],
    partition: i % partitions,
    timestamp: START + i,
  }));
  await sendAll(kafka, topic, records);
  return topic;
}

/** On a busy machine, what a page waits for is over before all is read. */
const PATIENT_MS = 60_000;

function read(topic: string, wish: Partial<RecordSearch<ReturnType<typeof recordAt>>> = {}) {
  const records = new Records(kafka, stopping.signal, PATIENT_MS);
  return records.latest({ topic, count: 5, pick: recordAt, ...wish });
}

describe("Records", () => {
  test("has the latest of several topics, the newest first, each with its topic", async () => {
    const [a, b] = [await topicOf(20), await topicOf(2)];
    const search = (topic: string) => ({ topic, count: 5, pick: recordAt });
    const records = new Records(kafka, stopping.signal, PATIENT_MS);
    const found = await records.latest(search(a), search(b));
    const shown = found.records.map(({ topic, value }) => `${topic} ${textOf(value)}`);
    expect(shown).toEqual([39, 38, 37, 36, 35].map((i) => `${a} ${i}`));
    // What is older than this is not known of both.
    expect(found.since).toBeGreaterThan(START + 3);
    expect(found.isAll).toBe(false);
    const all = await records.latest(search(b), search(await topicOf(0)));
    expect(all.records.map(({ topic, value }) => `${topic} ${textOf(value)}`)).toEqual(
      [3, 2, 1, 0].map((i) => `${b} ${i}`),
    );
    expect(all).toMatchObject({ isAll: true, looked: 4, since: START });
  }, 600_000);

  test("has the latest of all partitions, the newest first, as they stand there", async () => {
    const topic = await topicOf(500);
    const { records, since, isAll } = await read(topic);
    expect(records.map(({ value }) => textOf(value))).toEqual(["999", "998", "997", "996", "995"]);
    expect(records[0]).toMatchObject({ partition: 1, offset: 499, timestamp: START + 999 });
    expect(textOf(records[0]?.key ?? null)).toBe("key 9");
    expect(textOf(records[0]?.headers[0]?.value ?? null)).toBe("999");
    expect(since).toBeLessThanOrEqual(START + 995);
    expect(isAll).toBe(false);
  });

  test("goes back until it has found enough, or to the start", async () => {
    const topic = await topicOf(3_000, 1);
    const pick: RecordSearch<ReturnType<typeof recordAt>>["pick"] = (batch, i) => {
      return Number(textOf(batch.value(i))) < 50 ? recordAt(batch, i) : undefined;
    };
    const some = await read(topic, { pick });
    expect(some.records.map(({ value }) => textOf(value))).toEqual(["49", "48", "47", "46", "45"]);
    const all = await read(topic, { pick, count: 100 });
    expect(all).toMatchObject({ looked: 3_000, since: START, isAll: true });
    expect(all.records).toHaveLength(50);
  });

  test("looks at the partitions alone that it was told", async () => {
    const { records } = await read(await topicOf(100), { partitions: [0, 7] });
    expect(records.map(({ value }) => textOf(value))).toEqual(["198", "196", "194", "192", "190"]);
  });

  // The look that a bound cut short was kept: the oldest that it had met stood as the latest.
  test("never takes what a bound let it find for the latest when newer ones were not read", async () => {
    const topic = await topicOf(300_000, 1);
    const wanted = new Set([20_000, 255_000]);
    const pick: RecordSearch<ReturnType<typeof recordAt>>["pick"] = (batch, i) => {
      return wanted.has(Number(textOf(batch.value(i)))) ? recordAt(batch, i) : undefined;
    };
    const { records, looked, since, isAll } = await read(topic, { pick });
    const found = records.map(({ value }) => Number(textOf(value)));
    // So many as the bound lets it look at, from the end back without a gap.
    const oldest = 300_000 - looked;
    expect(since).toBe(START + oldest);
    expect(found).toEqual([255_000, 20_000].filter((each) => each >= oldest));
    expect(looked).toBeGreaterThan(8);
    expect(isAll).toBe(false);
  }, 600_000);

  // It was said that there are none.
  test("does not say that there is nothing when a slow Kafka has handed over nothing", async () => {
    const topic = await topicOf(10);
    const silent: Kafka["reader"] = (options) => {
      const reader = kafka.reader(options);
      reader.poll = async (batch, waitMs) => {
        batch.clear();
        await Bun.sleep(waitMs);
        return [];
      };
      return reader;
    };
    const slow = new Records({ ...kafka, reader: silent }, stopping.signal);
    const reading = slow.latest({ topic, count: 5, pick: recordAt });
    await expect(reading).rejects.toThrow("Kafka returned no records in time.");
    await expect(reading).rejects.toBeInstanceOf(BusyError);
  }, 600_000);

  // A command said of a slow cluster that a partition holds no totals.
  test("fails when the time is over, for who must not take a part for all of it", async () => {
    const topic = await topicOf(10);
    let handed = 0;
    const halved: Kafka["reader"] = (options) => {
      const reader = kafka.reader(options);
      const { assign, poll } = reader;
      // The other partition never arrives, however long the machine takes.
      reader.assign = (starts) => assign.call(reader, starts.slice(0, 1));
      reader.poll = async (batch, waitMs) => {
        const events = await poll.call(reader, batch, waitMs);
        handed += batch.count;
        return events;
      };
      return reader;
    };
    const slow = new Records({ ...kafka, reader: halved }, stopping.signal, 500);
    const wish = { topic, count: 1_000, pick: recordAt, failsLate: true };
    const failsWithPart = async () => {
      handed = 0;
      await expect(slow.latest(wish)).rejects.toBeInstanceOf(BusyError);
      return handed > 0;
    };
    // A busy machine can hand over nothing within the time: then this was no proof.
    await waitFor(failsWithPart, { what: "a reading that had one of two partitions" });
  }, 600_000);

  test("answers with nothing where there is nothing", async () => {
    const nothing = { records: [], looked: 0, since: undefined, isAll: true };
    expect(await read(await topicOf(0))).toMatchObject(nothing);
    expect(await read("not-there")).toMatchObject(nothing);
  });

  test("reads a record that is larger than its batch", async () => {
    const topic = await topicOf(3, 1);
    const value = new Uint8Array(3_000_000).fill(0x78);
    await sendAll(kafka, topic, [{ value, partition: 0, timestamp: START + 10 }]);
    const { records } = await read(topic, { count: 2 });
    expect(records.map((record) => record.value?.length)).toEqual([3_000_000, 1]);
  });

  test("lets two read at a time, others try again, and none be left open", async () => {
    const topic = await topicOf(100);
    const records = new Records(kafka, stopping.signal, PATIENT_MS);
    const wish = { topic, count: 5, pick: recordAt };
    const readings = [records.latest(wish), records.latest(wish)];
    await expect(records.latest(wish)).rejects.toBeInstanceOf(BusyError);
    await Promise.all(readings);
    await records.end();
    expect((await records.latest(wish)).records).toHaveLength(5);
  });

  const away = { topic: "any", count: 1, pick: recordAt };

  // It was read on through ten tries of ten seconds: two of them held both places for 105 s, and
  // the stop of the dashboard beyond its four seconds.
  test("closes its clients when Kafka does not answer, and so has places again", async () => {
    const closed: string[] = [];
    const clientOf = (name: string) => {
      const { promise, reject } = Promise.withResolvers<never>();
      const close = async () => {
        closed.push(name);
        reject(new KafkaError("The client is closed.", { code: "_DESTROY", verdict: "fatal" }));
      };
      return { describeTopic: () => promise, close };
    };
    const silent = {
      admin: () => clientOf("admin") as Partial<Admin>,
      reader: () => ({ close: async () => void closed.push("reader") }) as Partial<Consumer>,
    } as unknown as Kafka;
    const records = new Records(silent, stopping.signal);
    const answers = await Promise.all([1, 2].map(() => records.latest(away).catch(String)));
    expect(answers).toEqual(Array(2).fill("BusyError: Kafka does not answer."));
    expect(closed.toSorted()).toEqual(["admin", "admin", "reader", "reader"]);
    await records.end();
    expect(await records.latest(away).catch(String)).toBe("BusyError: Kafka does not answer.");
  }, 600_000);

  // The clients of the first topic, which were being closed, had a place of their own, so that the
  // second reader of a page was told to try again; and between two topics there was none.
  test("gives the searches of several topics one place, until all clients are closed", async () => {
    const [release, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const close = () => release.promise;
    const empty = {
      admin: () => ({
        describeTopic: async (topic: string) => {
          if (topic === "b") second.resolve();
          return { partitions: 0 };
        },
        allWatermarks: async () => new Map(),
        close,
      }),
      reader: () => ({ close }),
    } as unknown as Kafka;
    const records = new Records(empty, stopping.signal);
    const search = (topic: string) => ({ ...away, topic });
    const both = records.latest(search("a"), search("b"));
    await second.promise;
    expect(await records.latest(search("c"))).toMatchObject({ isAll: true });
    await both;
    expect(await records.latest(search("c")).catch(String)).toContain("2 other requests");
    release.resolve();
    const isFree = async () => (await records.latest(search("c")).catch(() => {})) !== undefined;
    await waitFor(isFree, { what: "a place to be free" });
  }, 600_000);

  test("closes its clients as soon as it is told to stop", async () => {
    const stop = new AbortController();
    const kafka = librdkafka({ brokers: "127.0.0.1:1", properties: {}, log: quietLog });
    const records = new Records(kafka, stop.signal);
    const failed = records.latest(away).catch(String);
    stop.abort();
    expect(await failed).toBe("BusyError: Kafka does not answer.");
    await records.end();
  }, 600_000);

  test("says that Kafka does not answer instead of waiting for it", async () => {
    const kafka = librdkafka({ brokers: "127.0.0.1:1", properties: {}, log: quietLog });
    const records = new Records(kafka, stopping.signal);
    const answers = await Promise.all([1, 2].map(() => records.latest(away).catch(String)));
    expect(answers).toEqual(Array(2).fill("BusyError: Kafka does not answer."));
    await waitFor(
      async () => !/requests are searching/.test(String(await records.latest(away).catch(String))),
      { what: "a place to be free" },
    );
  }, 600_000);
});
