import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { columns } from "../../../src/dashboard/look/look.ts";
import { Lists } from "../../../src/dashboard/model/lists.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { momentAt } from "../../support/clock.ts";
import { key, lookOf, total } from "../fixture.ts";

const live: Status = { state: "live", partitions: 1, lag: 0, notices: [], asOf: momentAt(0) };

function viewOf(totals: Record<string, [price: string, quantity: bigint, sales: bigint]>) {
  const view = new SalesView();
  for (const [name, of] of Object.entries(totals)) view.apply(0, key(name), total(name, ...of));
  view.publish(live, momentAt(0));
  return view;
}

const shop = () =>
  viewOf({
    "Item 10": ["5", 9n, 1n],
    "Item 2": ["7", 1n, 3n],
    "item 1": ["6", 5n, 2n],
    Café: ["1", 7n, 4n],
  });

describe("Lists", () => {
  test.each([
    ["-price", ["Item 2", "item 1", "Item 10", "Café"]],
    ["price", ["Café", "Item 10", "item 1", "Item 2"]],
    ["product", ["Café", "item 1", "Item 2", "Item 10"]],
    ["-quantity", ["Item 10", "Café", "item 1", "Item 2"]],
    ["sales", ["Item 10", "item 1", "Item 2", "Café"]],
    ["-share", ["Item 2", "item 1", "Item 10", "Café"]],
  ])("has them by %s", (sort, expected) => {
    const rows = new Lists().of(shop().board, lookOf(`sort=${sort}`));
    expect(rows.map(({ product }) => product)).toEqual(expected);
  });

  test.each([
    ["cafe", ["Café"]],
    ["ITEM", ["Item 2", "item 1", "Item 10"]],
    ["1 item", ["item 1", "Item 10"]],
    ["nothing", []],
  ])("finds %p", (q, expected) => {
    const rows = new Lists().of(shop().board, lookOf(`q=${encodeURIComponent(q)}`));
    expect(rows.map(({ product }) => product)).toEqual(expected);
  });

  test("says each one's rank by price, whatever the order", () => {
    const { board } = shop();
    const lists = new Lists();
    const rows = lists.of(board, lookOf("sort=product"));
    expect(rows.map((row) => lists.rank(board, row))).toEqual([4, 2, 1, 3]);
  });

  test("follows a board as if it had sorted it anew", () => {
    const step = fc.record({
      name: fc.constantFrom("a", "b", "c", "d", "e"),
      price: fc.nat(9),
      isGone: fc.boolean(),
    });
    const sorts = columns.filter((column) => column !== "change");
    const property = fc.property(fc.array(step), (steps) => {
      const view = new SalesView();
      const lists = new Lists();
      const looks = [...sorts, ...sorts.map((sort) => `-${sort}`)].flatMap((sort) => [
        lookOf(`sort=${sort}`),
        lookOf(`sort=${sort}&q=a`),
      ]);
      for (const { name, price, isGone } of steps) {
        const value = isGone ? null : total(name, String(price), BigInt(price + 1), 1n);
        view.apply(0, key(name), value);
        const change = view.publish(live, momentAt(0));
        if (change) lists.follow(change);
        for (const look of looks) {
          expect(lists.of(view.board, look)).toEqual(new Lists().of(view.board, look));
        }
      }
    });
    fc.assert(property, { numRuns: 50 });
  });
});
