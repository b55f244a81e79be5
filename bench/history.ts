/**
 * What history costs: the same aggregator with and without it, on a backlog and on a steady stream.
 * Only the latest records of a backlog are seconds apart; a steady stream fills a slot each second.
 */

import { type Arena, onKafka } from "./arena.ts";
import { countBacklog } from "./backlog.ts";
import { count, cpuOf, spreadText, times } from "./contest.ts";
import { spreadOf } from "./measure.ts";
import type { BenchOptions, Goal } from "./section.ts";
import { follow } from "./steady.ts";
import { salesboard } from "./subjects/salesboard.ts";
import { catchUp } from "./subjects/subject.ts";

const SIZES = {
  full: { sales: 5_000_000, rate: 20_000, seconds: 20, rounds: 3 },
  short: { sales: 200_000, rate: 5_000, seconds: 2, rounds: 1 },
};
const CPU_RATIO_MAX = 1.1;

const without = salesboard({ name: "without history" });
const within = salesboard({ name: "with history", keepsHistory: true });
const subjects = [without, within];

export const measureHistory = onKafka("What history costs", async (arena, options) => {
  const { sales, rate, seconds } = SIZES[options.mode];
  const contestants = subjects.map((subject) => [
    subject.name,
    (task: Parameters<typeof catchUp>[1]) => catchUp(subject, task),
  ]);
  const backlog = await countBacklog(
    arena,
    { ...SIZES[options.mode], ...options },
    Object.fromEntries(contestants),
  );
  const steady = await followInTurns(arena, options);
  const ratio = cpuOf(backlog, within.name).median / cpuOf(backlog, without.name).median;
  const steadyOf = (name: string) => spreadOf(steady.get(name) ?? []);
  const steadyRatio = steadyOf(within.name).median / steadyOf(without.name).median;
  return {
    columns: [
      "CPU-s per million",
      `${count(sales)} sales as a backlog`,
      `${count(rate)} sales/s for ${seconds} s`,
    ],
    rows: [
      ...subjects.map(({ name }) => [
        name,
        spreadText(cpuOf(backlog, name)),
        spreadText(steadyOf(name)),
      ]),
      ["ratio", times(ratio), times(steadyRatio)],
    ],
    goals: [goalOf("a backlog", ratio), goalOf(`${count(rate)} sales/s`, steadyRatio)],
    data: { backlog: Object.fromEntries(backlog), steady: Object.fromEntries(steady) },
    skipped: [],
  };
});

function goalOf(of: string, ratio: number): Goal {
  return {
    what: `CPU per million sales with history, of that without: ${of}`,
    goal: `at most ${times(CPU_RATIO_MAX)}`,
    measured: times(ratio),
    met: ratio <= CPU_RATIO_MAX,
  };
}

/** CPU-seconds per million sales, by subject. */
async function followInTurns(
  arena: Arena,
  { mode, progress }: BenchOptions,
): Promise<ReadonlyMap<string, number[]>> {
  const { rate, seconds, rounds } = SIZES[mode];
  const results = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const subject of round % 2 === 1 ? subjects : subjects.toReversed()) {
      const { cpuPerMillion } = await follow(arena, subject, { rate, seconds });
      results.get(subject.name)?.push(cpuPerMillion);
      const cpu = cpuPerMillion.toFixed(2);
      progress(`steady round ${round} of ${rounds}: ${subject.name}: ${cpu} CPU-s per million`);
    }
  }
  return results;
}
