/**
 * The aggregator, transactions included, beside a bare consumer of the same backlog: flat sales
 * with and without history, and a till's event by a mapping.
 */

import { onKafka } from "./arena.ts";
import { countBacklog } from "./backlog.ts";
import { count, cpuOf, rateOf, spreadText, times } from "./contest.ts";
import { measureShape, shapes, TILL } from "./mapping.ts";
import type { Figure } from "./section.ts";
import { BARE, bareConsumer } from "./subjects/bare.ts";
import { salesboard } from "./subjects/salesboard.ts";
import { catchUp, type Task } from "./subjects/subject.ts";

// Of fewer records, the start would be a large part: it takes 0.15 CPU-seconds.
const SIZES = { full: { sales: 3_000_000, rounds: 5 }, short: { sales: 200_000, rounds: 1 } };
const TILL_SIZES = { full: { sales: 3_000_000, rounds: 3 }, short: SIZES.short };

const without = salesboard();
const within = salesboard({ name: "salesboard aggregate, with history", keepsHistory: true });
const FLAT = "flat sale of 50 bytes";
const GOALS = [
  { subject: without, what: `${FLAT}, history off`, max: 0.4 },
  { subject: within, what: `${FLAT}, history on`, max: 0.45 },
];

export const measureAggregation = onKafka("Aggregation of a backlog", async (arena, options) => {
  const { sales } = SIZES[options.mode];
  const contestants = GOALS.map(({ subject }) => {
    return [subject.name, (task: Task) => catchUp(subject, task)] as const;
  });
  const results = await countBacklog(
    arena,
    { ...SIZES[options.mode], ...options },
    { [BARE]: bareConsumer, ...Object.fromEntries(contestants) },
  );
  const floor = cpuOf(results, BARE).median;
  const ratioOf = (name: string) => cpuOf(results, name).median / floor;
  options.progress(TILL);
  const till = await measureShape(arena, options, shapes[TILL], TILL_SIZES[options.mode]);
  const goal = (figure: Figure, what: string, ratio: number, max: number) => ({
    figure,
    what: `backlog of the ${what}: CPU, of a bare consumer's`,
    goal: `at most ${times(max)}`,
    measured: times(ratio),
    met: ratio <= max,
  });
  return {
    columns: [
      `${count(sales)} flat sales; ${TILL}`,
      "CPU-s per million",
      "of the bare consumer",
      "records/s",
    ],
    rows: [
      ...[BARE, within.name, without.name].map((name) => [
        name,
        spreadText(cpuOf(results, name)),
        times(ratioOf(name)),
        count(rateOf(results, name).median),
      ]),
      [`${TILL}: ${BARE}`, till.bare, times(1), ""],
      [`${TILL}: ${without.name}`, till.ours, times(till.ratio), count(till.rate)],
    ],
    goals: [
      ...GOALS.map(({ subject, what, max }) => goal("F1", what, ratioOf(subject.name), max)),
      goal("F2", `${TILL} of ${till.bytes} bytes`, till.ratio, shapes[TILL].ratioMax),
    ],
    data: { flat: Object.fromEntries(results), till },
    skipped: [],
  };
});
