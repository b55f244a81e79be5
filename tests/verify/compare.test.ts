/** What counts as a difference, with all of the input and with only the latest part of it. */

import { describe, expect, test } from "bun:test";
import { Totals } from "../../src/domain/totals.ts";
import { OwnedPartition } from "../../src/state/owned-partition.ts";
import { type ClaimedInput, differencesOf } from "../../src/verify/compare.ts";
import { bookkeepingOf } from "../support/bookkeeping.ts";

interface Made {
  sales: Readonly<Record<string, number>>;
  filtered?: bigint;
  deadLetters?: bigint;
  skipped?: bigint;
}

function totalsOf({ sales }: Made): Totals {
  const totals = new Totals();
  for (const [product, count] of Object.entries(sales)) {
    const id = totals.products.findOrAdd(new TextEncoder().encode(product));
    totals.apply({ id, sales: count, quantity: 2_000_000 * count, amount: 3_000_000 * count });
  }
  totals.seal();
  totals.commit();
  return totals;
}

/** What the input says, what the totals say, and the differences that are seen. */
function differences(input: Made, output: Made, span: Partial<ClaimedInput> = {}): string[] {
  const recomputed = new OwnedPartition(3, { totals: totalsOf(input), from: 0 });
  recomputed.counted = recomputed.totals.sales;
  recomputed.filtered = input.filtered ?? 0n;
  recomputed.deadLetters = input.deadLetters ?? 0n;
  const totals = totalsOf(output);
  const deadLetters = output.deadLetters ?? 0n;
  const to = 10;
  const { sales } = totals;
  const { filtered = 0n, skipped = 0n } = output;
  const counts = { sales, filtered, deadLetters, skipped };
  const bookkeeping = bookkeepingOf({ group: "g", inputOffset: to, ...counts });
  const restored = { totals, bookkeeping, problem: undefined, end: 0 };
  const all = { from: 0, low: 0, to, high: to, isCompacted: false };
  const read = { partition: 3, ...all, committed: to };
  const whole = { ...read, restored, history: undefined, dimensions: [] };
  return differencesOf({ ...whole, ...span }, recomputed).map(
    ({ partition, product, recomputed, found }) =>
      `${partition} ${product}: ${recomputed}; ${found}`,
  );
}

describe("differencesOf with all of the input", () => {
  test("finds none between equals", () => {
    const made = { sales: { Tea: 2, Mouse: 1 }, deadLetters: 1n };
    expect(differences(made, made)).toEqual([]);
  });

  test("finds a sale too few, a sale too many and a product that nobody sold", () => {
    const input = { sales: { Tea: 2, Mouse: 1 } };
    expect(differences(input, { sales: { Tea: 1, Mouse: 2, Hat: 1 } })).toEqual([
      "3 Tea: 2 sales, 4 units, 6.00; 1 sales, 2 units, 3.00",
      "3 Mouse: 1 sales, 2 units, 3.00; 2 sales, 4 units, 6.00",
      "3 Hat: nothing; 1 sales, 2 units, 3.00",
      "3 null: 3 records counted; 4 records counted",
    ]);
  });

  test("finds dead letters too many", () => {
    const sales = { Tea: 1 };
    expect(differences({ sales, deadLetters: 1n }, { sales, deadLetters: 2n })).toContain(
      "3 null: 1 dead letters; 2 dead letters",
    );
  });
});

describe("differencesOf with a mapping", () => {
  test("finds records that were filtered instead of counted", () => {
    const input = { sales: { Tea: 2 }, filtered: 3n };
    expect(differences(input, { sales: { Tea: 2 }, filtered: 2n })).toEqual([
      "3 null: 3 records filtered; 2 records filtered",
    ]);
  });
});

describe("differencesOf with more counted than there is", () => {
  // Totals and bookkeeping grow together: only the offsets tell of a record that was folded twice.
  test("finds records too many, also where nothing is left to compare with", () => {
    const output = { sales: { Tea: 8 }, deadLetters: 1n, skipped: 2n };
    expect(differences({ sales: {} }, output, { from: 10 })).toEqual([
      "3 null: each record with one outcome; " +
        "11 records were counted or skipped, but only 10 exist",
    ]);
  });
});

describe("differencesOf where retention has removed input", () => {
  test("finds none when the totals contain what is left and more", () => {
    const output = { sales: { Tea: 4, Hat: 1 }, deadLetters: 1n };
    expect(differences({ sales: { Tea: 2 } }, output, { from: 4 })).toEqual([]);
  });

  test("finds totals that lack something of what is left", () => {
    const output = { sales: { Tea: 1, Hat: 3 } };
    expect(differences({ sales: { Tea: 2 } }, output, { from: 4 })).toEqual([
      "3 Tea: 2 sales, 4 units, 6.00; 1 sales, 2 units, 3.00",
    ]);
  });

  test("finds more sales in the totals than records were removed", () => {
    expect(differences({ sales: { Tea: 2 } }, { sales: { Tea: 5 } }, { from: 2 })).toEqual([
      "3 null: at most 2 records before offset 2; 3 counted",
    ]);
  });
});

// A compacted input was called different from its totals, which were right.
describe("differencesOf where Kafka has compacted the input", () => {
  test("finds none when the totals contain what is left and more", () => {
    const output = { sales: { Tea: 7, Hat: 1 }, deadLetters: 1n };
    expect(differences({ sales: { Tea: 1 } }, output, { isCompacted: true })).toEqual([]);
  });

  test("finds totals that lack something of what is left", () => {
    expect(differences({ sales: { Tea: 2 } }, { sales: {} }, { isCompacted: true })).toEqual([
      "3 Tea: 2 sales, 4 units, 6.00; nothing",
      "3 null: 2 records counted; 0 records counted",
    ]);
  });
});
