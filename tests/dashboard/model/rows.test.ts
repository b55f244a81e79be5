import { expect, test } from "bun:test";
import fc from "fast-check";
import { byRevenue, compareBy, type Row, reorder } from "../../../src/dashboard/model/rows.ts";

/** Few values, so that many are equal; no sales: the product is gone. */
const figures = fc.record({ price: fc.nat(5), sales: fc.nat(3) });
const board = fc.dictionary(fc.constantFrom(..."abcdefghij"), figures);

function rowsOf(totals: Record<string, { price: number; sales: number }>): Row[] {
  return Object.entries(totals).map(([product, { price, sales }]) => ({
    id: product.charCodeAt(0),
    product,
    quantity: BigInt(sales),
    revenue: BigInt(price),
    sales: BigInt(sales),
    returns: 0n,
  }));
}

const isSold = ({ sales }: Row) => sales > 0n;

test("reorder has what a sort of all rows has, whatever has changed", () => {
  const sorts = fc.constantFrom("-price", "price", "product", "-sales", "quantity", "-share");
  fc.assert(
    fc.property(board, board, sorts, (before, changed, sort) => {
      const compare = compareBy(sort as Parameters<typeof compareBy>[0]);
      const last = rowsOf(before).filter(isSold).sort(compare);
      const all = rowsOf({ ...before, ...changed }).filter(isSold);
      expect(reorder(last, rowsOf(changed), compare)).toEqual(all.sort(compare));
    }),
  );
});

test("reorder leaves a list alone of which nothing has changed", () => {
  const last = rowsOf({ a: { price: 2, sales: 1 }, b: { price: 1, sales: 1 } });
  expect(reorder(last, [], byRevenue)).toBe(last);
});
