import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ProductIndex } from "../../src/domain/products.ts";
import { History } from "../../src/history/history.ts";
import { type FoundHistory, lawBroken, Recount } from "../../src/verify/recount.ts";

const START = Date.UTC(2026, 10, 24) / 1000;
const names = ["Laptop", "Mouse", "Côte"];
const index = new ProductIndex();
for (const name of names) index.findOrAdd(new TextEncoder().encode(name));
const sums = (sales = 1n) => ({
  sales,
  returns: 0n,
  quantity: 2_000_000n * sales,
  revenue: 3_000_000n * sales,
});
const whole = { partition: 0, products: names.length, isRemoved: false };

/** What the topic would hold after these sales, each a product's number and a second. */
function kept(sales: readonly (readonly [id: number, second: number])[]): FoundHistory {
  const history = new History();
  for (const [id, second] of sales) history.applyLarge({ second, id, ...sums() }, second);
  history.seal();
  const note = { group: "g", inputOffset: sales.length, ...history.state };
  return { bookkeeping: note, slots: history.slots, names: index };
}

function recount(found: FoundHistory, sales: readonly (readonly [number, number])[]): Recount {
  const counted = new Recount(found);
  for (const [id, second] of sales) counted.add(second, names[id] as string, sums());
  return counted;
}

describe("Recount", () => {
  test("finds history equal whatever the times and their order", () => {
    // From seconds to months, forwards and back: every boundary moves, and much comes late.
    const step = fc.oneof(fc.integer({ min: -90, max: 90 }), fc.integer({ min: -9e6, max: 9e6 }));
    const property = fc.property(
      fc.array(fc.tuple(fc.nat(2), step), { maxLength: 60 }),
      (steps) => {
        let second = START;
        const sales = steps.map(([id, by]) => {
          second = Math.max(0, second + by);
          return [id, second] as const;
        });
        const found = kept(sales);
        expect(recount(found, sales).differences(whole)).toEqual([]);
        expect(lawBroken(found)).toBeUndefined();
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  test("names slot and product of what differs", () => {
    const sales = [
      [0, START],
      [1, START + 1],
    ] as const;
    const found = kept(sales);
    expect(recount(found, [...sales, [1, START + 1]]).differences(whole)).toEqual([
      {
        partition: 0,
        slot: `second/${(START + 1) % 960} from 2026-11-24T00:00:01Z`,
        product: null,
        recomputed: "2 sales, 4 units, 6.00",
        found: "1 sales, 2 units, 3.00",
      },
      expect.objectContaining({ product: "Mouse" }),
    ]);
    expect(recount(found, sales.slice(1)).differences(whole)).toEqual([
      expect.objectContaining({ product: null, recomputed: "nothing" }),
      expect.objectContaining({ product: "Laptop", recomputed: "nothing" }),
    ]);
  });

  test("allows for input that retention removed, and for sales that were not recorded", () => {
    const sales = [
      [0, START],
      [1, START + 1],
    ] as const;
    const found = kept(sales);
    const less = recount(found, sales.slice(1));
    expect(less.differences({ ...whole, isRemoved: true })).toEqual([]);
    const more = () => recount(found, [...sales, [2, START]]);
    expect(more().differences({ ...whole, isRemoved: true })).toHaveLength(1);
    found.bookkeeping.unrecorded = 1;
    expect(more().differences(whole)).toEqual([]);
    expect(recount(found, sales.slice(1)).differences(whole)).toHaveLength(2);
  });
});

test("lawBroken says what does not add up", () => {
  const found = kept([[0, START]]);
  found.bookkeeping.sales = 2;
  expect(lawBroken(found)).toBe("1 sales in slots, 0 older and 0 unrecorded");
});
