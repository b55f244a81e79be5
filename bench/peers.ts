/**
 * The same backlog aggregated by others: a till's event, which each parses as its documentation
 * would, and flat sales. They are slower, so there are fewer records; ratios are to Salesboard on
 * the same topic. What a JVM needs to warm up is in its figures.
 */

import { till } from "../tests/support/usual-records.ts";
import { type Arena, onKafka } from "./arena.ts";
import { count, cpuOf, type Results, rateOf, spreadText, takeTurns, times } from "./contest.ts";
import { fillMadeUp, fillText } from "./sales.ts";
import type { BenchOptions, Figure, Goal, Measure, Section } from "./section.ts";
import { kafkajs, platformatic } from "./subjects/javascript.ts";
import { kafkaStreamsDsl, kafkaStreamsProcessor } from "./subjects/kafka-streams.ts";
import { salesboard } from "./subjects/salesboard.ts";
import { spark } from "./subjects/spark.ts";
import { catchUp, type RecordKind, type Subject } from "./subjects/subject.ts";

const SALES = { full: 2_000_000, short: 50_000 };
const PARTITIONS = 4;

interface Peer {
  readonly subject: Subject;
  /** How many times less processor time Salesboard is to take. */
  readonly wanted: number;
  readonly figure?: Figure;
  /** Left out of `--short`. */
  readonly isFullOnly?: boolean;
}

interface Match {
  readonly title: string;
  readonly what: string;
  readonly records: RecordKind;
  readonly rounds: number;
  readonly ours: Subject;
  readonly peers: readonly Peer[];
  readonly fill: (arena: Arena, topic: string, records: number) => Promise<void>;
}

export const measurePeersOnEvents = beside({
  title: "A till's event, beside others",
  what: "till's event",
  records: "till",
  rounds: 3,
  ours: salesboard({ more: ["--map", till.rules] }),
  peers: [
    { subject: platformatic, wanted: 6, isFullOnly: true },
    { subject: kafkajs, wanted: 6 },
    { subject: kafkaStreamsProcessor, wanted: 12, figure: "F5" },
    { subject: kafkaStreamsDsl, wanted: 25, figure: "F5" },
    // The section spark shows that it works.
    { subject: spark, wanted: 25, figure: "F5", isFullOnly: true },
  ],
  // By product, as those of flat sales: Kafka Streams needs no repartition topic then.
  fill: (arena, topic, records) =>
    fillText(arena, topic, { records, textOf: till, keyOf: till.productOf }),
});

export const measurePeers = beside({
  title: "Flat sales, beside others",
  what: "flat sale",
  records: "flat",
  rounds: 2,
  ours: salesboard(),
  peers: [
    { subject: platformatic, wanted: 6 },
    { subject: kafkajs, wanted: 6, isFullOnly: true },
    // The section steady shows that both work.
    { subject: kafkaStreamsProcessor, wanted: 30, figure: "F4", isFullOnly: true },
    { subject: kafkaStreamsDsl, wanted: 80, figure: "F4", isFullOnly: true },
    { subject: spark, wanted: 80, figure: "F4", isFullOnly: true },
  ],
  fill: fillMadeUp,
});

function beside(match: Match): Measure {
  return onKafka(match.title, async (arena, options) => {
    const taken = match.peers.filter((peer) => options.mode === "full" || !peer.isFullOnly);
    const able = taken.filter(({ subject }) => !subject.missing);
    const subjects = [match.ours, ...able.map(({ subject }) => subject)];
    const results = await run(arena, options, match, subjects);
    return report(match, { results, subjects, able, sales: SALES[options.mode], taken });
  });
}

async function run(
  arena: Arena,
  { mode, progress }: BenchOptions,
  { records, rounds, fill }: Match,
  subjects: readonly Subject[],
): Promise<Results> {
  const sales = SALES[mode];
  const topic = await arena.createTopic("sales", PARTITIONS);
  await fill(arena, topic, sales);
  const task = { arena, topic, partitions: PARTITIONS, sales, records };
  const turns = subjects.map((subject) => [subject.name, () => catchUp(subject, task)]);
  return takeTurns(Object.fromEntries(turns), { rounds: mode === "full" ? rounds : 1, progress });
}

function report(
  { ours, what }: Match,
  {
    results,
    subjects,
    able,
    taken,
    sales,
  }: {
    results: Results;
    subjects: readonly Subject[];
    able: readonly Peer[];
    taken: readonly Peer[];
    sales: number;
  },
): Omit<Section, "title"> {
  const ratioTo = (name: string) => cpuOf(results, name).median / cpuOf(results, ours.name).median;
  const goalOf = ({ subject, wanted, figure }: Peer): Goal => {
    const ratio = ratioTo(subject.name);
    return {
      ...(figure && { figure }),
      what: `backlog of the ${what}: CPU of ${subject.name}, times Salesboard's`,
      goal: `at least ${times(wanted, 0)}`,
      measured: times(ratio, 1),
      met: ratio >= wanted,
    };
  };
  return {
    columns: [`${count(sales)} records`, "CPU-s per million", "of salesboard", "records/s"],
    rows: subjects.map(({ name }) => [
      name,
      spreadText(cpuOf(results, name)),
      times(ratioTo(name), 1),
      count(rateOf(results, name).median),
    ]),
    goals: able.map(goalOf),
    data: Object.fromEntries(results),
    skipped: taken.flatMap(({ subject: { name, missing } }) =>
      missing ? [`${name}: ${missing}`] : [],
    ),
  };
}
