/** The fast path and products that are new: which of them it adds to the index. */

import { describe, expect, test } from "bun:test";
import type { ProductIndex } from "../../src/domain/products.ts";
import { RecordBatch } from "../../src/kafka/batch.ts";
import { SaleSums } from "../../src/kafka/sums.ts";
import { flatProgram, programOf, settingsOf } from "../support/programs.ts";
import { indexOf, sumUp } from "../support/sums.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const batch = new RecordBatch({ recordsMax: 100, bytesMax: 100_000 });
const sums = new SaleSums(100, { program: flatProgram });

/** Polls these records of partition 0; returns products and their sales. */
function poll(values: readonly string[], products: ProductIndex) {
  batch.clear();
  for (const value of values) batch.append({ value: bytes(value), partition: 0 });
  sums.known = new Map([[0, [products.memory]]]);
  sumUp(batch, sums);
  return Array.from({ length: sums.count }, (_, i) => [
    products.name(sums.products[i] as number),
    sums.sales[i],
  ]);
}

describe("a new product", () => {
  // With a million products, nearly every sale of a backlog is the first of its product. All of
  // them went to the judge, 256 a poll.
  test("is added to the index, if its name is printable ASCII", () => {
    const names = indexOf("x");
    const last = "~".repeat(256);
    const values = [
      '{"product":"new","quantity":2,"price":1}',
      '{"product":"x","quantity":1,"price":1}',
      '{"order":1,"product":"new","quantity":1,"price":1}',
      `{"order":2,"product":"${last}","quantity":1,"price":1}`,
    ];
    expect(poll(values, names)).toEqual([
      ["new", 2],
      ["x", 1],
      [last, 1],
    ]);
    expect([names.count, names.findOrAdd(bytes("new")), names.findOrAdd(bytes(last))]).toEqual([
      ...[3, 1, 2],
    ]);
    expect([names.name(1), names.arenaBytes]).toEqual(["new", 260]);
  });

  test("is not added by a record that the judge must have", () => {
    const names = indexOf("x");
    const values = [
      '{"product":"no price","quantity":2}',
      '{"product":"bad price","quantity":2,"price":-1}',
      '{"order":1,"product":"worse price","quantity":2,"price":"1"}',
    ];
    expect(poll(values, names)).toEqual([]);
    expect(names.count).toBe(1);
  });

  // The name of the first line stayed, without a total, each time such a record came.
  test("is not added by a record with another product that the judge may refuse", () => {
    const names = indexOf();
    const items = ["plain", "a\u0001"].map((sku) => ({ sku }));
    sums.program = programOf(settingsOf("lines: items[]\nproduct: sku\nprice: 1"));
    expect(poll([JSON.stringify({ items })], names)).toEqual([]);
    expect(names.count).toBe(0);
    expect(poll([JSON.stringify({ items: [...items.slice(0, 1), { sku: "x" }] })], names)).toEqual([
      ["plain", 1],
      ["x", 1],
    ]);
    sums.program = flatProgram;
  });

  test("is left to the judge when the index is full", () => {
    const names = indexOf();
    const sale = (product: string) => JSON.stringify({ product, quantity: 1, price: 1 });
    const room = 128;
    const values = Array.from({ length: room + 1 }, (_, i) => sale(`p${i}`));
    for (let i = 0; i < values.length; i += 50) poll(values.slice(i, i + 50), names);
    expect([names.count, batch.count]).toEqual([room, 1]);
    names.makeRoom();
    expect(poll(values.slice(room), names).length).toBe(1);
    expect(Array.from({ length: room + 1 }, (_, id) => names.name(id))).toEqual(
      values.map((_, i) => `p${i}`),
    );
    // 4 096 bytes are too few for seventeen such names.
    const long = Array.from({ length: 17 }, (_, i) => sale(`${i}`.padStart(256, "-")));
    const full = indexOf();
    expect(poll(long, full).length).toBe(16);
    full.makeRoom();
    expect(poll(long, full).length).toBe(17);
  });
});
