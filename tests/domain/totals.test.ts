import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { exactOf } from "../../src/domain/exact.ts";
import { fitsNumber } from "../../src/domain/money.ts";
import { NO_SUMS } from "../../src/domain/sums.ts";
import { Totals } from "../../src/domain/totals.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** The same fold without any cleverness: a list of sales, cut short by a rollback. */
class Model {
  committed: [number, number, bigint][] = [];
  sealed: [number, number, bigint][] = [];
  open: [number, number, bigint][] = [];

  total(product: number) {
    const rows = [...this.committed, ...this.sealed].filter(([id]) => id === product);
    return {
      quantity: rows.reduce((sum, [, quantity]) => sum + BigInt(quantity), 0n),
      revenue: rows.reduce((sum, [, , amount]) => sum + amount, 0n),
      sales: BigInt(rows.filter(([, quantity]) => quantity >= 0).length),
      returns: BigInt(rows.filter(([, quantity]) => quantity < 0).length),
    };
  }
}

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("sale" as const),
      product: fc.nat(3),
      // Negative ones are returns.
      quantity: fc.integer({ min: -1e9, max: 1e9 }),
      revenue: fc.oneof(fc.bigInt(0n, 10n ** 18n), fc.bigInt(0n, 10n ** 6n)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom("seal" as const, "commit" as const, "rollback" as const),
    }),
  },
);

describe("Totals", () => {
  test("equal the plain fold of the sales, whatever is sealed, committed and rolled back", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const totals = new Totals();
        for (const name of "abcd") totals.products.findOrAdd(bytes(name));
        const model = new Model();
        let sealed = false;
        for (const next of steps) {
          if (next.type === "sale") {
            const amount = BigInt(next.quantity) * next.revenue;
            const { product: id, quantity } = next;
            if (quantity >= 0 && fitsNumber(amount)) {
              totals.apply({ id, sales: 1, quantity, amount: Number(amount) });
            } else {
              const [sales, returns] = quantity < 0 ? [0n, 1n] : [1n, 0n];
              const sums = { quantity: BigInt(quantity), revenue: amount, sales, returns };
              totals.applyLarge(id, sums);
            }
            model.open.push([next.product, next.quantity, amount]);
          } else if (next.type === "seal" && !sealed) {
            const touched = totals.seal();
            expect(touched.toSorted()).toEqual([...new Set(model.open.map(([id]) => id))].sort());
            model.sealed = model.open;
            model.open = [];
            sealed = touched.length > 0;
          } else if (next.type === "commit") {
            totals.commit();
            model.committed.push(...model.sealed);
            model.sealed = [];
            sealed = false;
          } else if (next.type === "rollback") {
            totals.rollback();
            model.sealed = [];
            model.open = [];
            sealed = false;
          }
          for (let id = 0; id < 4; id++) expect(totals.total(id)).toMatchObject(model.total(id));
          const all = [0, 1, 2, 3].map((id) => totals.total(id));
          expect(totals.sum()).toEqual({
            quantity: all.reduce((sum, { quantity }) => sum + quantity, 0n),
            revenue: all.reduce((sum, _, id) => sum + totals.revenue(id), 0n),
            sales: all.reduce((sum, { sales }) => sum + sales, 0n),
            returns: all.reduce((sum, { returns }) => sum + returns, 0n),
          });
        }
      }),
    );
  });

  test("carry more than a number holds without losing a unit", () => {
    const totals = new Totals();
    const id = totals.products.findOrAdd(bytes("Laptop"));
    for (let i = 0; i < 3; i++) {
      totals.apply({ id, sales: 2, quantity: 3, amount: Number.MAX_SAFE_INTEGER });
    }
    const sums = { quantity: 1_000_000_000n, revenue: 10n ** 27n, sales: 1n, returns: 0n };
    totals.applyLarge(id, sums);
    totals.seal();
    expect(totals.total(id)).toEqual({
      product: "Laptop",
      quantity: 1_000_000_009n,
      revenue: 3n * BigInt(Number.MAX_SAFE_INTEGER) + 10n ** 27n,
      sales: 7n,
      returns: 0n,
    });
  });

  test("count a return that comes before any sale, and write its product once", () => {
    const totals = new Totals();
    const id = totals.products.findOrAdd(bytes("Laptop"));
    const back = { quantity: -2n, revenue: -30n, sales: 0n, returns: 1n };
    totals.applyLarge(id, back);
    totals.applyLarge(id, back);
    totals.apply({ id, sales: 1, quantity: 1, amount: 10 });
    expect(totals.seal()).toEqual([id]);
    expect(totals.total(id)).toEqual({
      product: "Laptop",
      quantity: -3n,
      revenue: -50n,
      sales: 1n,
      returns: 2n,
    });
    totals.rollback();
    expect(totals.sum()).toEqual(NO_SUMS);
  });

  test("grow with the number of products", () => {
    const totals = new Totals();
    for (let i = 0; i < 1_000; i++) {
      const id = totals.products.findOrAdd(bytes(`p${i}`));
      totals.apply({ id, sales: 1, quantity: 1, amount: i });
    }
    expect(totals.seal()).toHaveLength(1_000);
    expect(totals.total(999)).toMatchObject({ product: "p999", revenue: 999n });
  });

  test("refuse a second seal while the first is undecided", () => {
    const totals = new Totals();
    const id = totals.products.findOrAdd(bytes("Laptop"));
    totals.apply({ id, sales: 1, quantity: 1, amount: 1 });
    totals.seal();
    totals.apply({ id, sales: 1, quantity: 1, amount: 1 });
    expect(() => totals.seal()).toThrow("the last seal is undecided");
  });

  test("restore replaces a product's total and forgets it at a tombstone", () => {
    const totals = new Totals();
    const laptop = { quantity: 3n, revenue: 5n, sales: 2n, returns: 4n };
    totals.restore(bytes("Laptop"), exactOf({ ...laptop, sales: 1n }));
    totals.restore(bytes("Laptop"), exactOf(laptop));
    totals.restore(bytes("Mouse"), exactOf(laptop));
    totals.restore(bytes("Mouse"), null);
    expect(totals.total(0)).toEqual({ product: "Laptop", ...laptop });
    expect(totals.sales).toBe(2n);
    expect(totals.returns).toBe(4n);
  });
});
