/** When the producer waits for the aggregator: on the embedded broker alone. */

import { expect, test } from "bun:test";
import type { Admin, Consumer, Kafka, Producer } from "../../src/kafka/kafka.ts";
import { Backpressure } from "../../src/producer/backpressure.ts";
import { configOf } from "../support/context.ts";
import { waitFor } from "../support/wait.ts";

interface Log {
  low: number;
  high: number;
  committed: number | null;
}

const LOOK_RECORDS = 2_000;

/** What a look says of partitions, of which `logs` may change. */
function watching(logs: Log[], { inFlight = 0, args = [] as string[] } = {}) {
  const observer = {
    committed: async (partitions) =>
      partitions.map((partition) => ({ partition, offset: logs[partition]?.committed ?? null })),
    close: async () => {},
  } as Partial<Consumer> as Consumer;
  const admin = {
    allWatermarks: async (_, partitions) =>
      new Map(partitions.map((partition) => [partition, logs[partition] as Log])),
    close: async () => {},
  } as Partial<Admin> as Admin;
  const kafka = { groupConsumer: () => observer, admin: () => admin } as Partial<Kafka> as Kafka;
  const config = configOf("run", "--partitions", String(logs.length), ...args);
  const { signal } = new AbortController();
  const backpressure = new Backpressure({ config, kafka, signal }, {
    inFlight,
  } as Partial<Producer> as Producer);
  const wait = async () => {
    backpressure.sent(LOOK_RECORDS);
    await backpressure.wait();
  };
  return { wait };
}

const isOver = async (waiting: Promise<void>) =>
  Promise.race([waiting.then(() => true), Bun.sleep(30).then(() => false)]);

test("Backpressure lets a producer go on while little is unread", async () => {
  const fresh = { low: 0, high: 3_000, committed: null };
  const full = { low: 50_000, high: 74_000, committed: 63_000 };
  await watching([fresh, full]).wait();
});

// Twenty thousand sales could be unread, however much memory each took: more than the log holds of
// sales that were sent one by one.
test("Backpressure waits while half of a full log is unread, and goes on then", async () => {
  const logs = [{ low: 10_000, high: 18_000, committed: 13_999 }];
  const waiting = watching(logs).wait();
  expect(await isOver(waiting)).toBe(false);
  logs[0] = { low: 10_000, high: 18_000, committed: 14_000 };
  await waitFor(() => isOver(waiting), { what: "the end of the wait" });
});

test("Backpressure waits for the first reader, and for one that was left behind", async () => {
  expect(await isOver(watching([{ low: 0, high: 4_001, committed: null }]).wait())).toBe(false);
  expect(await isOver(watching([{ low: 9, high: 4_001, committed: 5 }]).wait())).toBe(false);
});

test("Backpressure holds nobody up on a broker that keeps what it acknowledged", async () => {
  const brokers = ["--brokers", "kafka:9092"];
  await watching([{ low: 0, high: 90_000, committed: null }], { args: brokers }).wait();
});

// An order takes ten times the memory of a sale.
test("Backpressure lets fewer orders wait", async () => {
  const orders = ["--demo", "orders"];
  const waiting = { low: 0, high: 401, committed: null };
  expect(await isOver(watching([waiting], { args: orders }).wait())).toBe(false);
  await watching([{ ...waiting, high: 400 }], { args: orders }).wait();
  await watching([waiting]).wait();
});
