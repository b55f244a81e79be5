/**
 * What real records cost: a till's event and an order with lines by a mapping, beside the flat sale
 * of the other sections. Each is compared with a bare consumer of the same topic.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { avroOrder, avroTill, order, till } from "../tests/support/usual-records.ts";
import { type Arena, onKafka } from "./arena.ts";
import { count, cpuOf, rateOf, spreadText, takeTurns, times } from "./contest.ts";
import { fillRecords } from "./sales.ts";
import type { BenchOptions } from "./section.ts";
import { BARE, bareConsumer } from "./subjects/bare.ts";
import { salesboard } from "./subjects/salesboard.ts";
import { catchUp } from "./subjects/subject.ts";

const SIZES = { full: { sales: 1_000_000, rounds: 3 }, short: { sales: 200_000, rounds: 1 } };
const PARTITIONS = 4;
const encoder = new TextEncoder();

const flat = (i: number) =>
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
  /** Left out of `--short`, because another shape shows that it works. */
  readonly isFullOnly?: boolean;
}

export const shapes = {
  "flat sale": { recordOf: flat, ratioMax: 1.35 },
  "till's event, no mapping": { recordOf: flatTill, ratioMax: 1 },
  "till's event": { recordOf: till, rules: till.rules, ratioMax: 1 },
  "till's event, filtered and guarded": {
    recordOf: till,
    rules: till.rules + guard,
    ratioMax: 1,
  },
  "order with three lines": { recordOf: order, rules: order.rules, ratioMax: 1.1 },
  "till's event in Avro": { recordOf: avroTill, ...avroTill, ratioMax: 1, isFullOnly: true },
  "order with three lines in Avro": { recordOf: avroOrder, ...avroOrder, ratioMax: 0.9 },
} as const satisfies Readonly<Record<string, Shape>>;

export const measureMapping = onKafka("Real records by a mapping", async (arena, options) => {
  const { sales } = SIZES[options.mode];
  const measured = [];
  for (const [name, shape] of Object.entries<Shape>(shapes)) {
    if (shape.isFullOnly && options.mode === "short") continue;
    options.progress(name);
    const { ratioMax } = shape;
    measured.push({ name, ratioMax, ...(await measureShape(arena, options, shape)) });
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
    goals: measured.map(({ name, ratio, ratioMax }) => ({
      what: `CPU per million records, of the bare consumer's: ${name}`,
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
  const bytesOf = (i: number) => {
    const value = recordOf(i);
    return typeof value === "string" ? encoder.encode(value) : value;
  };
  const config = compression && { "compression.type": compression };
  const topic = await arena.createTopic("records", PARTITIONS, config);
  await fillRecords(arena, topic, {
    records: sales,
    recordOf: (i) => ({
      key: encoder.encode(`key ${i % 1_000}`),
      value: bytesOf(i),
    }),
  });
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
    bytes: bytesOf(sales - 1).length,
    bare: spreadText(bare),
    ours: spreadText(ours),
    rate: rateOf(results, subject.name).median,
    ratio: ours.median / bare.median,
  };
}
