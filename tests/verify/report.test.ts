/** `verify` of several input topics: one report each, and one answer for all. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import { type Config, perTopic } from "../../src/config/config.ts";
import type { Kafka } from "../../src/kafka/kafka.ts";
import type { NativeMockCluster } from "../../src/kafka/native.ts";
import { runVerify } from "../../src/verify/report.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf, startRole } from "../support/context.ts";
import { sendAll } from "../support/records.ts";
import { waitFor } from "../support/wait.ts";

const config = configOf("run", "--roles", "aggregator,dashboard", "--input-topic", "a,b");
let cluster: NativeMockCluster;
let kafka: Kafka;

beforeAll(() => {
  ({ cluster, kafka } = openCluster(config, 2));
});
afterAll(() => cluster.close());

const sale = encodeSale({ product: "Laptop", quantity: 2, price: 1_500_000n });

async function count(of: Config, sales: number): Promise<void> {
  const role = startRole(runAggregator, { config: of, kafka });
  await sendAll(
    kafka,
    of.inputTopic,
    Array.from({ length: sales }, (_, i) => ({ value: sale, partition: i % 2 })),
  );
  const counted = () => role.stats.salesboard_aggregator_sales === sales;
  await waitFor(counted, { what: `${sales} sales of ${of.inputTopic}` });
  await role.stop();
}

async function verified(json = false) {
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const status = await runVerify({ kafka, config: { ...config, json }, print });
  return { status, printed };
}

test("each topic is reported by itself, and a difference in one is a difference", async () => {
  const [a, b] = perTopic(config) as [Config, Config];
  await count(a, 3);
  await count(b, 2);
  const equal = await verified();
  expect(equal.status).toBe(0);
  expect(equal.printed).toHaveLength(2);
  expect(equal.printed[0]).toStartWith("Read 3 records of a (2 partitions");
  expect(equal.printed[0]).toEndWith(
    "Equal: every total in processed_sales_topic is the sum of its sales.",
  );
  expect(equal.printed[1]).toContain("committed offsets of group salesboard.of-b) in ");
  expect(equal.printed[1]).toEndWith(
    "Equal: every total in processed_sales_topic.of-b is the sum of its sales.",
  );
  // A tombstone deletes a total of the second topic.
  const key = new TextEncoder().encode("Laptop");
  await sendAll(kafka, b.outputTopic, [{ key, value: null, partition: 0 }]);
  const different = await verified(true);
  expect(different.status).toBe(1);
  expect(different.printed).toHaveLength(1);
  expect(JSON.parse(different.printed[0] ?? "")).toMatchObject({
    equal: false,
    topics: [
      { topic: "a", equal: true, sales: 3 },
      { topic: "b", equal: false, sales: 2 },
    ],
  });
}, 600_000);
