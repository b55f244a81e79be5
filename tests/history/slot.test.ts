import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NO_SUMS, plus, type Sums } from "../../src/domain/sums.ts";
import { Sheet } from "../../src/history/running-sums.ts";
import { HISTORY_PRODUCTS_MAX, REST, Slot } from "../../src/history/slot.ts";

const sale = (id: number) => ({ id, quantity: 2, amount: 30, sales: 1, returns: 0n });
const all = () => true;

test("Sheet adds up many slots by product, exactly", () => {
  const sheet = new Sheet();
  const sizes = [30n, BigInt(Number.MAX_SAFE_INTEGER), 2n ** 60n];
  for (const price of sizes) {
    const slot = new Slot("second", 0);
    slot.addLarge(1, { quantity: 1n, revenue: price, sales: 1n, returns: 0n }, true);
    slot.addLarge(2, { quantity: price, revenue: 1n, sales: 1n, returns: 0n }, false);
    slot.addEachTo(sheet);
  }
  const sum = sizes.reduce((a, b) => a + b);
  expect(sheet.values).toEqual(
    new Map([
      [1, { quantity: 3n, revenue: sum, sales: 3n, returns: 0n }],
      [REST, { quantity: sum, revenue: 3n, sales: 3n, returns: 0n }],
    ]),
  );
});

describe("Slot", () => {
  test("adds up exactly, whatever the size", () => {
    const size = fc.oneof(fc.bigInt(-(2n ** 54n), 2n ** 54n), fc.bigInt(-(10n ** 27n), 10n ** 27n));
    const rows = fc.array(fc.tuple(fc.nat(3), size, size, fc.bigInt(0n, 2n)), { maxLength: 40 });
    fc.assert(
      fc.property(rows, (rows) => {
        const slot = new Slot("second", 0);
        const expected = new Map<number, Sums>();
        for (const [id, quantity, revenue, returns] of rows) {
          const sums = { quantity, revenue, sales: 1n, returns };
          slot.addLarge(id, sums, true);
          expected.set(id, plus(expected.get(id) ?? NO_SUMS, sums));
        }
        for (const [id, sums] of expected) expect(slot.sums(id)).toEqual(sums);
        expect(slot.total()).toEqual([...expected.values()].reduce(plus, NO_SUMS));
      }),
    );
  });

  test("keeps at most 64 products apart, and adds up all others as the rest", () => {
    const slot = new Slot("minute", 0);
    for (let id = 0; id < 100; id++) slot.add(sale(id), true);
    slot.add(sale(3), false);
    expect(slot.products).toBe(HISTORY_PRODUCTS_MAX);
    expect(slot.sums(3)).toEqual({ quantity: 4n, revenue: 60n, sales: 2n, returns: 0n });
    expect(slot.sums(64)).toEqual(NO_SUMS);
    expect(slot.sums(REST)).toEqual({ quantity: 72n, revenue: 1080n, sales: 36n, returns: 0n });
    expect(slot.total().sales).toBe(101n);
  });

  test("counts a product to the rest that may not enter", () => {
    const slot = new Slot("minute", 0);
    slot.add(sale(1), false);
    slot.addLarge(2, { quantity: 1n, revenue: 2n ** 80n, sales: 1n, returns: 0n }, false);
    expect(slot.ids()).toEqual([REST]);
    expect(slot.sums(REST)).toEqual({
      quantity: 3n,
      revenue: 2n ** 80n + 30n,
      sales: 2n,
      returns: 0n,
    });
  });

  test("merges a finer slot, and its rest into the rest", () => {
    const finer = new Slot("second", 60);
    finer.add(sale(1), true);
    finer.add(sale(2), false);
    finer.addLarge(1, { quantity: 1n, revenue: 2n ** 60n, sales: 1n, returns: 0n }, true);
    const slot = new Slot("minute", 1);
    slot.add(sale(1), true);
    slot.merge(finer, all);
    expect(slot.sums(1)).toEqual({
      quantity: 5n,
      revenue: 2n ** 60n + 60n,
      sales: 3n,
      returns: 0n,
    });
    expect(slot.sums(REST)).toEqual({ quantity: 2n, revenue: 30n, sales: 1n, returns: 0n });
  });

  test("never changes once it is sealed; a copy does, and leaves it alone", () => {
    const slot = new Slot("hour", 5);
    slot.addLarge(1, { quantity: 1n, revenue: 2n ** 60n, sales: 1n, returns: 0n }, true);
    slot.seal();
    expect(() => slot.add(sale(1), true)).toThrow("it is sealed");
    const copy = slot.copy();
    copy.add(sale(1), true);
    copy.addLarge(1, { quantity: 1n, revenue: 2n ** 60n, sales: 1n, returns: 0n }, true);
    for (let id = 10; id < 20; id++) copy.add(sale(id), true);
    expect(slot.sums(1)).toEqual({ quantity: 1n, revenue: 2n ** 60n, sales: 1n, returns: 0n });
    expect(slot.ids()).toEqual([1]);
    expect(copy.sums(1)).toEqual({
      quantity: 4n,
      revenue: 2n ** 61n + 30n,
      sales: 3n,
      returns: 0n,
    });
  });

  test("takes at most 50 bytes for each of 64 products", () => {
    const slot = new Slot("second", 0);
    for (let id = 0; id < 100; id++) slot.add(sale(id), true);
    expect(slot.bytes).toBeLessThanOrEqual(50 * HISTORY_PRODUCTS_MAX);
  });
});
