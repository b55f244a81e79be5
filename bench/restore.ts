/**
 * How fast totals come back: the time from exec to an aggregator that counts and to a dashboard
 * that serves. Of the aggregator's time what it takes without any totals is not the restore's.
 */

import { executablePath } from "../tests/support/executable.ts";
import { readTopic } from "../tests/support/records.ts";
import { waitFor } from "../tests/support/wait.ts";
import { type Arena, onKafka } from "./arena.ts";
import { count, spreadText, times } from "./contest.ts";
import { type Spread, spreadOf } from "./measure.ts";
import { fillProducts } from "./sales.ts";
import type { BenchOptions } from "./section.ts";
import { readBare } from "./subjects/bare.ts";
import { SubjectProcess } from "./subjects/process.ts";

const PARTITIONS = 4;
const SIZES = { full: { products: 100_000, rounds: 5 }, short: { products: 20_000, rounds: 1 } };
const PACE_MIN = 0.9;
const READY_MS_MAX = 180_000;

/** Seconds, by round. */
interface Times {
  bare: number[];
  counting: number[];
  countingFromNothing: number[];
  serving: number[];
}

/** What an aggregator left behind. */
interface Totals {
  input: string;
  output: string;
  products: number;
  /** Bookkeeping is among them. */
  records: number;
}

export const measureRestore = onKafka("Restoring totals", async (arena, options) => {
  const { products } = SIZES[options.mode];
  const measured = await run(arena, options);
  const median = (name: keyof Times) => spreadOf(measured[name]).median;
  // In short mode chance can make the difference negative.
  const restoring = Math.max(0.001, median("counting") - median("countingFromNothing"));
  const pace = median("bare") / restoring;
  const row = (name: string, times: keyof Times, seconds?: number) => [
    name,
    `${spreadText(inMs(spreadOf(measured[times])), 0)} ms`,
    seconds === undefined ? "" : count(products / seconds),
  ];
  return {
    columns: [`${count(products)} products`, "time", "products/s"],
    rows: [
      row("bare librdkafka consumer of the totals", "bare", median("bare")),
      row("from exec to an aggregator that counts, no totals", "countingFromNothing"),
      row("the same with all totals restored", "counting", restoring),
      row("from exec to a dashboard that serves all totals", "serving"),
    ],
    goals: [
      {
        figure: "F9",
        what: `rows restored a second, of ${count(products)}: of a bare consumer's`,
        goal: `at least ${times(PACE_MIN)}`,
        measured: times(pace),
        met: pace >= PACE_MIN,
      },
    ],
    data: measured,
    skipped: [],
  };
});

async function run(arena: Arena, { mode, progress }: BenchOptions): Promise<Times> {
  const { products, rounds } = SIZES[mode];
  const totals = await makeTotals(arena, products);
  const measured: Times = {
    bare: [],
    counting: [],
    countingFromNothing: [],
    serving: [],
  };
  const task = { arena, topic: totals.output, partitions: PARTITIONS, sales: totals.records };
  for (let round = 1; round <= rounds; round++) {
    measured.bare.push((await readBare(task)).allSeconds);
    measured.counting.push(await untilCounting(arena, totals));
    measured.countingFromNothing.push(await untilCounting(arena, await noTotals(arena)));
    measured.serving.push(await untilServing(arena, totals));
    progress(`round ${round} of ${rounds}`);
  }
  return measured;
}

/** Each product is sold once: the output holds one row for each, as after compaction. */
async function makeTotals(arena: Arena, products: number): Promise<Totals> {
  const input = await arena.createTopic("sales", PARTITIONS);
  const output = await arena.createTopic("totals", PARTITIONS);
  await fillProducts(arena, input, { sales: products, products });
  const aggregator = startAggregator(arena, { input, output });
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  const records = await waitFor(
    async () => {
      const records = await readTopic(arena.kafka, output, partitions);
      const rows = records.filter(({ key }) => key?.[0] !== 0).length;
      return rows >= products ? records.length : undefined;
    },
    { what: "totals of all products", timeoutMs: READY_MS_MAX },
  );
  await aggregator.stop();
  return { input, output, products, records };
}

async function noTotals(arena: Arena): Promise<Totals> {
  const input = await arena.createTopic("sales", PARTITIONS);
  const output = await arena.createTopic("totals", PARTITIONS);
  return { input, output, products: 0, records: 0 };
}

async function untilCounting(arena: Arena, { input, output, products }: Totals): Promise<number> {
  const startedAt = performance.now();
  const program = startAggregator(arena, { input, output });
  await program.until("Partitions assigned.");
  const seconds = (performance.now() - startedAt) / 1000;
  if (!program.output.includes(`"products":${products}`)) throw new Error(program.output);
  // In order, so that its successor need not wait for the group to miss it.
  await program.stop();
  return seconds;
}

async function untilServing(arena: Arena, { output, products }: Totals): Promise<number> {
  const startedAt = performance.now();
  const program = new SubjectProcess(arena, () => [
    ...[executablePath, "serve", "--brokers", arena.broker.brokers],
    ...["--output-topic", output, "--port", "0"],
  ]);
  try {
    const address = () => /http:\/\/[\d.]+:\d+/.exec(program.output)?.[0];
    const url = await waitFor(address, { what: "an address", timeoutMs: READY_MS_MAX, pollMs: 2 });
    const isReady = async () => (await fetch(`${url}/readyz`)).ok;
    await waitFor(isReady, { what: "the dashboard", timeoutMs: READY_MS_MAX, pollMs: 2 });
    const seconds = (performance.now() - startedAt) / 1000;
    const totals = (await (await fetch(`${url}/api/totals`)).json()) as { products: unknown[] };
    if (totals.products.length !== products) throw new Error("The dashboard serves too little.");
    return seconds;
  } finally {
    await program.kill();
  }
}

function startAggregator(
  arena: Arena,
  { input, output }: { input: string; output: string },
): SubjectProcess {
  return new SubjectProcess(arena, () => [
    ...[executablePath, "aggregate", "--brokers", arena.broker.brokers],
    ...["--input-topic", input, "--output-topic", output, "--group", output],
  ]);
}

function inMs({ min, median, max }: Spread): Spread {
  return { min: min * 1000, median: median * 1000, max: max * 1000 };
}
