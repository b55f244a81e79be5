/**
 * A million sales, and an aggregator that is killed again and again: nothing lost, nothing twice.
 */

import { afterEach, expect } from "bun:test";
import { logged, newTopics, Runs } from "../support/board.ts";
import { runSalesboard } from "../support/executable.ts";
import { sharedKafka } from "../support/kafka.ts";
import { requirement } from "../support/require.ts";
import { seededRandom } from "../support/seed.ts";
import { quickArgs } from "../support/timeouts.ts";
import { inputTotals, outputTotals, rowsOf, salesIn } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";

const KILLS = 5;
/** Sales sent while one instance lives: 1,000,000 in all. */
const SALES_EACH = 200_000;
const SALES = KILLS * SALES_EACH;
/** So that each lives through 5 s of work, and dies in the middle of it. */
const RATE = SALES_EACH / 5;
const LIFE_MS_MAX = 3_000;
const test = requirement("java", "maven", "kcat");

const runs = new Runs();
afterEach(() => runs.end());

test("totals equal the sales after five SIGKILLs at random moments", async () => {
  const { brokers, createTopic } = await kafka();
  const topics = newTopics("kill");
  const args = ["--brokers", brokers, ...topics.args];
  await createTopic(topics.input, 4);
  const random = seededRandom("KILL_SEED");
  const produced: Promise<{ status: number }>[] = [];
  for (let kill = 1; kill <= KILLS; kill++) {
    const startedAt = performance.now();
    const run = runs.start(["aggregate", ...args, ...quickArgs]);
    await logged(run, "Partitions assigned.");
    const tookMs = Math.round(performance.now() - startedAt);
    let isProducing = true;
    const producing = runSalesboard([
      ...["produce", ...args, "--count", String(SALES_EACH)],
      ...["--rate", String(RATE), "--seed", String(kill)],
    ]);
    produced.push(producing);
    void producing.then(() => {
      isProducing = false;
    });
    const lifeMs = Math.round(random.between(0, LIFE_MS_MAX));
    await Bun.sleep(lifeMs);
    expect(isProducing).toBe(true);
    await run.kill();
    console.log(`kill ${kill}: owned its partitions after ${tookMs} ms, died ${lifeMs} ms later`);
  }
  for (const { status } of await Promise.all(produced)) expect(status).toBe(0);
  const startedAt = performance.now();
  const last = runs.start(["aggregate", ...args, ...quickArgs]);
  const expected = await inputTotals(brokers, topics.input);
  expect(salesIn(expected)).toBe(BigInt(SALES));
  await waitFor(async () => salesIn(await outputTotals(brokers, topics.output)) >= BigInt(SALES), {
    what: "the last sale",
  });
  console.log(
    `all sales counted ${Math.round(performance.now() - startedAt)} ms after the last start`,
  );
  expect(await last.stop()).toBe(0);
  expect(rowsOf(await outputTotals(brokers, topics.output))).toEqual(rowsOf(expected));
  const verified = await runSalesboard(["verify", ...args]);
  expect(verified.stdout).toContain("Equal: every total");
  expect(verified.status).toBe(0);
}, 600_000);

async function kafka() {
  const broker = await sharedKafka();
  return { brokers: broker.brokers, createTopic: broker.createTopic.bind(broker) };
}
