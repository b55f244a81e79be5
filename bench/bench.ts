/**
 * `npm run bench`: measures Salesboard beside its peers and prints one table a section. What counts
 * are ratios taken in one run: absolute times vary with the machine.
 *
 *   npm run bench -- [--list] [--short] [--only NAME,…] [--json FILE]
 */

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { measureAggregation } from "./aggregation.ts";
import { measureCompression } from "./compression.ts";
import { measureFanOut } from "./fan-out.ts";
import { measureHistory } from "./history.ts";
import { describeMachine, machineLine } from "./machine.ts";
import { measureMapping } from "./mapping.ts";
import { measureMemory } from "./memory.ts";
import { measureOverhead } from "./overhead.ts";
import { measurePeers } from "./peers.ts";
import { measurePixel } from "./pixel.ts";
import { measureProducer } from "./producer.ts";
import { measureRestore } from "./restore.ts";
import { measureScaleOut } from "./scale-out.ts";
import { measurePartitions, measureProducts } from "./scaling.ts";
import type { Measure, Section } from "./section.ts";
import { measureSpark } from "./spark.ts";
import { measureStanding } from "./standing.ts";
import { measureStart } from "./start.ts";
import { measureSteady } from "./steady.ts";
import { measureTransactions } from "./transactions.ts";

const sections: Record<string, Measure> = {
  aggregation: measureAggregation,
  mapping: measureMapping,
  compression: measureCompression,
  peers: measurePeers,
  spark: measureSpark,
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
  start: measureStart,
};

const { values } = parseArgs({
  options: {
    list: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    only: { type: "string", default: Object.keys(sections).join() },
    json: { type: "string" },
  },
});

if (values.list) {
  console.log(Object.keys(sections).join("\n"));
  process.exit(0);
}

const machine = describeMachine();
console.log(machineLine(machine));
const report: Record<string, Section> = {};
for (const name of values.only.split(",")) {
  const measure = sections[name];
  if (!measure) {
    throw new Error(`--only must name sections of ${Object.keys(sections)}, received ${name}`);
  }
  const mode = values.short ? "short" : "full";
  const section = await measure({ mode, progress: (line) => console.error(`${name}: ${line}`) });
  report[name] = section;
  print(section);
  // Each time: a section that fails must not take the others with it.
  const json = JSON.stringify({ machine, sections: report }, null, 2);
  if (values.json) writeFileSync(values.json, `${json}\n`);
}

function print({ title, columns, rows, goals, skipped }: Section): void {
  console.log(`\n### ${title}\n`);
  printTable(columns, rows);
  if (goals.length > 0) console.log();
  printTable(
    ["goal", "wanted", "measured", "met"],
    goals.map(({ what, goal, measured, met, why }) => {
      const verdict = met ? "yes" : `no${why ? `: ${why}` : ""}`;
      return [what, goal, measured, verdict];
    }),
  );
  for (const reason of skipped) console.log(`\nSkipped: ${reason}`);
}

function printTable(columns: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  for (const cells of [columns, columns.map(() => "---"), ...rows]) {
    console.log(`| ${cells.join(" | ")} |`);
  }
}
