/**
 * A million sales, and an aggregator that is killed again and again: nothing lost, nothing twice.
 */

import { afterEach, expect } from "bun:test";
import { logged, newTopics, Runs } from "../support/board.ts";
import { runSalesboard } from "../support/executable.ts";
import { sharedKafka } from "../support/kafka.ts";
import { requirement } from "../support/require.ts";
import { inputTotals, outputTotals, rowsOf, salesIn } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";

const SALES = 1_000_000;
const KILLS = 5;
/** As long as an instance lives, after it was given its partitions. */
const LIFE_MS_MAX = 3_000;
const test = requirement("java", "maven", "kcat");

const runs = new Runs();
afterEach(() => runs.end());

test("totals equal the sales after five SIGKILLs at random moments", async () => {
  const { brokers, createTopic } = await kafka();
  const topics = newTopics("kill");
  const args = ["--brokers", brokers, ...topics.args];
  await createTopic(topics.input, 4);
  // Slow enough that every instance dies with work before it.
  const producing = runSalesboard([
    ...["produce", ...args, "--count", String(SALES)],
    ...["--rate", "40000", "--seed", "7"],
  ]);
  for (let kill = 1; kill <= KILLS; kill++) {
    const startedAt = performance.now();
    const run = runs.start(["aggregate", ...args]);
    await logged(run, "partitions assigned", 60_000);
    const tookMs = Math.round(performance.now() - startedAt);
    const lifeMs = Math.round(Math.random() * LIFE_MS_MAX);
    await Bun.sleep(lifeMs);
    await run.kill();
    console.log(`kill ${kill}: owned its partitions after ${tookMs} ms, died ${lifeMs} ms later`);
  }
  expect((await producing).status).toBe(0);
  const last = runs.start(["aggregate", ...args]);
  const expected = await inputTotals(brokers, topics.input);
  expect(salesIn(expected)).toBe(BigInt(SALES));
  await waitFor(async () => salesIn(await outputTotals(brokers, topics.output)) >= BigInt(SALES), {
    what: "the last sale",
    timeoutMs: 60_000,
  });
  expect(await last.stop()).toBe(0);
  expect(rowsOf(await outputTotals(brokers, topics.output))).toEqual(rowsOf(expected));
  const verified = await runSalesboard(["verify", ...args]);
  expect(verified.stdout).toContain("Equal: every total");
  expect(verified.status).toBe(0);
}, 180_000);

async function kafka() {
  const broker = await sharedKafka();
  return { brokers: broker.brokers, createTopic: broker.createTopic.bind(broker) };
}
