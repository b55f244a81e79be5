/** How long a transaction takes from begin to commit: ours, and librdkafka's default pattern. */

import { fileURLToPath } from "node:url";
import { type Arena, onKafka } from "./arena.ts";
import { times } from "./contest.ts";
import { percentile } from "./measure.ts";
import { fillMadeUp } from "./sales.ts";
import type { BenchOptions, Goal } from "./section.ts";
import { ownMeanMs } from "./subjects/own-account.ts";
import { SubjectProcess } from "./subjects/process.ts";

const PARTITIONS = 4;
/** More than any run reads: each transaction reads 1 to 100. */
const SALES = 200_000;
const SIZES = {
  full: { transactions: 100, rounds: 3, warmUp: 1_000, seconds: 10 },
  short: { transactions: 10, rounds: 1, warmUp: 20, seconds: 2 },
};
const INTERVAL_MS = 100;
const SHARE_MAX = 0.4;
const BACK_TO_BACK_MS_MAX = 6;
/** Not counted of each run: its first transactions find coordinators and open connections. */
const UNCOUNTED = 5;

const defaults = fileURLToPath(new URL("../.cache/bench/default-transactions", import.meta.url));
const ours = fileURLToPath(new URL("programs/transactions.ts", import.meta.url));

const callback = [defaults, "callback"];
const none = [defaults, "none"];
const session = [process.execPath, ours];

const contestants = {
  "librdkafka's example, every 100 ms": { command: callback, intervalMs: INTERVAL_MS },
  "the same without delivery reports, every 100 ms": { command: none, intervalMs: INTERVAL_MS },
  "salesboard, every 100 ms": { command: session, intervalMs: INTERVAL_MS },
  "librdkafka's example, back to back": { command: callback, intervalMs: 0 },
  "the same without delivery reports, back to back": { command: none, intervalMs: 0 },
  "salesboard, back to back": { command: session, intervalMs: 0 },
} as const;

type Name = keyof typeof contestants;

export const measureTransactions = onKafka("Begin to commit", async (arena, options) => {
  const results = await run(arena, options);
  const { seconds } = SIZES[options.mode];
  const own = {
    "every 100 ms": await ownMeanMs(arena, { commitInterval: "100ms", seconds }),
    "back to back": await ownMeanMs(arena, { commitInterval: "1ms", seconds }),
  };
  return {
    columns: ["100 products a transaction", "p50", "p99"],
    rows: [
      ...Object.entries(results).map(([name, list]) => [
        name,
        `${percentile(list, 0.5).toFixed(1)} ms`,
        `${percentile(list, 0.99).toFixed(1)} ms`,
      ]),
      ...Object.entries(own).map(([pace, mean]) => [
        `salesboard aggregate, ${pace}, at 20 000 sales/s, by its own metrics`,
        `${mean.toFixed(1)} ms (mean)`,
        "",
      ]),
    ],
    goals: goalsOf(results, own["back to back"]),
    data: { ...results, own },
    skipped: [],
  };
});

function goalsOf(results: Record<Name, number[]>, ownBackToBackMs: number): Goal[] {
  const p50 = (name: Name) => percentile(results[name], 0.5);
  const shareOf = (name: Name) => p50("salesboard, every 100 ms") / p50(name);
  const share = (name: Name, of: string, why: string): Goal => ({
    what: `begin to commit every 100 ms, of ${of} (p50)`,
    goal: `at most ${times(SHARE_MAX)}`,
    measured: times(shareOf(name)),
    met: shareOf(name) <= SHARE_MAX,
    why,
  });
  const backToBack = (what: string, ms: number, why: string): Goal => ({
    what: `begin to commit back to back, ${what}`,
    goal: `less than ${BACK_TO_BACK_MS_MAX} ms`,
    measured: `${ms.toFixed(1)} ms`,
    met: ms < BACK_TO_BACK_MS_MAX,
    why,
  });
  const markers =
    "the markers of the last transaction are still being written, and asked for again";
  return [
    share("the same without delivery reports, every 100 ms", "librdkafka's defaults", ""),
    share(
      "librdkafka's example, every 100 ms",
      "librdkafka's example with a delivery callback",
      "the callback spares it the steps of 10 ms; both wait for the same answers of the broker",
    ),
    backToBack("the executable at its shortest interval (mean)", ownBackToBackMs, markers),
    backToBack("the session alone (p50)", p50("salesboard, back to back"), markers),
  ];
}

async function run(
  arena: Arena,
  { mode, progress }: BenchOptions,
): Promise<Record<Name, number[]>> {
  const { transactions, rounds, warmUp } = SIZES[mode];
  const topics = {
    input: await arena.createTopic("sales", PARTITIONS),
    output: await arena.createTopic("totals", PARTITIONS),
  };
  await fillMadeUp(arena, topics.input, SALES);
  // A broker that has not seen many transactions takes three times as long for one.
  await timesMs(arena, { command: session, intervalMs: 0, transactions: warmUp, ...topics });
  const names = Object.keys(contestants) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as number[]]));
  for (let round = 1; round <= rounds; round++) {
    for (const name of round % 2 === 1 ? names : names.toReversed()) {
      const tookMs = await timesMs(arena, { ...contestants[name], transactions, ...topics });
      results[name]?.push(...tookMs);
      progress(`round ${round} of ${rounds}: ${name}: ${percentile(tookMs, 0.5).toFixed(1)} ms`);
    }
  }
  return results as Record<Name, number[]>;
}

/** Milliseconds from begin to commit of each transaction of one run. */
async function timesMs(
  arena: Arena,
  run: {
    command: readonly string[];
    input: string;
    output: string;
    intervalMs: number;
    transactions: number;
  },
): Promise<number[]> {
  const group = `transactions-${crypto.randomUUID().slice(0, 8)}`;
  const program = new SubjectProcess(arena, () => [
    ...[...run.command, arena.broker.brokers, run.input, run.output, group],
    ...[String(run.intervalMs), String(run.transactions + UNCOUNTED)],
  ]);
  await program.succeeded();
  const tookMs = program.output.trim().split("\n").map(Number).slice(UNCOUNTED);
  if (tookMs.length !== run.transactions || tookMs.some(Number.isNaN)) {
    throw new Error(`${run.command.join(" ")} wrote:\n${program.output}`);
  }
  return tookMs;
}
