/** The fast path: which sales are summed up on their way, and to what. */

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ProductIndex } from "../../src/domain/products.ts";
import { RecordBatch } from "../../src/kafka/batch.ts";
import { native } from "../../src/kafka/native.ts";
import { SaleSums } from "../../src/kafka/sums.ts";
import { utc } from "../../src/mapping/exact/zone.ts";
import { flatJudge } from "../../src/mapping/flat.ts";
import { flatProgram } from "../support/programs.ts";
import { indexOf, sumUp } from "../support/sums.ts";

const flat = flatJudge({ zone: utc });
const encoder = new TextEncoder();
const bytes = (text: string) => encoder.encode(text);
const batch = new RecordBatch({ recordsMax: 100, bytesMax: 100_000 });
const sums = new SaleSums(100, { program: flatProgram });

/** Polls these records of partition 0, of offsets from 0 on; returns the rows of sums. */
function poll(values: readonly Uint8Array[], products: ProductIndex) {
  batch.clear();
  for (const [i, value] of values.entries()) {
    batch.append({ value, partition: 0 });
    batch.offsets[i] = i;
  }
  sums.known = new Map([[0, [products.memory]]]);
  sumUp(batch, sums);
  return Array.from({ length: sums.count }, (_, i) => ({
    product: products.name(sums.products[i] as number),
    sales: sums.sales[i],
    quantity: (sums.quantities[i] as number) / 1e6,
    amount: sums.amounts[i],
  }));
}

/** Scans `value` as it stands in a batch: with other records' bytes before and behind. */
function scan(value: Uint8Array, products: ProductIndex) {
  const around = bytes('{"product":"Ailleurs é","quantity":1,"price":2}');
  return poll([around, value, around], products)[0];
}

describe("a poll with sums", () => {
  const products = indexOf("Côte de Blaye", "Laptop", "8 bytes!", "x", "back\\slash", "a\\");

  test.each([
    ['{"product":"Laptop","quantity":2,"price":499.99}', "Laptop", 2, 999_980_000],
    ['{ "price" : 0.000001 ,\n"quantity":1, "product":"Laptop"}\r\n', "Laptop", 1, 1],
    ['{"product":"Côte de Blaye","quantity":1000000000,"price":0}', "Côte de Blaye", 1e9, 0],
    ['{"quantity":1,"price":0.5,"product":"8 bytes!"}', "8 bytes!", 1, 500_000],
    ['{"quantity":1,"price":0.5,"product":"x"}', "x", 1, 500_000],
    ['{"timestamp":1764052692123,"product":"x","quantity":1,"price":1}', "x", 1, 1_000_000],
    ['{"product":"x","quantity":2.0,"price":1e3,"timestamp":1e12}', "x", 2, 2_000_000_000],
    ['{"product":"x","quantity":1,"price":1,"timestamp":"2026-11-24"}', "x", 1, 1_000_000],
    ['{"product":"C\\u00f4te de Blaye","quantity":1,"price":1}', "Côte de Blaye", 1, 1_000_000],
    ['{"a":[{"b":"\\n"},[]],"product":"x","quantity":1,"price":1,"é":{}}', "x", 1, 1_000_000],
    ['{"a":0,"product":"x","quantity":3,"price":1234567}', "x", 3, 3_703_701_000_000],
    ['{"a":0,"product":"x","quantity":3,"price":12345678}', "x", 3, 37_037_034_000_000],
    ['{"a":0,"product":"x","quantity":12345678,"price":0.123456}', "x", 12345678, 1524148023168],
    ['{"a":0,"product":"x","quantity":1,"price":123456.7}', "x", 1, 123_456_700_000],
    ['{"a":0,"product":"x","quantity":1,"price":123456.78}', "x", 1, 123_456_780_000],
    ['{"quantity":1,"price":2,"a":"fifteen letters","product":"x"}', "x", 1, 2_000_000],
    ['{"quantity":1,"price":2,"a":"sixteen letters!","product":"x"}', "x", 1, 2_000_000],
    ['{"quantity":1,"price":2,"product":"x","a":"seventeen letters"}', "x", 1, 2_000_000],
  ])("reads %p", (text, product, quantity, amount) => {
    expect(scan(bytes(text), products)).toEqual({ product, sales: 1, quantity, amount });
  });

  test.each([
    '{"product":"Unknown é","quantity":2,"price":1}',
    '{"product":"","quantity":2,"price":1}',
    '{"product":"a\x7fb","quantity":2,"price":1}',
    `{"product":"${"x".repeat(257)}","quantity":2,"price":1}`,
    '{"product":"Laptop","quantity":2,"price":01}',
    '{"product":"Laptop","quantity":2,"price":1.}',
    '{"product":"Laptop","quantity":0,"price":1}',
    '{"product":"Laptop","quantity":2,"price":-1}',
    '{"product":"Laptop","quantity":2,"price":1,"timestamp":1,"timestamp":2}',
    '{"product":"Laptop","quantity":2,"price":1,"price":1}',
    '{"product":"Laptop","quantity":2,"price":1',
    '{"product":"Laptop","quantity":2,"price":1}}',
    '{"product":"Laptop","quantity":1000000000,"price":999999999}',
    '{"product":"back\\slash","quantity":2,"price":1}',
    '{"product":"a\\","quantity":2,"price":1}',
    '{"product":"Laptop","quantity":2,"price":1,}',
    '{"product":"Laptop","quantity":2;"price":1}',
    '{"product":"Laptop","quantity":18446744073709551617,"price":1}',
    "",
    "{",
    '{"product":"',
    '{"a":00,"product":"Laptop","quantity":1,"price":1}',
    '{"a":01,"product":"Laptop","quantity":1,"price":1}',
    '{"a":-,"product":"Laptop","quantity":1,"price":1}',
    '{"a":1.,"product":"Laptop","quantity":1,"price":1}',
    '{"a":"\t","product":"Laptop","quantity":1,"price":1}',
    '{"product":"Laptop","quantity":1,"price":1,"a":"sixteen letters!',
    '{"product":"Laptop","quantity":1,"price":1,"a":"fifteen letters',
  ])("declines %p", (text) => {
    expect(scan(bytes(text), products)).toBeUndefined();
  });

  // The fast path expects the keys of the record before, byte by byte.
  test("reads each record by its own keys, whatever the records before had", () => {
    const names = indexOf("x");
    const sale = (...fields: string[]) => `{${fields.join(",")}}`;
    const [id, product, quantity, price] = [
      ...['"order_id_of_till":1', '"product":"x"', '"quantity":1', '"price":1'],
    ] as const;
    const usual = sale(id, product, quantity, price);
    const records: [value: string, isTaken: boolean][] = [
      [usual, true],
      [usual, true],
      [sale(price, quantity, product, id), true],
      [usual, true],
      [sale(product, price, quantity), true],
      [sale(id, '"more":[]', product, '"even more":{"a":1}', quantity, price), true],
      [usual, true],
      [usual.replaceAll(",", ", ").replaceAll(":", ": "), true],
      [usual.replaceAll(",", ",\n    ").replaceAll(":", " :\t"), true],
      [sale(id, product, quantity, price, '"a key that is longer than most":0'), true],
      [sale(id, product, quantity, price, '"a key that is lonely, like most":0'), true],
      [
        sale(id, product, quantity, price, '"a key that is longer than what is kept of it":0'),
        true,
      ],
      [usual.replaceAll(",", ",\n      "), true],
      [usual.replaceAll(",", ",\n      ").replace("quantity", "xxantity"), false],
      [sale('"order_id_of_shop":1', product, quantity, price), true],
      [sale('"order_is_of_till":1', product, quantity, price), true],
      [sale(id, id, product, quantity, price), true],
      [sale(id, product, product, quantity, price), false],
      [sale(id, product, quantity), false],
      [sale(id, product, quantity, '"prize":1'), false],
      [sale(id, product, quantity, '"price":'), false],
      [sale(id, product, quantity, '"price"'), false],
      [sale(id, product, `${quantity} ${price}`), false],
      [`${sale(id, product, quantity, price)},`, false],
      [`{,${id},${product},${quantity},${price}}`, false],
      [usual, true],
    ];
    const taken = records.filter(([, isTaken]) => isTaken);
    const sales = taken.length;
    expect(
      poll(
        records.map(([value]) => bytes(value)),
        names,
      ),
    ).toEqual([{ product: "x", sales, quantity: sales, amount: sales * 1_000_000 }]);
    const left = Array.from({ length: batch.count }, (_, i) => batch.offsets[i] as number);
    expect(left).toEqual(records.flatMap(([, isTaken], i) => (isTaken ? [] : [i])));
  });

  test("adds up the sales of a product, and leaves the others in the batch, in order", () => {
    const names = indexOf("Laptop", "x");
    const values = [
      '{"product":"Laptop","quantity":2,"price":0.1}',
      '{"product":"new é","quantity":1,"price":1}',
      '{"product":"x","quantity":1,"price":1}',
      '{"product":"Laptop","quantity":3,"price":0.2}',
      "no sale",
    ];
    expect(poll(values.map(bytes), names)).toEqual([
      { product: "Laptop", sales: 2, quantity: 5, amount: 800_000 },
      { product: "x", sales: 1, quantity: 1, amount: 1_000_000 },
    ]);
    const left = Array.from({ length: batch.count }, (_, i) => batch.offsets[i]);
    expect(left).toEqual([1, 4]);
    expect([sums.advances, sums.firstOffsets[0], sums.nextOffsets[0]]).toEqual([1, 0, 5]);
  });

  // One clock that is ahead must not decide how far all others are; and without any time there is
  // no second to count a sale in.
  test("tells seconds apart by the sale's time, but not after its record's", () => {
    const names = indexOf("x");
    const bySecond = new SaleSums(10, { program: flatProgram, isBySecond: true });
    const sale = (own = "") => bytes(`{"product":"x","quantity":1,"price":1${own}}`);
    batch.clear();
    for (const [own, timestamp] of [
      ["", 5_999],
      [',"timestamp":5000', 9_000],
      [',"timestamp":9000', 5_500],
      [',"timestamp":7000'],
      [""],
      ["", 6_000],
    ] as const) {
      batch.append({ value: sale(own), partition: 0, ...(timestamp && { timestamp }) });
    }
    bySecond.known = new Map([[0, [names.memory]]]);
    sumUp(batch, bySecond);
    const rows = Array.from({ length: bySecond.count }, (_, i) => [
      bySecond.seconds[i],
      bySecond.sales[i],
    ]);
    expect(rows).toEqual([
      [5, 3],
      [7, 1],
      [-1, 1],
      [6, 1],
    ]);
  });

  test("begins a new row before a sum could be rounded", () => {
    const most = bytes('{"product":"x","quantity":9007199,"price":1000}');
    const rows = poll([most, most], indexOf("x"));
    expect(rows.map(({ amount }) => amount)).toEqual([9_007_199e9, 9_007_199e9]);
  });

  test("finds every name of a large index", () => {
    const names = Array.from({ length: 5_000 }, (_, i) => `${"é".repeat(i % 20)}${i}`);
    const products = indexOf(...names);
    for (const product of names) {
      const value = bytes(JSON.stringify({ product, quantity: 1, price: 1 }));
      expect(scan(value, products)?.product).toBe(product);
    }
  });

  test("refuses memory that is none of its own", () => {
    const { memory } = indexOf();
    const call = (sumsOf: ArrayBuffer, places: number[], indexes: ArrayBuffer[]) => () =>
      native.sumUp(batch.memory, sumsOf, places, indexes, flatProgram);
    expect(call(new ArrayBuffer(10), [], [])).toThrow("sums must be the memory of SaleSums");
    expect(call(sums.memory, [0], [])).toThrow("indexes must be as many as places");
    expect(call(sums.memory, [0], [new ArrayBuffer(8)])).toThrow("indexes[0] must be the memory");
    expect(call(sums.memory, [0], [memory.slice(0, -1)])).toThrow("header that fits its size");
    const cut = flatProgram.slice(0, -4);
    expect(() => native.sumUp(batch.memory, sums.memory, [], [], cut)).toThrow("program must be");
  });

  test("accepts nothing that the judge refuses, and reads the same value", () => {
    let accepted = 0;
    fc.assert(
      fc.property(nearlySale, (value) => {
        const names = indexOf("Laptop", "Côte", "x");
        const scanned = scan(value, names);
        if (!scanned) return;
        accepted++;
        const judged = flat.judge({ topic: "sales", key: null, value, headers: [] });
        const [line] = judged.kind === "counted" ? judged.lines : [];
        expect(scanned.product).toBe(line?.product as string);
        expect(BigInt(scanned.quantity * 1e6)).toBe(line?.quantity as bigint);
        expect(BigInt(scanned.amount ?? -1)).toBe(line?.amount as bigint);
      }),
      { numRuns: 20_000 },
    );
    // A generator that the scanner never accepts would prove nothing.
    expect(accepted).toBeGreaterThan(2_000);
  });
});

const number = fc.oneof(
  fc.nat(1_000_000).map(String),
  fc.double({ min: 0, max: 1e6, noNaN: true }).map((price) => price.toFixed(2)),
  fc.stringMatching(/^-?\d{0,17}(\.\d{0,8})?([eE][-+]?\d{1,3})?$/),
);
const space = fc.constantFrom("", "", "", " ", "\n\t");
const field = fc.oneof(
  fc.tuple(
    fc.constant("product"),
    fc.constantFrom('"Laptop"', '"Côte"', '"x"', '"y"', '"\\u0078"', "1"),
  ),
  fc.tuple(fc.constantFrom("quantity", "price"), number),
  fc.tuple(fc.constantFrom("products", "Price", "timestamp"), number),
);
const wellFormed = fc
  .tuple(
    fc.constantFrom('"Laptop"', '"Côte"', '"x"'),
    fc.integer({ min: 1, max: 1e9 }),
    number,
    space,
  )
  .map(([product, quantity, price, gap]) =>
    bytes(`{${gap}"product":${product},"quantity":${gap}${quantity}${gap},"price":${price}}`),
  );
const shuffled = fc
  .tuple(fc.array(field, { minLength: 2, maxLength: 4 }), space)
  .map(([fields, gap]) =>
    bytes(`{${fields.map(([k, v]) => `${gap}"${k}":${v}`).join(`${gap},`)}}`),
  );
/** Sales with a few bytes replaced, removed or doubled. */
const damaged = fc
  .tuple(wellFormed, fc.array(fc.tuple(fc.nat(80), fc.nat(255), fc.nat(2)), { maxLength: 3 }))
  .map(([value, edits]) => {
    const list = [...value];
    for (const [at, byte, kind] of edits) {
      if (kind === 0) list[at % list.length] = byte;
      else list.splice(at % list.length, kind === 1 ? 1 : 0, ...(kind === 1 ? [] : [byte]));
    }
    return new Uint8Array(list);
  });
const nearlySale = fc.oneof(wellFormed, shuffled, damaged);
