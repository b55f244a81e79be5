/** Partitions added to the input under load: their sales are counted too, and shown. */

import { afterEach, expect } from "bun:test";
import { newTopics, Runs, totalsWhen } from "../support/board.ts";
import { runSalesboard } from "../support/executable.ts";
import { sharedKafka } from "../support/kafka.ts";
import { requirement } from "../support/require.ts";
import { inputTotals, outputTotals, rowsOf } from "../support/totals.ts";

const test = requirement("java", "maven", "kcat");
const runs = new Runs();
afterEach(() => runs.end());

// The aggregator's producer knew of two output partitions only, refused the records for the new
// ones, and the transaction was committed without them.
test("sales on partitions added while it runs are in the totals", async () => {
  const broker = await sharedKafka();
  const { brokers } = broker;
  const topics = newTopics("partitions");
  const args = ["--brokers", brokers, ...topics.args];
  // Clients hear of new partitions within this time, not within Kafka's five minutes.
  const soon = ["-X", "topic.metadata.refresh.interval.ms=2000"];
  await broker.createTopic(topics.input, 2);
  const run = runs.start([...args, ...soon, "--port", "0"]);
  const produce = async (count: number, seed: string) => {
    const paced = ["--count", String(count), "--rate", "2000", "--seed", seed];
    expect((await runSalesboard(["produce", ...args, ...soon, ...paced])).status).toBe(0);
  };
  await produce(1_000, "1");
  await totalsWhen(run, ({ total }) => total.sales === 1_000);
  await broker.tool("org.apache.kafka.tools.TopicCommand", [
    ...["--bootstrap-server", brokers, "--alter", "--topic", topics.input, "--partitions", "4"],
  ]);
  await produce(2_000, "2");
  await totalsWhen(run, ({ total }) => total.sales === 3_000);
  expect(await run.stop()).toBe(0);
  const expected = rowsOf(await inputTotals(brokers, topics.input));
  expect(rowsOf(await outputTotals(brokers, topics.output))).toEqual(expected);
  const verified = await runSalesboard(["verify", ...args]);
  expect(verified.stdout).toContain("(4 partitions");
  expect(verified.status).toBe(0);
}, 600_000);
