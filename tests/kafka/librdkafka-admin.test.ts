/** How the admin asks a cluster that does not answer as hoped. Its clients below are made up. */

import { expect, test } from "bun:test";
import { LibrdkafkaAdmin } from "../../src/kafka/librdkafka-admin.ts";
import type { NativeAdmin, NativeConsumer } from "../../src/kafka/native.ts";

// "Cannot describe topic sales: TOPIC_AUTHORIZATION_FAILED" left the reader to find out what that is.
test("a topic that cannot be described is explained, by its name", async () => {
  const found = { name: "sales", error: "TOPIC_AUTHORIZATION_FAILED", partitions: [], rights: [] };
  const reader = { metadata: async () => ({ topics: [found], brokers: [] }) };
  const admin = new LibrdkafkaAdmin(reader as unknown as NativeConsumer, {} as NativeAdmin);
  const failure = await admin.describeTopic("sales").catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "TOPIC_AUTHORIZATION_FAILED", verdict: "fatal" });
  expect(String(failure)).toContain("sales");
  expect(String(failure)).toContain("kafka-acls.sh");
});

const silent = Object.assign(new Error("Cannot read watermarks of sales[1]: timed out"), {
  ...{ code: "_TIMED_OUT", number: -185, fatal: false, retriable: true, txnRequiresAbort: false },
});

/** Partition 1 is silent so many times; what was asked. */
function clusterSilent(times: number) {
  const asked: { partitions: number[]; ms: number }[] = [];
  let looks = 0;
  const reader = {
    watermarks: async (_topic: string, partitions: number[], ms: number) => {
      asked.push({ partitions, ms });
      const isSilent = asked.length <= times;
      return partitions.map((partition) => ({
        ...{ partition, low: 0, high: asked.length },
        ...(isSilent && partition === 1 && { high: -1, error: silent }),
      }));
    },
    metadata: async () => void looks++,
  };
  const admin = new LibrdkafkaAdmin(reader as unknown as NativeConsumer, {} as NativeAdmin);
  return { admin, asked, looks: () => looks };
}

// One killed leader held up the ends of all partitions until its broker was back.
test("a silent leader is looked up again, and only its partitions are asked about again", async () => {
  const { admin, asked, looks } = clusterSilent(1);
  expect([...(await admin.allWatermarks("sales", [1, 0]))]).toEqual([
    [1, { low: 0, high: 2 }],
    [0, { low: 0, high: 1 }],
  ]);
  expect(asked.map(({ partitions }) => partitions)).toEqual([[1, 0], [1]]);
  expect(looks()).toBe(1);
});

test("brokers that are slow get more time in the end", async () => {
  const { admin, asked } = clusterSilent(8);
  await admin.allWatermarks("sales", [0, 1]);
  const times = asked.map(({ ms }) => ms);
  expect(times.slice(0, 8)).toEqual(Array(8).fill(times[0]));
  expect(times.at(8)).toBeGreaterThan(times[0] ?? Number.NaN);
});

/** Three brokers lead a partition each; number 2 is silent for good. */
function clusterWithSilentBroker({ silences = 0, answers = Number.POSITIVE_INFINITY } = {}) {
  const states = [1, 2, 3].map((leader) => ({ leader, replicas: [leader], inSync: [leader] }));
  const brokers = [1, 2, 3].map((id) => ({ id, address: `kafka-${id}:9092` }));
  const asked: string[] = [];
  const metadata = (client: string) => async () => {
    if (asked.push(client) <= silences || asked.length > answers) throw silent;
    return { topics: [{ name: "sales", error: "", partitions: states, rights: [] }], brokers };
  };
  const watermarks = async (_topic: string, partitions: number[]) =>
    partitions.map((partition) => ({
      ...{ partition, low: 0, high: 5 },
      ...(partition === 1 && { high: -1, error: silent }),
    }));
  const reader = { watermarks, metadata: metadata("reader") } as unknown as NativeConsumer;
  const other = { metadata: metadata("admin") } as unknown as NativeAdmin;
  return { admin: new LibrdkafkaAdmin(reader, other), asked };
}

const NAMED =
  "broker 2 at kafka-2:9092, which leads partition 1 of sales, does not answer, though other " +
  "brokers do: look whether it runs, and whether its address can be reached from here";

// One of three brokers was frozen: "Kafka has not answered", said the page, though two answered.
test("silent leaders are named with their partitions while other brokers answer", async () => {
  const heard = Promise.withResolvers<string>();
  const { admin } = clusterWithSilentBroker();
  // The question goes on until the leader answers.
  void admin.allWatermarks("sales", [0, 1, 2], heard.resolve).catch(() => {});
  expect(await heard.promise).toBe(NAMED);
});

// Metadata were asked of the frozen broker, again and again: others had told the ends meanwhile.
test("silent leaders are named when others have told the ends, and nobody says who leads", async () => {
  const heard = Promise.withResolvers<string>();
  const { admin } = clusterWithSilentBroker({ answers: 1 });
  await admin.describeTopic("sales");
  void admin.allWatermarks("sales", [0, 1, 2], heard.resolve).catch(() => {});
  expect(await heard.promise).toBe(NAMED);
});

test("a description that gets no answer is asked for by the other client", async () => {
  const { admin, asked } = clusterWithSilentBroker({ silences: 1 });
  expect((await admin.describeTopic("sales"))?.partitions).toBe(3);
  expect(asked).toEqual(["reader", "admin"]);
});
