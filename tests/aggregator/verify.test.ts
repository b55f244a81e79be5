/** What `verify` says of totals that are right, wrong and beyond telling. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import { verify } from "../../src/aggregator/verify.ts";
import { report } from "../../src/aggregator/verify-report.ts";
import { encodeSale, encodeTotal } from "../../src/codec.ts";
import { EMBEDDED_PROPERTIES } from "../../src/kafka/embedded.ts";
import type { Kafka } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { type NativeMockCluster, native } from "../../src/kafka/native.ts";
import { configOf, quietLog, startRole } from "../support/context.ts";
import { sendAll } from "../support/records.ts";
import { waitFor } from "../support/wait.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const config = configOf("run");
let cluster: NativeMockCluster;
let kafka: Kafka;

beforeEach(() => {
  cluster = new native.MockCluster(1);
  for (const topic of [config.inputTopic, config.outputTopic, config.deadLetterTopic]) {
    cluster.createTopic(topic, 2);
  }
  const brokers = cluster.bootstrapServers;
  kafka = librdkafka({ brokers, properties: EMBEDDED_PROPERTIES, log: quietLog });
});
afterEach(() => cluster.close());

const laptop = encodeSale({ product: "Laptop", quantity: 2, price: 1_500_000n });
const seen: number[] = [];
const check = () => verify({ kafka, config, progress: (records) => seen.push(records) });

/** Three sales and a dead letter, aggregated. */
async function aggregate(): Promise<void> {
  const role = startRole(runAggregator, { config, kafka });
  await sendAll(kafka, config.inputTopic, [
    { value: laptop, partition: 0 },
    { value: laptop, partition: 1 },
    { value: bytes("no sale"), partition: 1 },
    { value: laptop, partition: 1 },
  ]);
  const counted = () =>
    role.stats.salesboard_aggregator_sales === 3 &&
    role.stats.salesboard_aggregator_dead_letters === 1;
  await waitFor(counted, { what: "three sales and a dead letter" });
  await role.stop();
}

describe("verify", () => {
  test("says equal of what the aggregator wrote, and counts it", async () => {
    await aggregate();
    const found = await check();
    expect(found).toMatchObject({
      equal: true,
      partitions: 2,
      records: 4,
      sales: 3,
      products: 1,
      deadLetters: 1,
      differences: [],
      incomplete: [],
    });
    expect(seen.at(-1)).toBe(4);
    expect(report(found, config)).toEndWith(
      "Equal: every total in processed_sales_topic is the sum of its sales.",
    );
  }, 30_000);

  test("names partition and product of a total that somebody changed", async () => {
    await aggregate();
    const forged = { product: "Laptop", totalQuantity: 4n, totalPrice: 7n, sales: 2n };
    const value = encodeTotal({ ...forged, updatedAt: "2026-11-23T17:00:00.123Z" });
    await sendAll(kafka, config.outputTopic, [{ key: bytes("Laptop"), value, partition: 1 }]);
    const found = await check();
    expect(found).toMatchObject({
      equal: false,
      differencesTotal: 1,
      differences: [
        {
          partition: 1,
          product: "Laptop",
          recomputed: "2 sales, 4 units, 6.00",
          found: "2 sales, 4 units, 0.000007",
        },
      ],
    });
    expect(report(found, config)).toContain('partition 1, "Laptop": recomputed 2 sales');
  }, 30_000);

  test("is equal where nothing was sold yet", async () => {
    expect(await check()).toMatchObject({ equal: true, records: 0, sales: 0 });
  }, 30_000);
});
