/**
 * 256 partitions of an input behind a network with a round trip of 50 ms: all are counted, the page
 * gets live, and an instance that was killed is replaced.
 */

import { test as bunTest, expect } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Kafka } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { SaleGenerator } from "../../src/producer/generator.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { logOf, newTopics, Runs } from "../support/board.ts";
import { quietLog } from "../support/context.ts";
import { runSalesboard, type Salesboard } from "../support/executable.ts";
import { type KafkaBroker, startKafka } from "../support/kafka.ts";
import { sendAll } from "../support/records.ts";
import { requirement } from "../support/require.ts";
import { timeoutArgs } from "../support/timeouts.ts";
import { type ApiTotals, outputTotals, rowsOf } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";
import { madeUpTotals } from "./made-up.ts";
import { KafkaProxy } from "./proxy.ts";
import { withManySection } from "./report.ts";
import { scaleOf } from "./scale.ts";

const TEST_MS_MAX = 900_000;
const PARTITIONS = 256;
const ONE_WAY_MS = 25;
/** Twice to each partition. */
const ROUND = 2 * PARTITIONS;
const ROUNDS_WATCHED = 5;
const SEED = 1;
const reportPath = join(import.meta.dir, "../FAULTS.md");

/** Minutes, on a machine with other work: in `npm run faults` alone. */
const isFull = Bun.env.FAULTS_ROUNDS !== undefined || Bun.env.FAULTS_WRITE !== undefined;
const test = isFull ? requirement("java", "maven") : bunTest.skip;
/**
 * A transaction writes to 512 partitions, by a request each: half a second at this distance on a
 * quiet machine. On a busy one, proxy and broker take much longer.
 */
const scale = { ...scaleOf(Bun.env), transactionMs: 60_000, sessionMs: 70_000 };

const told = {
  name: `${PARTITIONS} partitions at a round trip of ${2 * ONE_WAY_MS} ms`,
  injection: "The proxy delays whatever arrives, both ways; the instance that counts is killed.",
  expected: "All sales are counted, the page is ready, and a new instance takes over.",
};

// The ends of the partitions were asked for one after the other: with 200 of them the page was
// stale for ever. Later, a transaction took more than 5 s, and most were ended by their time-out.
test(
  `${told.name} are counted, and the page is live`,
  async () => {
    const proxy = await KafkaProxy.listen();
    const broker = await startKafka({ proxiedBy: proxy.port, settings: scale.settings });
    proxy.target = broker.proxiedPort;
    const runs = new Runs();
    try {
      proxy.weather = { delayMs: () => ONE_WAY_MS };
      await count(broker, proxy, runs);
    } finally {
      await runs.end();
      proxy.close();
      await broker.stop();
    }
  },
  TEST_MS_MAX,
);

async function count(broker: KafkaBroker, proxy: KafkaProxy, runs: Runs): Promise<void> {
  const topics = newTopics("many");
  await broker.createTopic(topics.input, PARTITIONS);
  const sales = new Sales(broker.brokers, topics.input);
  const command = ["run", "--roles", "aggregator,dashboard", "--port", "0"];
  const board = () =>
    runs.start([
      ...[...command, "--brokers", proxy.brokers, ...topics.args],
      ...["--log-format", "json", ...timeoutArgs(scale)],
    ]);
  await sales.send();
  const first = board();
  const readyMs = [await untilAll(first, sales)];
  for (let i = 0; i < ROUNDS_WATCHED; i++) {
    await sales.send();
    await untilAll(first, sales);
  }
  await first.kill();
  await sales.send();
  const second = board();
  readyMs.push(await untilAll(second, sales));
  expect(logOf({ stderr: second.stderr() }).filter(({ level }) => level === "ERROR")).toEqual([]);
  const where = ["--brokers", broker.brokers, ...topics.args];
  const verified = await runSalesboard(["verify", "--json", ...where]);
  expect(verified.status, verified.stdout + verified.stderr).toBe(0);
  expect(JSON.parse(verified.stdout)).toMatchObject({ partitions: PARTITIONS, sales: sales.sent });
  const totals = await outputTotals(broker.brokers, topics.output);
  expect(rowsOf(totals)).toEqual(rowsOf(madeUpTotals([{ seed: SEED, sales: sales.sent }])));
  expect(await second.stop()).toBe(0);
  const ready = readyMs.map((ms) => (ms / 1_000).toFixed(1)).join(" and ");
  const seen = [`${sales.sent} sales verified`, `ready with all of them after ${ready} s`];
  console.log(`${told.name}: ${seen.join("; ")}.`);
  if (Bun.env.FAULTS_WRITE === undefined) return;
  writeFileSync(reportPath, withManySection(readFileSync(reportPath, "utf8"), told, seen));
}

/** Waits until the page has all sales and is ready. @returns milliseconds */
async function untilAll(run: Salesboard, { sent }: Sales): Promise<number> {
  const startedAt = performance.now();
  let seen = 0;
  const isThere = async () => {
    seen = (await run.api<ApiTotals>("/api/totals").catch(() => undefined))?.total.sales ?? seen;
    return seen === sent && (await fetch(`${await run.url()}/readyz`)).ok;
  };
  const what = `${sent} sales on a page that is ready`;
  await waitFor(isThere, { what, progress: () => seen });
  return Math.round(performance.now() - startedAt);
}

/** The made-up sales of a seed, in turn to each partition. */
class Sales {
  sent = 0;
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #generator = new SaleGenerator(SEED);

  constructor(brokers: string, topic: string) {
    this.#kafka = librdkafka({ brokers, properties: {}, log: quietLog });
    this.#topic = topic;
  }

  async send(): Promise<void> {
    const records = Array.from({ length: ROUND }, (_, i) => ({
      value: encodeSale(this.#generator.next()),
      partition: i % PARTITIONS,
    }));
    await sendAll(this.#kafka, this.#topic, records);
    this.sent += ROUND;
  }
}
