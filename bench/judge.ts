/**
 * The judge alone, which takes what the scanner declines: a till's event with an escape in it, and
 * an order with three lines. No Kafka, one thread, after it has been compiled.
 */

import { timeZone } from "../src/mapping/exact/zone.ts";
import { compileMapping } from "../src/mapping/judge.ts";
import type { Judge, JudgedRecord } from "../src/mapping/model/judgement.ts";
import { parseMapping } from "../src/mapping/rules/parse.ts";
import { order, till } from "../tests/support/usual-records.ts";
import { spreadText } from "./contest.ts";
import { type Spread, spreadOf } from "./measure.ts";
import type { BenchOptions, Section } from "./section.ts";

const RECORDS = 3_000;
const ROUNDS = { full: 100, short: 3 };
const MICROS_MAX = 4;

const TILL = "till's event with an escape";
const works = {
  [TILL]: { textOf: escapedTill, rules: till.rules, lines: 1 },
  "order with three lines": { textOf: order, rules: order.rules, lines: 3 },
};

/** `"\u004captop"` for `"Laptop"`: an escape of a letter is JSON's too. */
export function escapedTill(i: number): string {
  return till(i).replace(/"product":"(.)/, (_, letter: string) => {
    return `"product":"\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

export async function measureJudge({ mode, progress }: BenchOptions): Promise<Section> {
  const measured = Object.entries(works).map(([name, work]) => {
    const micros = microsOfRecord(work, ROUNDS[mode]);
    progress(`${name}: ${micros.median.toFixed(2)} µs`);
    return { name, micros };
  });
  const tillMicros = measured.find(({ name }) => name === TILL)?.micros.median ?? Number.NaN;
  return {
    title: "The judge alone",
    columns: ["", "µs a record"],
    rows: measured.map(({ name, micros }) => [name, spreadText(micros)]),
    goals: [
      {
        figure: "F14",
        what: `the judge alone, ${TILL} in it`,
        goal: `at most ${MICROS_MAX} µs`,
        measured: `${tillMicros.toFixed(1)} µs`,
        met: tillMicros <= MICROS_MAX,
      },
    ],
    data: measured,
    skipped: [],
  };
}

/** Processor time of all rounds but the first half, in which it is compiled. */
function microsOfRecord(
  { textOf, rules, lines }: (typeof works)[keyof typeof works],
  rounds: number,
): Spread {
  const judge = compileMapping(parseMapping(rules), {
    format: "json",
    currency: "USD",
    zone: timeZone("UTC"),
  });
  const encoder = new TextEncoder();
  const records = Array.from({ length: RECORDS }, (_, i): JudgedRecord => {
    return { topic: "sales", key: null, value: encoder.encode(textOf(i)), headers: [] };
  });
  const times = Array.from({ length: rounds }, () => microsOf(judge, records, lines));
  return spreadOf(times.slice(rounds >> 1));
}

function microsOf(judge: Judge, records: readonly JudgedRecord[], lines: number): number {
  const before = process.cpuUsage();
  let counted = 0;
  for (const record of records) {
    const judgement = judge.judge(record);
    if (judgement.kind === "counted") counted += judgement.lines.length;
  }
  const { user, system } = process.cpuUsage(before);
  // The guard: all of it counts.
  if (counted !== records.length * lines) throw new Error(`The judge counted ${counted} sales.`);
  return (user + system) / records.length;
}
