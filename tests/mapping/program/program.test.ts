/** Programs of real mappings: the fast path takes the records that people have. */

import { describe, expect, test } from "bun:test";
import { ProductIndex } from "../../../src/domain/products.ts";
import { type OutgoingRecord, RecordBatch, SaleSums } from "../../../src/kafka/kafka.ts";
import { native } from "../../../src/kafka/native.ts";
import { parseMapping } from "../../../src/mapping/rules/parse.ts";
import { flatProgram, programOf, settingsOf } from "../../support/programs.ts";
import { recordsOf, sharedCases } from "../../support/shared-cases.ts";
import { order, till } from "../../support/usual-records.ts";
import { outcomesOf } from "./outcomes.ts";

const encoder = new TextEncoder();

const valuesOf = (texts: readonly string[]): OutgoingRecord[] =>
  texts.map((text) => ({ value: encoder.encode(text) }));

test("no till's event is left to the judge, with a mapping and without", () => {
  const numbers = Array.from({ length: 500 }, (_, i) => i);
  const flat = numbers.map((i) =>
    till(i).replace('"unit_price"', '"price"').replace('"sold_at"', '"timestamp"'),
  );
  for (const [settings, texts] of [
    [settingsOf(till.rules), numbers.map((i) => till(i))],
    [settingsOf(), flat],
  ] as const) {
    for (const { scanned, judged } of outcomesOf(settings, valuesOf(texts))) {
      expect(scanned).toEqual(judged);
      expect(scanned.outcome).toBe("counted");
      expect(scanned.untimed).toBe(0);
    }
  }
});

test("no order with three lines is left to the judge", () => {
  const texts = Array.from({ length: 500 }, (_, i) => order(i));
  for (const { scanned, judged } of outcomesOf(settingsOf(order.rules), valuesOf(texts))) {
    expect(scanned).toEqual(judged);
    expect(scanned.sales).toBe(3);
  }
});

for (const sample of sharedCases()) {
  if (sample.format !== "json") continue;
  test(`${sample.name}: all but dead letters are taken, and counted as the judge does`, () => {
    const mapping = parseMapping(sample.map.join("; "));
    const { currency } = sample;
    const settings = { mapping, inputFormat: "json", timeZone: "UTC", currency } as const;
    for (const { scanned, judged } of outcomesOf(settings, recordsOf(sample))) {
      expect(scanned).toEqual(judged);
    }
  });
}

// The order of keys, unknown ones and white space are not what a mapping is about.
test("a price may stand before its array, behind it, or be a constant", () => {
  const settings = settingsOf("lines: items[]\nproduct: sku\nprice: $.price else 2\ntime: $.at");
  const texts = [
    '{"price":"4.50","items":[{"sku":"a"},{"sku":"b"}],"at":"2026-01-02T03:04:05Z"}',
    '{"items":[{"x":{"sku":"no"},"sku":"a"}] , "at":1767323045, "price" : 4.5}',
    '{"items":[{"sku":"a"},{"sku":"a"}],"at":null,"price":null}',
  ];
  const outcomes = outcomesOf(settings, valuesOf(texts));
  for (const { scanned, judged } of outcomes) expect(scanned).toEqual(judged);
  expect(outcomes.map(({ scanned }) => [scanned.amount, scanned.untimed])).toEqual([
    [9_000_000n, 0],
    [4_500_000n, 0],
    [4_000_000n, 2],
  ]);
});

/**
 * `decimal` was applied to the constant too: "1000" is also base64, of the integer -2667212, so the
 * fast path counted -26,672.12 where the rule says 1,000.
 */
test("a constant behind else is the number in the rule, with decimal too", () => {
  const settings = settingsOf("product: sku; price: p else 1000 decimal 2; returns: subtract");
  const records = valuesOf(['{"sku":"a"}', '{"sku":"a","p":null}', '{"sku":"a","p":"B8s="}']);
  const outcomes = outcomesOf(settings, records);
  for (const { scanned, judged } of outcomes) expect(scanned).toEqual(judged);
  const amounts = outcomes.map(({ scanned }) => scanned.amount);
  expect(amounts).toEqual([1_000_000_000n, 1_000_000_000n, 19_950_000n]);
});

// The least of 64 bits has no size in 64 bits: it was within all bounds, and counted as
// -9,223,372,036,854.775808 units.
test.each(["quantity: q decimal 6; amount: p", "quantity: 0; price: q decimal 6"])(
  "the least integer of 64 bits is beyond all bounds in %s",
  (rules) => {
    const settings = settingsOf(`product: sku; ${rules}; returns: subtract`);
    const known = '{"sku":"a","p":1,"q":"B8s="}';
    const records = valuesOf([known, '{"sku":"a","p":1,"q":"gAAAAAAAAAA="}']);
    const [, outcome] = outcomesOf(settings, records);
    expect(outcome?.judged).toMatchObject({ outcome: "deadLetter" });
    expect(outcome?.scanned).toEqual(outcome?.judged as never);
  },
);

// One bad line at the end must not leave the good ones in the sums.
test("adds up nothing of a record whose last line is left to the judge", () => {
  const settings = settingsOf("lines: items[]\nproduct: sku\nprice: price");
  const bad = '{"items":[{"sku":"a","price":1},{"sku":"a","price":2},{"sku":"a","price":"n/a"}]}';
  const [outcome] = outcomesOf(settings, valuesOf([bad]));
  expect(outcome?.scanned).toEqual(outcome?.judged as never);
  expect(outcome?.scanned).toMatchObject({ outcome: "deadLetter", sales: 0, amount: 0n });
});

// A poll has so many rows: a record that needs more than are left belongs to the next one.
test("leaves a record whole when its lines do not fit the sums any more", () => {
  const settings = settingsOf("lines: items[]\nproduct: sku\nprice: 1");
  const products = new ProductIndex();
  const batch = new RecordBatch({ recordsMax: 3, bytesMax: 1_000 });
  for (const names of ["ab", "cde", "fg"]) {
    const items = [...names].map((sku) => ({ sku }));
    for (const name of names) products.findOrAdd(encoder.encode(name));
    batch.append({ value: encoder.encode(JSON.stringify({ items })), partition: 0 });
  }
  const sums = new SaleSums(4, { program: programOf(settings) });
  sums.known = new Map([[0, [products.memory]]]);
  expect(native.sumUp(batch.memory, ...sums.asArguments())).toEqual([0, 2]);
  expect([sums.count, sums.counted[0], sums.isHalfFull]).toEqual([4, 2, true]);
});

describe("dimensions", () => {
  const rules = "lines: items[]\nproduct: sku\nprice: 1\nby store: $.store\nby shelf: shelf + $.x";

  /** The rows of a poll: what of the records is known, and the offsets that were taken. */
  function poll(records: readonly object[], known: Readonly<Record<string, string[]>>, rows = 50) {
    const indexes = ["products", "shelf", "store"].map((name) => {
      const index = new ProductIndex();
      for (const value of known[name] ?? []) index.findOrAdd(encoder.encode(value));
      return index;
    });
    const batch = new RecordBatch({ recordsMax: 10, bytesMax: 10_000 });
    for (const record of records) {
      batch.append({ value: encoder.encode(JSON.stringify(record)), partition: 2 });
    }
    const sums = new SaleSums(rows, { program: programOf(settingsOf(rules)) });
    sums.known = new Map([[2, indexes.map(({ memory }) => memory)]]);
    const taken = native.sumUp(batch.memory, ...sums.asArguments());
    const found = Array.from({ length: sums.count }, (_, row) => {
      expect(sums.partitionOf(row)).toBe(2);
      const index = indexes[sums.dimensionOf(row)] as ProductIndex;
      return `${index.name(sums.products[row] as number)}: ${sums.sales[row]}`;
    });
    return { taken, rows: found, isHalfFull: sums.isHalfFull };
  }

  test("each line adds to its product, and to its value in each dimension", () => {
    const items = [
      { sku: "a", shelf: "left" },
      { sku: "b", shelf: "right" },
      { sku: "a", shelf: 1 },
    ];
    const known = { products: ["a", "b"], store: ["Nord"], shelf: ["left!", "right!", "1!"] };
    expect(poll([{ store: "Nord", x: "!", items }], known)).toMatchObject({
      taken: [0],
      rows: ["a: 2", "left!: 1", "Nord: 3", "b: 1", "right!: 1", "1!: 1"],
    });
  });

  test("a line without a value, or with one that nothing could be called, counts as none", () => {
    const bad = [undefined, null, "", {}, ["a"], "a\n", "\u0085", "\u007f", "é".repeat(129)];
    const records = bad.map((store) => ({ store, items: [{ sku: "a" }] }));
    const known = { products: ["a"], store: ["(none)"], shelf: ["(none)"] };
    expect(poll(records, known)).toMatchObject({
      taken: records.map((_, i) => i),
      rows: ["a: 9", "(none): 9", "(none): 9"],
    });
  });

  test("a value that is new is added to the index, if it is printable ASCII", () => {
    const items = [
      { sku: "a", shelf: 1 },
      { sku: "b", shelf: 2 },
    ];
    const known = { products: ["a"], store: ["Nord"], shelf: ["1"] };
    expect(poll([{ store: "Nord", x: "", items }], known)).toMatchObject({
      taken: [0],
      rows: ["a: 1", "1: 1", "Nord: 2", "b: 1", "2: 1"],
    });
  });

  test("any other value that is new is left to the judge, with the whole record", () => {
    const items = [
      { sku: "a", shelf: 1 },
      { sku: "a", shelf: "é" },
    ];
    const known = { products: ["a"], store: ["Nord"], shelf: ["1"] };
    expect(poll([{ store: "Nord", x: "", items }], known)).toMatchObject({ taken: [], rows: [] });
  });

  test("a record waits for the next poll where its rows do not fit", () => {
    const record = { store: "Nord", items: [{ sku: "a", shelf: 1 }], x: "" };
    const known = { products: ["a"], store: ["Nord"], shelf: ["1"] };
    // The second one needs no new row, which nobody knows before.
    const found = poll([record, record], known, 5);
    expect(found).toEqual({ taken: [0], rows: ["a: 1", "1: 1", "Nord: 1"], isHalfFull: true });
  });

  test("a partition whose dimensions are not all known is left to the judge", () => {
    const batch = new RecordBatch({ recordsMax: 1, bytesMax: 1_000 });
    batch.append({ value: encoder.encode('{"items":[]}'), partition: 0 });
    const sums = new SaleSums(10, { program: programOf(settingsOf(rules)) });
    const { memory } = new ProductIndex();
    const taken = (dimensions: readonly number[]) => {
      // As `kafka/sums.ts` describes places, so that the products can be missing too.
      const places = dimensions.map((dimension) => dimension * 100_000);
      const memories = places.map(() => memory);
      return native.sumUp(batch.memory, sums.memory, places, memories, sums.program);
    };
    for (const known of [[0], [0, 1], [1, 2]]) expect(taken(known)).toEqual([]);
    // Dimensions that the program does not have are nobody's.
    expect(taken([0, 1, 2, 3, 4])).toEqual([0]);
  });
});

test("the bytes of a program are refused unless they are whole", () => {
  const sums = new SaleSums(4);
  const batch = new RecordBatch({ recordsMax: 1, bytesMax: 100 });
  const words = new Uint32Array(flatProgram.slice(0, 4));
  words[0] = 99;
  const other = new Uint8Array(flatProgram.slice(0));
  other.set(new Uint8Array(words.buffer));
  for (const program of [flatProgram.slice(0, 40), other.buffer, new ArrayBuffer(4)]) {
    expect(() => native.sumUp(batch.memory, sums.memory, [], [], program)).toThrow(
      "program must be a program of version 4",
    );
  }
  expect(native.sumUp(batch.memory, sums.memory, [], [], flatProgram)).toEqual([]);
});
