/**
 * `npm run bench`: measures Salesboard beside its peers and prints one table a section. What counts
 * are ratios taken in one run: absolute times vary with the machine.
 *
 *   npm run bench -- [--list] [--short] [--only NAME,…] [--minutes N] [--json FILE]
 */

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { measureAggregation } from "./aggregation.ts";
import { measureCompression } from "./compression.ts";
import { measureFanOut } from "./fan-out.ts";
import { measureFootprint } from "./footprint.ts";
import { measureHistory } from "./history.ts";
import { measureJudge } from "./judge.ts";
import { describeMachine, machineLine } from "./machine.ts";
import { measureMapping } from "./mapping.ts";
import { measureMemory } from "./memory.ts";
import { measureOverhead } from "./overhead.ts";
import { measurePeers, measurePeersOnEvents } from "./peers.ts";
import { measurePixel } from "./pixel.ts";
import { measureProducer } from "./producer.ts";
import { figureGoals, printFigures, printSection } from "./report.ts";
import { measureRestore } from "./restore.ts";
import { measureScaleOut } from "./scale-out.ts";
import { measurePartitions, measureProducts } from "./scaling.ts";
import type { Measure, Section } from "./section.ts";
import { measureSpark } from "./spark.ts";
import { measureSparkJob } from "./spark-job.ts";
import { measureStanding } from "./standing.ts";
import { measureStart } from "./start.ts";
import { measureSteady } from "./steady.ts";
import { measureTransactions } from "./transactions.ts";

const sections: Record<string, Measure> = {
  aggregation: measureAggregation,
  mapping: measureMapping,
  compression: measureCompression,
  judge: measureJudge,
  "peers-real": measurePeersOnEvents,
  peers: measurePeers,
  spark: measureSpark,
  "spark-job": measureSparkJob,
  overhead: measureOverhead,
  history: measureHistory,
  transactions: measureTransactions,
  steady: measureSteady,
  memory: measureMemory,
  restore: measureRestore,
  products: measureProducts,
  partitions: measurePartitions,
  "scale-out": measureScaleOut,
  producer: measureProducer,
  pixel: measurePixel,
  "fan-out": measureFanOut,
  standing: measureStanding,
  footprint: measureFootprint,
  start: measureStart,
};

/** Left out of `--short`; each says why. */
const fullOnly = [
  // It takes a minute of starts, and the job has tests of its own.
  "spark-job",
];

const { values } = parseArgs({
  options: {
    list: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    only: { type: "string" },
    minutes: { type: "string", default: "4" },
    json: { type: "string" },
  },
});

const names = Object.keys(sections).filter((name) => !values.short || !fullOnly.includes(name));
if (values.list) {
  console.log(names.join("\n"));
  process.exit(0);
}
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error(`--minutes must be above 0, received ${values.minutes}`);

const machine = describeMachine();
console.log(machineLine(machine));
const report: Record<string, Section & { seconds: number }> = {};
for (const name of values.only?.split(",") ?? names) {
  const measure = sections[name];
  if (!measure) {
    throw new Error(`--only must name sections of ${Object.keys(sections)}, received ${name}`);
  }
  const mode = values.short ? "short" : "full";
  const progress = (line: string) => console.error(`${name}: ${line}`);
  const startedAt = performance.now();
  const section = await measure({ mode, minutes, progress }).catch((error) => failed(name, error));
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  progress(`${seconds} s`);
  report[name] = { ...section, seconds };
  printSection(section);
  // Written after each section, so that a run that is ended early keeps its figures.
  const json = JSON.stringify({ machine, figures: figureGoals(report), sections: report }, null, 2);
  if (values.json) writeFileSync(values.json, `${json}\n`);
}
printFigures(figureGoals(report));

/** A section that fails does not take the others with it. */
function failed(title: string, error: Error): Section {
  console.error(error);
  process.exitCode = 1;
  const skipped = [`it failed: ${error.message.split("\n")[0]}`];
  return { title, columns: [], rows: [], goals: [], data: {}, skipped };
}
