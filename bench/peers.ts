/**
 * The same backlog aggregated by others. They are slower, so there are fewer sales; ratios are to
 * Salesboard on the same sales. What a JVM needs to warm up is in its figures.
 */

import { onKafka } from "./arena.ts";
import { countBacklog } from "./backlog.ts";
import { count, cpuOf, type Results, rateOf, spreadText, times } from "./contest.ts";
import type { Goal } from "./section.ts";
import { kafkajs, platformatic } from "./subjects/javascript.ts";
import { kafkaStreamsDsl, kafkaStreamsProcessor } from "./subjects/kafka-streams.ts";
import { salesboard } from "./subjects/salesboard.ts";
import { catchUp, type Subject, type Task } from "./subjects/subject.ts";

const SIZES = { full: { sales: 2_000_000, rounds: 5 }, short: { sales: 50_000, rounds: 1 } };

const ours = salesboard();
/** Each with how many times less processor time Salesboard is to take. */
const peers: readonly (readonly [Subject, number])[] = [
  [platformatic, 6],
  [kafkajs, 6],
  [kafkaStreamsProcessor, 10],
  [kafkaStreamsDsl, 20],
];

export const measurePeers = onKafka("Aggregation beside others", async (arena, options) => {
  const able = peers.filter(([{ missing }]) => !missing);
  const subjects = [ours, ...able.map(([subject]) => subject)];
  const turns = Object.fromEntries(
    subjects.map((subject) => [subject.name, (task: Task) => catchUp(subject, task)]),
  );
  const results = await countBacklog(arena, { ...SIZES[options.mode], ...options }, turns);
  const { sales } = SIZES[options.mode];
  return {
    columns: [`${count(sales)} sales`, "CPU-s per million", "of salesboard", "sales/s"],
    rows: subjects.map(({ name }) => [
      name,
      spreadText(cpuOf(results, name)),
      times(ratioTo(results, name), 1),
      count(rateOf(results, name).median),
    ]),
    goals: able.map(([{ name }, wanted]) => goalOf(results, name, wanted)),
    data: Object.fromEntries(results),
    skipped: peers.flatMap(([{ name, missing }]) => (missing ? [`${name}: ${missing}`] : [])),
  };
});

function goalOf(results: Results, name: string, wanted: number): Goal {
  const ratio = ratioTo(results, name);
  return {
    what: `CPU per million sales, less than ${name}`,
    goal: `at least ${times(wanted, 0)}`,
    measured: times(ratio, 1),
    met: ratio >= wanted,
  };
}

function ratioTo(results: Results, name: string): number {
  return cpuOf(results, name).median / cpuOf(results, ours.name).median;
}
