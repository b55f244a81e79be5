/**
 * Records that come together against each of them alone: what the fast path remembers of the
 * records before changes nothing. The same sample each time; `npm run fuzz` does ten million
 * others. FUZZ_SEED repeats a run.
 */

import { expect, test } from "bun:test";
import { ProductIndex } from "../../src/domain/products.ts";
import { type OutgoingRecord, RecordBatch, SaleSums } from "../../src/kafka/kafka.ts";
import { native } from "../../src/kafka/native.ts";
import { inputJudge, judgedRecord } from "../../src/mapping/input-judge.ts";
import { programOf, settingsOf } from "../support/programs.ts";
import { casesOf } from "../support/seed.ts";
import { Random } from "./generate.ts";
import { randomMapping } from "./plan-mappings.ts";
import { randomRecord } from "./plan-records.ts";

const cases = casesOf(10_000);
const seed = Number(Bun.env.FUZZ_SEED ?? 1);
const RECORDS_PER_MAPPING = 50;
/** At the rate of a slow machine. */
const timeoutMs = 600_000 + cases;

const encoder = new TextEncoder();
const batch = new RecordBatch({ recordsMax: RECORDS_PER_MAPPING, bytesMax: 1_000_000 });

test(
  `${cases} records of seed ${seed}: the fast path reads them together as each alone`,
  () => {
    const random = new Random(seed);
    let read = 0;
    for (let i = 0; i < cases; i += RECORDS_PER_MAPPING) {
      const mapping = randomMapping(random);
      const settings = settingsOf(mapping.rules);
      const records = Array.from({ length: RECORDS_PER_MAPPING }, () => {
        return randomRecord(random, mapping);
      });
      const sums = new SaleSums(1_000, { program: programOf(settings), isBySecond: true });
      const judge = inputJudge(settings);
      const dimensions = settings.mapping?.by ?? [];
      // Products, and the values of each dimension.
      const known = [0, ...dimensions].map(() => new ProductIndex());
      const learn = (name: string, of: number) => known[of]?.findOrAdd(encoder.encode(name));
      fill(records);
      for (let k = 0; k < batch.count; k++) {
        const verdict = judge.judge(judgedRecord(batch, k, "sales"));
        if (verdict.kind !== "counted") continue;
        for (const { product, by = [] } of verdict.lines) [product, ...by].forEach(learn);
      }
      sums.known = new Map([[0, known.map(({ memory }) => memory)]]);
      const alone = records.map((record) => readBy([record], sums));
      const together = readBy(records, sums);
      const expected = alone.flatMap(({ taken }, k) => taken.map(() => k));
      const at = { case: i, seed, rules: mapping.rules };
      expect({ ...at, taken: together.taken }).toEqual({ ...at, taken: expected });
      const totals = alone.map(({ totals }) => totals).reduce(plus);
      expect({ ...at, totals: together.totals }).toEqual({ ...at, totals });
      read += expected.length;
    }
    // Records that are all left to the judge would prove little.
    expect(read).toBeGreaterThan(cases / 3);
  },
  timeoutMs,
);

function fill(records: readonly OutgoingRecord[]): void {
  batch.clear();
  for (const record of records) expect(batch.append(record)).toBe(true);
}

type Totals = Map<string, bigint>;

/** Which of the records the fast path takes, and what it makes of them. */
function readBy(records: readonly OutgoingRecord[], sums: SaleSums) {
  fill(records);
  const taken = native.sumUp(batch.memory, ...sums.asArguments());
  const totals = new Map<string, bigint>();
  const add = (key: string, value: number | undefined) => {
    totals.set(key, (totals.get(key) ?? 0n) + BigInt(value ?? 0));
  };
  add("counted", sums.counted[0]);
  add("filtered", sums.filtered[0]);
  add("untimed", sums.untimed[0]);
  for (let row = 0; row < sums.count; row++) {
    const key = `${sums.dimensionOf(row)} ${sums.seconds[row]} ${sums.products[row]}`;
    add(`sales ${key}`, sums.sales[row]);
    add(`returns ${key}`, sums.returns[row]);
    add(`quantity ${key}`, sums.quantities[row]);
    add(`amount ${key}`, sums.amounts[row]);
  }
  return { taken: [...taken], totals };
}

function plus(some: Totals, more: Totals): Totals {
  const keys = new Set([...some.keys(), ...more.keys()]);
  return new Map([...keys].map((key) => [key, (some.get(key) ?? 0n) + (more.get(key) ?? 0n)]));
}
