/**
 * What the job in spark/ costs beside the aggregator that does the same: plain records, which the
 * JVM judges, and orders with lines, which Python judges. All processes of Spark are counted, but
 * not their start.
 */

import { order, till } from "../tests/support/usual-records.ts";
import { type Arena, onKafka } from "./arena.ts";
import { count, cpuOf, rateOf, spreadText, takeTurns, times } from "./contest.ts";
import { flat } from "./mapping.ts";
import { fillText } from "./sales.ts";
import type { BenchOptions } from "./section.ts";
import { salesboard } from "./subjects/salesboard.ts";
import { sparkJob } from "./subjects/spark.ts";
import { catchUp } from "./subjects/subject.ts";

const PARTITIONS = 4;

interface Work {
  readonly what: string;
  readonly textOf: (i: number) => string;
  readonly rules?: string;
  /** Sales in each record. */
  readonly lines: number;
  readonly records: { readonly full: number; readonly short: number };
}

const WORKS: readonly Work[] = [
  {
    what: "flat sale, judged on the JVM",
    textOf: flat,
    lines: 1,
    records: { full: 1_000_000, short: 20_000 },
  },
  {
    what: "till's event, judged on the JVM",
    textOf: till,
    rules: till.rules,
    lines: 1,
    records: { full: 1_000_000, short: 20_000 },
  },
  {
    what: "order with three lines, judged by Python",
    textOf: order,
    rules: order.rules,
    lines: 3,
    records: { full: 200_000, short: 5_000 },
  },
];

export const measureSparkJob = onKafka("The job in spark/", async (arena, options) => {
  const { missing } = sparkJob();
  if (missing) return { columns: [], rows: [], goals: [], data: {}, skipped: [missing] };
  const measured = [];
  for (const work of WORKS) measured.push(await measure(arena, options, work));
  return {
    columns: [
      "CPU-s per million records",
      "records",
      "spark/salesboard_job.py",
      "salesboard aggregate",
      "ratio",
      "records/s of the job",
    ],
    rows: measured.map(({ what, records, job, ours, ratio, rate }) => {
      return [what, count(records), job, ours, times(ratio, 1), count(rate)];
    }),
    goals: [],
    data: measured,
    skipped: [],
  };
});

async function measure(arena: Arena, options: BenchOptions, work: Work) {
  const { what, textOf, rules, lines } = work;
  options.progress(what);
  const records = work.records[options.mode];
  const topic = await arena.createTopic("records", PARTITIONS);
  await fillText(arena, topic, { records, textOf });
  const job = sparkJob(rules);
  const ours = salesboard({ more: rules === undefined ? [] : ["--map", rules] });
  const task = { arena, topic, partitions: PARTITIONS, sales: records, linesOfRecord: lines };
  const results = await takeTurns(
    { [job.name]: () => catchUp(job, task), [ours.name]: () => catchUp(ours, task) },
    { rounds: 1, progress: options.progress },
  );
  const [theirs, own] = [cpuOf(results, job.name), cpuOf(results, ours.name)];
  return {
    what,
    records,
    job: spreadText(theirs, 1),
    ours: spreadText(own),
    ratio: theirs.median / own.median,
    rate: rateOf(results, job.name).median,
    rounds: Object.fromEntries(results),
  };
}
