/**
 * What real records cost: a till's event and an order with lines by a mapping. Each is compared
 * with a bare consumer of the same topic.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { avroOrder, avroTill, order, till } from "../tests/support/usual-records.ts";
import { type Arena, onKafka } from "./arena.ts";
import { count, cpuOf, rateOf, spreadText, takeTurns, times } from "./contest.ts";
import { escapedTill } from "./judge.ts";
import { fillText } from "./sales.ts";
import type { BenchOptions, Figure } from "./section.ts";
import { BARE, bareConsumer } from "./subjects/bare.ts";
import { salesboard } from "./subjects/salesboard.ts";
import { catchUp } from "./subjects/subject.ts";

// Of fewer records, the start would be a large part: it takes 0.15 CPU-seconds.
const SIZES = { full: { sales: 2_000_000, rounds: 3 }, short: { sales: 100_000, rounds: 1 } };
const PARTITIONS = 4;

export const flat = (i: number) =>
  `{"product":"Product ${i % 50}","quantity":${1 + (i % 3)},"price":${10 + (i % 90)}.25}`;
/** A till's event with the names that need no mapping. */
const flatTill = (i: number) =>
  till(i).replace('"unit_price"', '"price"').replace('"sold_at"', '"timestamp"');
const guard = "\ncurrency: currency\nonly: event_type in (sale.completed)";

/** Records, the rules that read them, and the most that one may cost, of the bare consumer's. */
export interface Shape {
  readonly recordOf: (i: number) => string | Uint8Array;
  readonly rules?: string;
  /** Of records in Avro. */
  readonly schema?: unknown;
  /** How the topic's batches are compressed; not at all by default. */
  readonly compression?: "lz4" | "zstd";
  readonly ratioMax: number;
  readonly figure?: Figure;
  /** Left out of `--short`, because another shape shows that it works. */
  readonly isFullOnly?: boolean;
}

export const TILL = "till's event";

export const shapes = {
  "till's event, no mapping": { recordOf: flatTill, ratioMax: 1 },
  [TILL]: { recordOf: till, rules: till.rules, ratioMax: 1 },
  "till's event, filtered and guarded": {
    recordOf: till,
    rules: till.rules + guard,
    ratioMax: 1,
  },
  "till's event with an escape": { recordOf: escapedTill, rules: till.rules, ratioMax: 3 },
  "order with three lines": {
    recordOf: order,
    rules: order.rules,
    ratioMax: 1.1,
    figure: "F3",
  },
  "till's event in Avro": { recordOf: avroTill, ...avroTill, ratioMax: 1, isFullOnly: true },
  "order with three lines in Avro": {
    recordOf: avroOrder,
    ...avroOrder,
    ratioMax: 0.9,
    figure: "F3",
  },
} as const satisfies Readonly<Record<string, Shape>>;

export const measureMapping = onKafka("Real records by a mapping", async (arena, options) => {
  const { sales } = SIZES[options.mode];
  const measured = [];
  for (const [name, shape] of Object.entries<Shape>(shapes)) {
    // The section aggregation has it.
    if (name === TILL || (shape.isFullOnly && options.mode === "short")) continue;
    options.progress(name);
    const { ratioMax, figure } = shape;
    const figures = await measureShape(arena, options, shape);
    measured.push({ name, ratioMax, ...(figure && { figure }), ...figures });
  }
  return {
    columns: [
      `${count(sales)} records`,
      "bytes",
      `${BARE}: CPU-s per million`,
      "salesboard: CPU-s per million",
      "ratio",
      "records/s",
    ],
    rows: measured.map(({ name, bytes, bare, ours, rate, ratio }) => [
      name,
      count(bytes),
      bare,
      ours,
      times(ratio),
      count(rate),
    ]),
    goals: measured.map(({ name, ratio, ratioMax, figure }) => ({
      ...(figure && { figure }),
      what: `backlog of the ${name}: CPU, of a bare consumer's`,
      goal: `at most ${times(ratioMax)}`,
      measured: times(ratio),
      met: ratio <= ratioMax,
    })),
    data: measured,
    skipped: [],
  };
});

/** Both contestants on records of one shape; `size`: how many, and how often. */
export async function measureShape(
  arena: Arena,
  { mode, progress }: BenchOptions,
  { recordOf, rules, schema, compression }: Shape,
  { sales, rounds } = SIZES[mode],
) {
  const config = compression && { "compression.type": compression };
  const topic = await arena.createTopic("records", PARTITIONS, config);
  await fillText(arena, topic, { records: sales, textOf: recordOf });
  const folder = mkdtempSync(join(tmpdir(), "salesboard-bench-"));
  const file = join(folder, "record.avsc");
  writeFileSync(file, JSON.stringify(schema ?? null));
  const subject = salesboard({
    more: [
      ...(rules === undefined ? [] : ["--map", rules]),
      ...(schema === undefined ? [] : ["--input-format", "avro", "--schema", file]),
    ],
    comparesTotals: false,
  });
  const task = { arena, topic, partitions: PARTITIONS, sales };
  const results = await takeTurns(
    { [BARE]: () => bareConsumer(task), [subject.name]: () => catchUp(subject, task) },
    { rounds, progress },
  ).finally(() => rmSync(folder, { recursive: true }));
  const [bare, ours] = [cpuOf(results, BARE), cpuOf(results, subject.name)];
  return {
    bytes: Buffer.byteLength(recordOf(sales - 1)),
    bare: spreadText(bare),
    ours: spreadText(ours),
    rate: rateOf(results, subject.name).median,
    ratio: ours.median / bare.median,
  };
}
