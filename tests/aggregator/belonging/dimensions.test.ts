/** When the totals by a dimension may go on with those by product. */

import { describe, expect, test } from "bun:test";
import { dimensionsContradiction } from "../../../src/aggregator/belonging/dimensions.ts";
import { dayNumber } from "../../../src/domain/day.ts";
import { exactOf } from "../../../src/domain/exact.ts";
import { Totals } from "../../../src/domain/totals.ts";
import type { Restored } from "../../../src/state/totals-log.ts";
import type { Bookkeeping } from "../../../src/wire/bookkeeping.ts";
import { bookkeepingOf } from "../../support/bookkeeping.ts";
import { configOf } from "../../support/context.ts";

const rules = "product: p; price: 1; by store: s";
const config = configOf("run", "--brokers", "k:9092", "--output-topic", "out", "--map", rules);
const day = { zone: "UTC", latest: "2026-11-27", outsideSales: 0n, outsideReturns: 0n };

/** What a topic says: `sales` by name, and its bookkeeping. */
function restored(sales: Record<string, bigint>, note?: Partial<Bookkeeping>): Restored {
  const totals = new Totals();
  for (const [product, count] of Object.entries(sales)) {
    const sums = exactOf({ quantity: count, revenue: 0n, sales: count, returns: 0n });
    const id = totals.restore(new TextEncoder().encode(product), sums);
    totals.days.restoreLast(id, { day: dayNumber(day.latest) as number, ...sums });
  }
  const bookkeeping = note && bookkeepingOf({ sequence: 7, inputOffset: 5, days: day, ...note });
  return { problem: undefined, totals, bookkeeping, end: 9 };
}

const output = restored({ Tea: 2n, Cup: 3n }, { sales: 5n });
const contradiction = (dimension: Restored, of = output) =>
  dimensionsContradiction(of, [dimension], config);
const reset = "to count anew, stop all aggregators and type `salesboard reset";

describe("dimensionsContradiction", () => {
  test("finds none in totals of the same transaction, and none before the first one", () => {
    expect(contradiction(restored({ Nord: 4n, "(none)": 1n }, { sales: 5n }))).toBeUndefined();
    expect(contradiction(restored({}), restored({}))).toBeUndefined();
  });

  test("finds a topic that somebody emptied, and one that outlived the output", () => {
    expect(contradiction(restored({}))).toStartWith(
      `out holds totals, but out.by-store holds none; ${reset}`,
    );
    const old = restored({ Nord: 5n }, { sales: 5n });
    expect(contradiction(old, restored({}))).toStartWith(
      `out.by-store holds totals, but out holds none; ${reset}`,
    );
  });

  test.each([
    ["another offset", { inputOffset: 4 }, 4],
    ["another transaction", { sequence: 6 }, 5],
  ])("finds totals of %s", (_, note, offset) => {
    expect(contradiction(restored({ Nord: 5n }, { sales: 5n, ...note }))).toStartWith(
      `the totals in out.by-store go up to offset ${offset}, but those in out go up to 5; ${reset}`,
    );
  });

  test("finds a line too few, and one too many", () => {
    for (const count of [4n, 6n]) {
      expect(contradiction(restored({ Nord: count }, { sales: 5n }))).toStartWith(
        `out.by-store holds totals of ${count} sales, but 5 were counted; ${reset}`,
      );
    }
  });

  test("finds a day that is lost, unless the embedded broker has lost it", () => {
    const dimension = restored({ Nord: 5n }, { sales: 5n });
    dimension.totals.days.restoreLast(0, undefined);
    expect(contradiction(dimension)).toBe(
      "out.by-store holds 0 sales in days and 0 outside of them, but totals of 5 sales",
    );
    const embedded = { ...config, isEmbedded: true };
    expect(dimensionsContradiction(output, [dimension], embedded)).toBeUndefined();
  });

  test("says which record cannot be read, and what to do", () => {
    const problem = "out.by-store, partition 0, offset 3, is none of ours";
    const dimension = { ...restored({ Nord: 5n }, { sales: 5n }), problem };
    expect(contradiction(dimension)).toStartWith(`${problem}; ${reset}`);
  });
});
