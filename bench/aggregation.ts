/** The aggregator, transactions included, beside a bare consumer of the same backlog. */

import { type Arena, onKafka } from "./arena.ts";
import { count, cpuOf, rateOf, spreadText, takeTurns, times } from "./contest.ts";
import { fillMadeUp } from "./sales.ts";
import type { BenchOptions } from "./section.ts";
import { BARE, bareConsumer } from "./subjects/bare.ts";
import { salesboard } from "./subjects/salesboard.ts";
import { catchUp } from "./subjects/subject.ts";

const PARTITIONS = 4;
const SIZES = { full: { sales: 5_000_000, rounds: 5 }, short: { sales: 200_000, rounds: 1 } };
const CPU_RATIO_MAX = 1.35;

export const measureAggregation = onKafka("Aggregation of a backlog", async (arena, options) => {
  const { sales } = SIZES[options.mode];
  const results = await run(arena, options);
  const ours = salesboard().name;
  const floor = cpuOf(results, BARE).median;
  const ratio = cpuOf(results, ours).median / floor;
  return {
    columns: [`${count(sales)} sales`, "CPU-s per million", "of the bare consumer", "sales/s"],
    rows: [BARE, ours].map((name) => [
      name,
      spreadText(cpuOf(results, name)),
      times(cpuOf(results, name).median / floor),
      count(rateOf(results, name).median),
    ]),
    goals: [
      {
        what: "CPU per million sales, of the bare consumer's",
        goal: `at most ${times(CPU_RATIO_MAX)}`,
        measured: times(ratio),
        met: ratio <= CPU_RATIO_MAX,
      },
    ],
    data: Object.fromEntries(results),
    skipped: [],
  };
});

async function run(arena: Arena, { mode, progress }: BenchOptions) {
  const { sales, rounds } = SIZES[mode];
  const topic = await arena.createTopic("sales", PARTITIONS);
  await fillMadeUp(arena, topic, sales);
  const task = { arena, topic, partitions: PARTITIONS, sales };
  const ours = salesboard();
  return takeTurns(
    { [BARE]: () => bareConsumer(task), [ours.name]: () => catchUp(ours, task) },
    { rounds, progress },
  );
}
