/** The role on the embedded broker, where every record it acknowledged can be read back. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { EMBEDDED_PROPERTIES } from "../../src/kafka/embedded.ts";
import type { Kafka } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { type NativeMockCluster, native } from "../../src/kafka/native.ts";
import { runProducer } from "../../src/producer/producer.ts";
import { configOf, quietLog, startRole } from "../support/context.ts";
import { decodeSale } from "../support/decode-sale.ts";
import { readTopic, texts } from "../support/records.ts";
import { waitFor } from "../support/wait.ts";

const TOPIC = configOf("run").inputTopic;
let cluster: NativeMockCluster;
let kafka: Kafka;
let folder: string;

beforeEach(() => {
  cluster = new native.MockCluster(1);
  cluster.createTopic(TOPIC, 4);
  const brokers = cluster.bootstrapServers;
  kafka = librdkafka({ brokers, properties: EMBEDDED_PROPERTIES, log: quietLog });
  folder = mkdtempSync(`${tmpdir()}/salesboard-producer-`);
});
afterEach(() => {
  cluster.close();
  rmSync(folder, { recursive: true });
});

const produce = (...args: string[]) =>
  startRole(runProducer, { config: configOf("run", "--roles", "producer", ...args), kafka });
const sent = () => readTopic(kafka, TOPIC, [0, 1, 2, 3]);

function fileOf(content: string | Uint8Array): string {
  writeFileSync(`${folder}/sales.ndjson`, content);
  return `${folder}/sales.ndjson`;
}

describe("runProducer", () => {
  test("sends exactly --count sales, keyed by product, and ends when they are acknowledged", async () => {
    const role = produce("--count", "3000", "--rate", "0", "--seed", "5");
    await role.ended;
    expect(role.stats).toMatchObject({
      salesboard_producer_sales_acknowledged_total: 3000,
      salesboard_producer_sales_failed_total: 0,
      salesboard_producer_sales_in_flight: 0,
    });
    const records = await sent();
    expect(records).toHaveLength(3000);
    for (const { key, value } of records) {
      expect(new TextDecoder().decode(key ?? undefined)).toBe(decodeSale(value).product);
    }
  });

  test("keeps to its rate until it is stopped", async () => {
    const RATE = 50;
    const startedAt = performance.now();
    const role = produce("--rate", String(RATE));
    const acknowledged = () => Number(role.stats.salesboard_producer_sales_acknowledged_total);
    await waitFor(() => acknowledged() >= RATE, { what: "the sales of a second" });
    await role.stop();
    const seconds = (performance.now() - startedAt) / 1_000;
    const { length } = await sent();
    expect(length).toBe(acknowledged());
    // The machine may be too slow for the rate; it is never faster.
    expect(length).toBeLessThanOrEqual(RATE * seconds);
  });

  test("sends every line of a file as it is, also what is no sale", async () => {
    const long = `{"product":"a","quantity":1,"price":1,"note":"${"x".repeat(700_000)}"}`;
    const lines = ['{"product":"Ä", "quantity":1e0,"price":2}', "no sale", long];
    const role = produce("--rate", "0", "--input", fileOf(`${lines.join("\r\n\n")}\n${lines[0]}`));
    await role.ended;
    const records = await sent();
    expect(texts(records).sort()).toEqual([lines[0] ?? "", ...lines].sort());
    expect(records.filter(({ key }) => key === null)).toHaveLength(1);
    expect(role.warnings).toEqual([
      "A line is not a valid sale; it is sent unchanged.",
      "Sent lines that are not valid sales.",
    ]);
  });

  test("says which file cannot be read", async () => {
    const role = produce("--input", `${folder}/missing.ndjson`);
    expect(role.ended).rejects.toThrow(`Cannot read --input ${folder}/missing.ndjson: ENOENT`);
    await role.ended.catch(() => {});
  });

  test("counts and names what the broker refuses", async () => {
    const PRODUCE = 0;
    const TOPIC_AUTHORIZATION_FAILED = 29;
    cluster.pushRequestErrors(PRODUCE, Array(20).fill(TOPIC_AUTHORIZATION_FAILED));
    const role = produce("--count", "1", "--rate", "0");
    const failure = await role.ended.then(() => "", String);
    expect(failure).toContain(
      `Cannot deliver 1 of 1 sales: 1 × the right Write on topic ${TOPIC} is missing`,
    );
  });

  // A broker refused the first request of a producer without rights. That error is fatal, so
  // librdkafka purged what was queued, and we took each purge for our own: "All sales
  // acknowledged", status 0, and no record in the topic.
  test.each([1, 20, 3_000])(
    "counts %d sales that a fatal error purged as failed",
    async (count) => {
      refuseProducers();
      const role = produce("--count", String(count), "--rate", "0");
      const failure = await role.ended.then(() => "", String);
      const [, lost, taken, reason] =
        /Cannot deliver (\d+) of (\d+) sales: (.*)$/.exec(failure) ?? [];
      expect(reason).toMatch(`the right Write on topic ${TOPIC} is missing`);
      expect(lost).toBe(taken);
      expect(Number(taken)).toBeLessThanOrEqual(count);
      expect(role.stats).toMatchObject({ salesboard_producer_sales_acknowledged_total: 0 });
      expect(await sent()).toEqual([]);
    },
  );

  test("what comes after a fatal error fails with the reason of that error", async () => {
    refuseProducers();
    const role = produce("--rate", "100");
    const failure = await role.ended.then(() => "", String);
    expect(failure).toMatch(/Cannot deliver \d+ of \d+ sales: .*the right Write on topic/);
    expect(failure).not.toContain("previous fatal error");
    expect(await sent()).toEqual([]);
  });

  test("sales without an acknowledgement are failures, even when nobody says so", async () => {
    const forgetful: Kafka = {
      ...kafka,
      producer: () => {
        const producer = kafka.producer();
        return {
          produce: producer.produce.bind(producer),
          takeFailures: () => [],
          flush: async () => {},
          close: () => producer.close(),
          inFlight: 0,
          acknowledged: 0,
        };
      },
    };
    const config = configOf("run", "--roles", "producer", "--count", "7", "--rate", "0");
    const role = startRole(runProducer, { config, kafka: forgetful });
    expect(await role.ended.then(() => "", String)).toContain(
      "Cannot deliver 7 of 7 sales: 7 × no acknowledgement came",
    );
  });

  test("counts what is too large for the topic, and what was sent beside it", async () => {
    const PRODUCE = 0;
    const MSG_SIZE_TOO_LARGE = 10;
    cluster.pushRequestErrors(PRODUCE, [MSG_SIZE_TOO_LARGE]);
    const role = produce("--count", "500", "--rate", "0", "--seed", "3");
    const failure = await role.ended.then(() => "", String);
    const [, lost] = /Cannot deliver (\d+) of 500 sales: .*too large/.exec(failure) ?? [];
    expect(await sent()).toHaveLength(500 - Number(lost));
    expect(role.stats).toMatchObject({
      salesboard_producer_sales_acknowledged_total: 500 - Number(lost),
      salesboard_producer_sales_failed_total: Number(lost),
    });
  });
});

/** All producers from now on are refused, as when the right to write is missing. */
function refuseProducers(): void {
  const INIT_PRODUCER_ID = 22;
  const CLUSTER_AUTHORIZATION_FAILED = 31;
  cluster.pushRequestErrors(INIT_PRODUCER_ID, Array(20).fill(CLUSTER_AUTHORIZATION_FAILED));
}
