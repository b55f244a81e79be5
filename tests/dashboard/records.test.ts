import { afterAll, beforeAll, expect, test } from "bun:test";
import { Records } from "../../src/dashboard/records.ts";
import { EMBEDDED_PROPERTIES } from "../../src/kafka/embedded.ts";
import type { Kafka } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { type NativeMockCluster, native } from "../../src/kafka/native.ts";
import { quietLog } from "../support/context.ts";
import { sendAll } from "../support/records.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
let cluster: NativeMockCluster;
let kafka: Kafka;

beforeAll(() => {
  cluster = new native.MockCluster(1);
  const brokers = cluster.bootstrapServers;
  kafka = librdkafka({ brokers, properties: EMBEDDED_PROPERTIES, log: quietLog });
});
afterAll(() => cluster.close());

const any = { depth: 1_000, count: 100, wants: () => true };

test("Records has the latest of all partitions, the latest first, and no more than asked", async () => {
  cluster.createTopic("many", 2);
  const sent = Array.from({ length: 40 }, (_, i) => {
    return { key: bytes(`k${i}`), value: bytes(`v${i}`), partition: i % 2, timestamp: 1_000 + i };
  });
  await sendAll(kafka, "many", sent);
  const records = new Records(kafka);
  const reading = await records.latest({ ...any, topic: "many", count: 3 });
  expect(reading).toMatchObject({ looked: 40, isCut: false });
  expect(
    reading?.records.map(({ partition, offset, timestamp, key }) => {
      return [partition, offset, timestamp, new TextDecoder().decode(key ?? undefined)];
    }),
  ).toEqual([
    [1, 19, 1_039, "k39"],
    [0, 19, 1_038, "k38"],
    [1, 18, 1_037, "k37"],
  ]);
  const near = await records.latest({ ...any, topic: "many", depth: 10 });
  expect(near?.looked).toBe(10);
});

test("Records looks at values as a whole, and keeps the beginning of large ones", async () => {
  cluster.createTopic("large", 1);
  const large = new Uint8Array(900_000).fill(0x61);
  await sendAll(kafka, "large", [{ value: large }, { value: bytes("small") }, { value: null }]);
  const wants = (value: Uint8Array | null) => (value?.length ?? 0) > 100_000;
  const reading = await new Records(kafka).latest({ ...any, topic: "large", wants });
  expect(reading?.records).toHaveLength(1);
  expect(reading?.records[0]?.value).toHaveLength(2_048);
  expect(reading?.records[0]?.valueBytes).toBe(900_000);
});

test("Records reads two things at a time, and nothing where there is no topic", async () => {
  cluster.createTopic("busy", 1);
  const records = new Records(kafka);
  const readings = await Promise.all(
    [1, 2, 3].map(() => records.latest({ ...any, topic: "busy" })),
  );
  expect(readings.filter((reading) => reading === undefined)).toHaveLength(1);
  expect(await records.latest({ ...any, topic: "busy" })).toMatchObject({ records: [], looked: 0 });
  expect(await records.latest({ ...any, topic: "absent" })).toMatchObject({ records: [] });
});
