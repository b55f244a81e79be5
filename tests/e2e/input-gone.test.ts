/**
 * Records that are gone before they were counted, on a real Kafka: pages say so, because no total
 * has them. While the input itself is gone, the dashboard is not ready.
 */

import { afterEach, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { writeFileSync } from "node:fs";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import { runDashboard } from "../../src/dashboard/serve.ts";
import type { Kafka } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { newTopics } from "../support/board.ts";
import { configOf, quietLog, type RunningRole, startRole } from "../support/context.ts";
import { type KafkaBroker, sharedKafka } from "../support/kafka.ts";
import { sendAll } from "../support/records.ts";
import { missingOf, requirement } from "../support/require.ts";
import type { ApiTotals } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";

const test = requirement("java", "maven");
setDefaultTimeout(600_000);
const PARTITION = 1;

let broker: KafkaBroker;
let kafka: Kafka;
const running: RunningRole[] = [];

beforeAll(async () => {
  if (missingOf("java", "maven")) return;
  broker = await sharedKafka();
  kafka = librdkafka({ brokers: broker.brokers, properties: {}, log: quietLog });
});
afterEach(async () => {
  await Promise.allSettled(running.splice(0).map((role) => role.stop()));
});

/** A board whose topics have two partitions; sales go to the second one. */
async function openBoard(name: string) {
  const { input, args } = newTopics(name);
  const config = configOf("run", "--brokers", broker.brokers, "--port", "0", ...args);
  for (const topic of [input, config.outputTopic, config.historyTopic, config.deadLetterTopic]) {
    await broker.createTopic(topic, 2);
  }
  const start = (run: typeof runAggregator) => {
    const role = startRole(run, { config, kafka });
    running.push(role);
    return role;
  };
  const url = (await start(runDashboard).url) ?? "";
  const text = async (path: string) => (await fetch(new URL(path, url))).text();
  const value = encodeSale({ product: "Tea", quantity: 1, price: 1_000_000n });
  const record = { value, partition: PARTITION };
  const send = (count: number) => sendAll(kafka, input, Array(count).fill(record));
  const untilSold = async (sales: number) => {
    const isSold = async () => {
      return (JSON.parse(await text("api/totals")) as ApiTotals).total.sales === sales;
    };
    await waitFor(isSold, { what: `${sales} sales in the totals` });
  };
  return { input, count: () => start(runAggregator), send, text, untilSold };
}

async function removeBefore(topic: string, offset: number): Promise<void> {
  const file = `${broker.dir}/${topic}.json`;
  const partitions = [{ topic, partition: PARTITION, offset }];
  writeFileSync(file, JSON.stringify({ version: 1, partitions }));
  await broker.tool("org.apache.kafka.tools.DeleteRecordsCommand", [
    ...["--bootstrap-server", broker.brokers, "--offset-json-file", file],
  ]);
}

// Only the log and a metric told of them. On the page, the totals seemed complete.
test("sales that were removed before they were counted are told on the page, for good", async () => {
  const { input, count, send, text, untilSold } = await openBoard("removed");
  const first = count();
  await send(3);
  await untilSold(3);
  await first.stop();
  await send(4);
  await removeBefore(input, 7);
  await send(2);
  const next = count();
  await untilSold(5);
  const told =
    /Retention removed 4 records of removed-\S+ \(partition 1\) before they were counted/;
  const isTold = async () => told.test(await text(""));
  await waitFor(isTold, { what: "a word about what was removed" });
  // Nothing can be done about that: a probe must not restart or leave out the dashboard.
  await waitFor(async () => (await text("readyz")) === '{"ready":true}', { what: "readiness" });
  await next.stop();
  const later = count();
  await send(1);
  await untilSold(6);
  expect(await isTold()).toBe(true);
  expect(later.warnings.filter((line) => line.startsWith("Retention removed"))).toEqual([]);
});

// It stayed ready, as if nobody bought anything.
test("a dashboard whose input is deleted is not ready, and names the topic", async () => {
  const { input, count, send, text, untilSold } = await openBoard("deleted");
  const role = count();
  await send(3);
  await untilSold(3);
  await role.stop();
  await waitFor(async () => (await text("readyz")) === '{"ready":true}', { what: "readiness" });
  const admin = kafka.admin();
  await admin.deleteTopic(input);
  await admin.close();
  const sentence = `The input topic ${input} does not exist: nothing can be counted.`;
  const isTold = async () => {
    const answer = JSON.parse(await text("readyz")) as { reasons?: string[] };
    return answer.reasons?.includes(sentence) && (await text("")).includes(sentence);
  };
  await waitFor(isTold, { what: sentence });
});
