/** What the fast path makes of one record, and what the judge does, in one form. */

import { expect } from "bun:test";
import { ProductIndex } from "../../src/domain/products.ts";
import { eventSecond } from "../../src/history/rings.ts";
import { type OutgoingRecord, type RecordBatch, SaleSums } from "../../src/kafka/kafka.ts";
import { native } from "../../src/kafka/native.ts";
import { type Judgement, NO_VALUE, type SaleLine } from "../../src/mapping/model/judgement.ts";

const encoder = new TextEncoder();

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

export class Scanner {
  /** Of the products, and of each dimension. */
  readonly names: readonly ProductIndex[];
  readonly #sums: SaleSums;

  constructor(program: ArrayBuffer, dimensions: number) {
    this.names = Array.from({ length: 1 + dimensions }, () => new ProductIndex());
    this.#sums = new SaleSums(8 * this.names.length, { program, isBySecond: true });
  }

  /** What the fast path makes of the record in the batch; undefined when it declines. */
  scan(batch: RecordBatch, verdict: Judgement) {
    const lines = verdict.kind === "counted" ? verdict.lines : [];
    for (const line of lines) {
      for (const [i, name] of namesOf(line).entries()) {
        this.names[i]?.findOrAdd(encoder.encode(name));
      }
    }
    // Most records are read although a value is missing: the index has the word for that.
    for (const values of this.names.slice(1)) values.findOrAdd(encoder.encode(NO_VALUE));
    const sums = this.#sums;
    sums.known = new Map([[0, this.names.map(({ memory }) => memory)]]);
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
    const names = this.names[dimension] as ProductIndex;
    return { dimension, product: names.name(this.#sums.products[row] as number) };
  }
}

function namesOf({ product, by = [] }: SaleLine): string[] {
  return [product, ...by];
}

/** The same of the judge; undefined for a dead letter. */
export function summedUp(verdict: Judgement, { timestamp = -1 }: OutgoingRecord) {
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

export function shown({ key, value, headers = [] }: OutgoingRecord) {
  const text = (bytes: Uint8Array | null | undefined) =>
    bytes ? JSON.stringify(new TextDecoder().decode(bytes)) : bytes;
  return {
    key: text(key),
    value: text(value),
    headers: headers.map((h) => [h.name, text(h.value)]),
  };
}
