/** The aggregator, transactions included, beside a bare consumer of the same backlog. */

import { onKafka } from "./arena.ts";
import { countBacklog } from "./backlog.ts";
import { count, cpuOf, rateOf, spreadText, times } from "./contest.ts";
import { BARE, bareConsumer } from "./subjects/bare.ts";
import { salesboard } from "./subjects/salesboard.ts";
import { catchUp } from "./subjects/subject.ts";

const SIZES = { full: { sales: 5_000_000, rounds: 5 }, short: { sales: 200_000, rounds: 1 } };
const CPU_RATIO_MAX = 1.35;

const subject = salesboard();

export const measureAggregation = onKafka("Aggregation of a backlog", async (arena, options) => {
  const { sales } = SIZES[options.mode];
  const results = await countBacklog(
    arena,
    { ...SIZES[options.mode], ...options },
    {
      [BARE]: bareConsumer,
      [subject.name]: (task) => catchUp(subject, task),
    },
  );
  const ours = subject.name;
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
