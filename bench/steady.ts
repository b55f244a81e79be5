/**
 * What a steady stream of sales costs rather than a backlog. A JVM that has just started compiles
 * while it counts; the second half of the time, where most of that is over, is shown beside.
 */

import { type Arena, onKafka } from "./arena.ts";
import { count, spreadText, times } from "./contest.ts";
import { cpuSeconds, spreadOf } from "./measure.ts";
import { feed } from "./sales.ts";
import type { BenchOptions, Goal } from "./section.ts";
import { kafkaStreamsDsl, kafkaStreamsProcessor } from "./subjects/kafka-streams.ts";
import { salesboard } from "./subjects/salesboard.ts";
import { type Subject, untilCommitted } from "./subjects/subject.ts";
import { expectEqual, type Totals } from "./subjects/totals.ts";

const PARTITIONS = 4;
const SIZES = {
  full: { rate: 20_000, seconds: 30, rounds: 3 },
  short: { rate: 5_000, seconds: 3, rounds: 1 },
};

const ours = salesboard();
/** Each with how many times less processor time Salesboard is to take. */
const peers: readonly (readonly [Subject, number])[] = [
  [kafkaStreamsProcessor, 12],
  [kafkaStreamsDsl, 20],
];

interface Stretch {
  cpuPerMillion: number;
  /** The same of the second half alone. */
  laterCpuPerMillion: number;
}

type Results = ReadonlyMap<string, Stretch[]>;

export const measureSteady = onKafka("A steady stream", async (arena, options) => {
  const able = peers.filter(([{ missing }]) => !missing);
  const subjects = [ours, ...able.map(([subject]) => subject)];
  const { rate, seconds } = SIZES[options.mode];
  const results = await run(arena, options, subjects);
  return {
    columns: [
      `${count(rate)} sales/s for ${seconds} s`,
      "CPU-s per million",
      "of salesboard",
      "in the second half",
      "of salesboard",
    ],
    rows: subjects.map(({ name }) => [
      name,
      spreadText(cpuOf(results, name), 1),
      times(ratioTo(results, name), 1),
      spreadText(laterOf(results, name), 1),
      times(laterOf(results, name).median / laterOf(results, ours.name).median, 1),
    ]),
    goals: able.map(([{ name }, wanted]) => goalOf(results, name, { rate, wanted })),
    data: Object.fromEntries(results),
    skipped: peers.flatMap(([{ name, missing }]) => (missing ? [`${name}: ${missing}`] : [])),
  };
});

async function run(
  arena: Arena,
  { mode, progress }: BenchOptions,
  subjects: readonly Subject[],
): Promise<Results> {
  const { rate, seconds, rounds } = SIZES[mode];
  const results: Results = new Map(subjects.map(({ name }) => [name, []]));
  let agreed: Totals | undefined;
  for (let round = 1; round <= rounds; round++) {
    for (const subject of round % 2 === 1 ? subjects : subjects.toReversed()) {
      const { totals, ...stretch } = await follow(arena, subject, { rate, seconds });
      if (totals && agreed) expectEqual(subject.name, totals, "another", agreed);
      agreed ??= totals;
      results.get(subject.name)?.push(stretch);
      const cpu = stretch.cpuPerMillion.toFixed(1);
      progress(`round ${round} of ${rounds}: ${subject.name}: ${cpu} CPU-s per million`);
    }
  }
  return results;
}

/** From the partitions' assignment, before the first sale, to the commit of the last. */
export async function follow(
  arena: Arena,
  subject: Subject,
  { rate, seconds }: { rate: number; seconds: number },
): Promise<Stretch & { totals: Totals | undefined }> {
  const sales = rate * seconds;
  const topic = await arena.createTopic("sales", PARTITIONS);
  const running = await subject.start({ arena, topic, partitions: PARTITIONS, sales });
  try {
    const start = cpuSeconds(running.pid);
    const fed = feed(arena, topic, { sales, rate });
    await Bun.sleep((seconds * 1000) / 2);
    const half = cpuSeconds(running.pid);
    await fed;
    await untilCommitted(subject, running, sales);
    const end = cpuSeconds(running.pid);
    if (running.rebalanced()) throw new Error(`${subject.name} was rebalanced while it counted.`);
    return {
      cpuPerMillion: ((end - start) / sales) * 1e6,
      laterCpuPerMillion: ((end - half) / (sales / 2)) * 1e6,
      totals: await running.totals(),
    };
  } finally {
    await running.kill();
  }
}

function goalOf(
  results: Results,
  name: string,
  { rate, wanted }: { rate: number; wanted: number },
): Goal {
  const ratio = ratioTo(results, name);
  return {
    figure: "F6",
    what: `${count(rate)} flat sales a second: CPU of ${name}, times Salesboard's`,
    goal: `at least ${times(wanted, 0)}`,
    measured: times(ratio, 1),
    met: ratio >= wanted,
  };
}

function ratioTo(results: Results, name: string): number {
  return cpuOf(results, name).median / cpuOf(results, ours.name).median;
}

function cpuOf(results: Results, name: string) {
  return spreadOf((results.get(name) ?? []).map(({ cpuPerMillion }) => cpuPerMillion));
}

function laterOf(results: Results, name: string) {
  return spreadOf((results.get(name) ?? []).map(({ laterCpuPerMillion }) => laterCpuPerMillion));
}
