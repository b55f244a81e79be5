/**
 * The fast path against the judge: random mappings, and random records that nearly fit them. What
 * the fast path takes, it counts as the judge does; the rest it leaves to the judge. The same
 * sample each time; `npm run fuzz` does ten million others. FUZZ_SEED repeats a run.
 */

import { expect, test } from "bun:test";
import { ProductIndex } from "../../src/domain/products.ts";
import { eventSecond } from "../../src/history/rings.ts";
import { type OutgoingRecord, RecordBatch, SaleSums } from "../../src/kafka/kafka.ts";
import { native } from "../../src/kafka/native.ts";
import { inputJudge, judgedRecord } from "../../src/mapping/input-judge.ts";
import { type Judgement, NO_VALUE, type SaleLine } from "../../src/mapping/model/judgement.ts";
import { programOf, settingsOf } from "../support/programs.ts";
import { Random } from "./generate.ts";
import { randomRules } from "./mapping-chance.ts";
import type { InputRecord } from "./mapping-oracle.ts";
import { RecordChance } from "./mapping-records.ts";
import { spelled } from "./mapping-rules.ts";
import { randomMapping } from "./plan-mappings.ts";
import { randomRecord } from "./plan-records.ts";

const cases = Number(Bun.env.FUZZ_CASES ?? 10_000);
const seed = Number(Bun.env.FUZZ_SEED ?? 1);
const RECORDS_PER_MAPPING = 50;
/** At the rate of a slow machine. */
const timeoutMs = 600_000 + cases;

const encoder = new TextEncoder();
const batch = new RecordBatch({ recordsMax: 1, bytesMax: 100_000 });

/** A mapping, and records that nearly fit it. */
type Source = (random: Random) => { rules: string; next: () => OutgoingRecord };

const sources: Record<string, Source> = {
  "one field or another": (random) => {
    const mapping = randomMapping(random);
    return { rules: mapping.rules, next: () => randomRecord(random, mapping) };
  },
  // Those that the oracle of mappings judges, so that all three agree.
  "every form of every rule": (random) => {
    let rules = randomRules(random);
    while (rules.columns) rules = randomRules(random);
    const chance = new RecordChance(rules, random);
    return { rules: spelled(rules, random), next: () => outgoing(chance.next()) };
  },
};

for (const [name, source] of Object.entries(sources)) {
  test(
    `${cases} records of seed ${seed}, ${name}: the fast path counts as the judge does`,
    () => {
      const random = new Random(seed);
      const seen = { taken: 0, sure: 0, deadLetters: 0, counted: 0, returns: 0, untimed: 0 };
      for (let i = 0; i < cases; i += RECORDS_PER_MAPPING) {
        const { rules, next } = source(random);
        const settings = settingsOf(rules, random.below(4) === 0 ? "Europe/Berlin" : "UTC");
        const judge = inputJudge(settings);
        const scanner = new Scanner(programOf(settings), settings.mapping?.by.length ?? 0);
        for (let k = 0; k < RECORDS_PER_MAPPING; k++) {
          const record = next();
          batch.clear();
          batch.append(record);
          const verdict = judge.judge(judgedRecord(batch, 0, "sales"));
          const scanned = scanner.scan(verdict);
          if (verdict.kind === "deadLetter") seen.deadLetters++;
          else seen.sure++;
          if (!scanned) continue;
          seen.taken++;
          const expected = summedUp(verdict, record);
          if (!Bun.deepEquals(scanned, expected)) {
            const at = { case: i + k, seed, rules, record: shown(record) };
            expect({ ...at, scanned }).toEqual({ ...at, scanned: expected as never });
          }
          seen.counted += scanned.counted;
          seen.untimed += scanned.untimed;
          for (const { returns } of scanned.rows) seen.returns += returns;
        }
      }
      console.log(`${JSON.stringify(seen)} of ${cases} records`);
      // Records that are all refused, or all slow, would prove little.
      expect(seen.counted).toBeGreaterThan(cases / 20);
      expect(seen.taken).toBeGreaterThan(seen.sure / 2);
      expect(seen.returns).toBeGreaterThan(cases / 1_000);
      expect(seen.untimed).toBeGreaterThan(cases / 1_000);
    },
    timeoutMs,
  );
}

function outgoing({ key, value, headers }: InputRecord): OutgoingRecord {
  return { key, value, headers, partition: 0, timestamp: Date.UTC(2026, 10, 24) };
}

interface Row {
  /** 0 = the product; from 1 on the dimensions. */
  dimension: number;
  product: string;
  second: number;
  sales: number;
  returns: number;
  quantity: bigint;
  amount: bigint;
}

class Scanner {
  /** Of the products, and of each dimension. */
  readonly #names: readonly ProductIndex[];
  readonly #sums: SaleSums;

  constructor(program: ArrayBuffer, dimensions: number) {
    this.#names = Array.from({ length: 1 + dimensions }, () => new ProductIndex());
    this.#sums = new SaleSums(8 * this.#names.length, { program, isBySecond: true });
  }

  /** What the fast path makes of the record in the batch; undefined when it declines. */
  scan(verdict: Judgement) {
    const lines = verdict.kind === "counted" ? verdict.lines : [];
    for (const line of lines) {
      for (const [i, name] of namesOf(line).entries()) {
        this.#names[i]?.findOrAdd(encoder.encode(name));
      }
    }
    // Most records are read although a value is missing: the index has the word for that.
    for (const values of this.#names.slice(1)) values.findOrAdd(encoder.encode(NO_VALUE));
    const sums = this.#sums;
    sums.known = new Map([[0, this.#names.map(({ memory }) => memory)]]);
    const taken = native.sumUp(batch.memory, ...sums.asArguments()).length;
    expect([sums.advances, sums.nextOffsets[0]]).toEqual([1, 0]);
    const counts = [sums.counted[0], sums.filtered[0], sums.untimed[0]] as [number, number, number];
    if (taken === 0) {
      // Nothing of a record that it leaves to the judge.
      expect([sums.count, ...counts]).toEqual([0, 0, 0, 0]);
      return undefined;
    }
    const rows = Array.from(
      { length: sums.count },
      (_, i): Row => ({
        ...this.#nameOf(i),
        second: sums.seconds[i] as number,
        sales: sums.sales[i] as number,
        returns: sums.returns[i] as number,
        quantity: BigInt(sums.quantities[i] as number),
        amount: BigInt(sums.amounts[i] as number),
      }),
    );
    const [counted, filtered, untimed] = counts;
    return { rows: merged(rows), counted, filtered, untimed };
  }

  #nameOf(row: number): Pick<Row, "dimension" | "product"> {
    const dimension = this.#sums.dimensionOf(row);
    const names = this.#names[dimension] as ProductIndex;
    return { dimension, product: names.name(this.#sums.products[row] as number) };
  }
}

function namesOf({ product, by = [] }: SaleLine): string[] {
  return [product, ...by];
}

/** The same of the judge; undefined for a dead letter. */
function summedUp(verdict: Judgement, { timestamp = -1 }: OutgoingRecord) {
  if (verdict.kind === "deadLetter" || verdict.kind === "awaiting") return undefined;
  if (verdict.kind === "filtered") return { rows: [], counted: 0, filtered: 1, untimed: 0 };
  const rows = verdict.lines.flatMap((line) =>
    namesOf(line).map(
      (product, dimension): Row => ({
        dimension,
        product,
        second: eventSecond(line.timestamp, timestamp),
        sales: line.isReturn ? 0 : 1,
        returns: line.isReturn ? 1 : 0,
        quantity: line.quantity,
        amount: line.amount,
      }),
    ),
  );
  return { rows: merged(rows), counted: 1, filtered: 0, untimed: verdict.untimed };
}

/** One row for each product and second, however many there were. */
function merged(rows: readonly Row[]): Row[] {
  const sums = new Map<string, Row>();
  for (const row of rows) {
    const key = `${row.dimension} ${row.second} ${row.product}`;
    const sum = sums.get(key);
    if (!sum) sums.set(key, { ...row });
    else {
      sum.sales += row.sales;
      sum.returns += row.returns;
      sum.quantity += row.quantity;
      sum.amount += row.amount;
    }
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function shown({ key, value, headers = [] }: OutgoingRecord) {
  const text = (bytes: Uint8Array | null | undefined) =>
    bytes ? JSON.stringify(new TextDecoder().decode(bytes)) : bytes;
  return {
    key: text(key),
    value: text(value),
    headers: headers.map((h) => [h.name, text(h.value)]),
  };
}
