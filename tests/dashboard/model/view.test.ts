import { describe, expect, test } from "bun:test";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { formatAmount } from "../../../src/domain/money.ts";
import { momentOf } from "../../../src/lib/clock.ts";
import { BOOKKEEPING_KEY } from "../../../src/wire/bookkeeping.ts";
import { dayKey, encodeDay } from "../../../src/wire/day-record.ts";
import { NotATotalError } from "../../../src/wire/output-record.ts";
import { bookkeepingRecord } from "../../support/bookkeeping.ts";
import { momentAt, TestClock } from "../../support/clock.ts";
import { key, returned, total } from "../fixture.ts";

const live: Status = { state: "live", partitions: 2, lag: 0, notices: [], asOf: momentAt(0) };

function bookkeeping(deadLetters: bigint, sales = 0n): Uint8Array {
  return bookkeepingRecord({ inputOffset: 1, sales, deadLetters });
}

const shown = (view: SalesView) =>
  view.board.rows.map(({ product, revenue }) => `${product} ${formatAmount(revenue)}`);

describe("SalesView", () => {
  test("sums a product over partitions, and replaces within one", () => {
    const view = new SalesView();
    view.apply(0, key("Laptop"), total("Laptop", "0.10", 1n));
    view.apply(1, key("Laptop"), total("Laptop", "0.20", 2n));
    view.publish(live);
    expect(view.board.rows).toMatchObject([{ revenue: 300_000n, quantity: 3_000_000n, sales: 3n }]);
    view.apply(0, key("Laptop"), total("Laptop", "0.30", 3n));
    view.publish(live);
    expect(view.board.rows).toMatchObject([{ revenue: 500_000n, quantity: 5_000_000n, sales: 5n }]);
    const all = { revenue: 500_000n, quantity: 5_000_000n, sales: 5n, returns: 0n };
    expect(view.board.total).toEqual(all);
  });

  // Decoded, both were one name: the total of one replaced the other's, and the sum never matched
  // the bookkeeping again.
  test("keeps names apart that differ by a byte order mark", () => {
    const view = new SalesView();
    view.apply(0, key("Tea"), total("Tea", "1", 1n));
    view.apply(0, key("\uFEFFTea"), total("\uFEFFTea", "2", 1n));
    view.apply(0, BOOKKEEPING_KEY, bookkeeping(0n, 2n));
    view.publish(live);
    expect(view.partition(0).isWhole).toBe(true);
    expect(shown(view)).toEqual(["\uFEFFTea 2.00", "Tea 1.00"]);
  });

  test("takes the record of an ended day for no product", () => {
    const view = new SalesView();
    const sums = { quantity: 1_000_000n, revenue: 1_000_000n, sales: 1n, returns: 0n };
    const day = encodeDay({ product: "Tea", day: "2026-11-25", ...sums });
    view.apply(0, key("Tea"), total("Tea", "1", 1n));
    view.apply(0, dayKey(key("Tea"), "2026-11-25"), day);
    view.publish(live);
    expect(view.partition(0).isWhole).toBe(true);
    expect(shown(view)).toEqual(["Tea 1.00"]);
  });

  test("refuses a total under another key", () => {
    const view = new SalesView();
    const apply = () => view.apply(0, key("Coffee"), total("Tea", "1", 1n));
    expect(apply).toThrow("the key names Coffee, but the value names Tea");
    expect(apply).toThrow(NotATotalError);
  });

  test("keeps amounts that floating point gets wrong", () => {
    const view = new SalesView();
    view.apply(0, key("a"), total("a", "1000000000000000000000.00"));
    view.apply(1, key("a"), total("a", "0.000001"));
    view.publish(live);
    expect(shown(view)).toEqual(["a 1000000000000000000000.000001"]);
  });

  test("orders by revenue, then name", () => {
    const view = new SalesView();
    for (const [name, price] of [
      ["b", "1"],
      ["c", "2"],
      ["a", "1"],
    ] as const) {
      view.apply(0, key(name), total(name, price));
    }
    view.publish(live);
    expect(shown(view)).toEqual(["c 2.00", "a 1.00", "b 1.00"]);
    view.apply(0, key("b"), total("b", "3"));
    view.publish(live);
    expect(shown(view)).toEqual(["b 3.00", "c 2.00", "a 1.00"]);
  });

  test("publishes only what changed, and nothing when nothing did", () => {
    const view = new SalesView();
    view.apply(0, key("a"), total("a", "1"));
    view.apply(0, key("b"), total("b", "2"));
    expect(view.publish(live, momentAt(0))?.changed).toHaveLength(2);
    view.apply(0, key("a"), total("a", "1"));
    expect(view.publish(live, momentAt(0))).toBeUndefined();
    const [, rowOfA] = view.board.rows;
    view.apply(0, key("b"), total("b", "3"));
    const change = view.publish(live, momentAt(0));
    expect(change?.changed.map(({ product }) => product)).toEqual(["b"]);
    expect(view.board.rows[1]).toBe(rowOfA as NonNullable<typeof rowOfA>);
    expect(change?.before.rows[0]?.revenue).toBe(2_000_000n);
  });

  test("has news once something whole was read, until it is published", () => {
    const view = new SalesView();
    expect(view.hasNews).toBe(false);
    view.apply(0, key("a"), total("a", "1"));
    expect(view.hasNews).toBe(true);
    view.publish(live);
    expect(view.hasNews).toBe(false);
    view.apply(0, BOOKKEEPING_KEY, bookkeeping(0n, 2n));
    expect(view.hasNews).toBe(false);
    view.apply(0, key("a"), total("a", "2", 2n));
    expect(view.hasNews).toBe(true);
  });

  test("forgets a product by its tombstone, and gives its id back when it returns", () => {
    const view = new SalesView();
    view.apply(0, key("a"), total("a", "1"));
    view.apply(0, key("b"), total("b", "2"));
    view.publish(live);
    const id = view.board.rows.find(({ product }) => product === "a")?.id;
    view.apply(0, key("a"), null);
    expect(view.publish(live)?.changed).toMatchObject([{ product: "a", sales: 0n }]);
    expect(shown(view)).toEqual(["b 2.00"]);
    view.apply(1, key("a"), total("a", "5"));
    view.publish(live);
    expect(view.board.rows[0]).toMatchObject({ product: "a", id });
  });

  test("forgets a partition and keeps the others", () => {
    const view = new SalesView();
    view.apply(0, key("a"), total("a", "1"));
    view.apply(1, key("a"), total("a", "2"));
    view.apply(0, BOOKKEEPING_KEY, bookkeeping(7n, 1n));
    view.publish(live);
    expect(view.board.deadLetters).toBe(7n);
    view.restart(0);
    view.markCaughtUp(0);
    view.publish(live);
    expect(shown(view)).toEqual(["a 2.00"]);
    expect(view.board.deadLetters).toBe(0n);
  });

  test("adds the dead letters of all partitions and shows no bookkeeping as a product", () => {
    const view = new SalesView();
    view.apply(0, BOOKKEEPING_KEY, bookkeeping(2n));
    view.apply(1, BOOKKEEPING_KEY, bookkeeping(3n));
    view.apply(1, BOOKKEEPING_KEY, bookkeeping(4n));
    view.publish(live);
    expect(view.board).toMatchObject({ deadLetters: 6n, rows: [] });
  });

  test("shows a transaction only when the totals add up to what its bookkeeping counts", () => {
    const view = new SalesView();
    view.apply(0, key("a"), total("a", "1"));
    view.apply(0, BOOKKEEPING_KEY, bookkeeping(0n, 1n));
    view.publish(live);
    view.apply(0, key("a"), total("a", "3", 2n));
    view.apply(0, key("b"), total("b", "2"));
    view.publish(live);
    expect(shown(view)).toEqual(["a 1.00"]);
    view.apply(0, BOOKKEEPING_KEY, bookkeeping(0n, 3n));
    view.publish(live);
    expect(shown(view)).toEqual(["a 3.00", "b 2.00"]);
    expect(view.board.total.sales).toBe(3n);
  });

  test("shows nothing before it was live once", () => {
    const view = new SalesView();
    view.apply(0, key("a"), total("a", "1"));
    view.publish({ ...live, state: "restoring" });
    expect(view.board).toMatchObject({ isComplete: false, rows: [], total: { sales: 0n } });
    view.publish(live);
    expect(view.board).toMatchObject({ isComplete: true, total: { sales: 1n } });
  });

  test("keeps what it shows while a partition is read again, and says so when it went down", () => {
    const view = new SalesView();
    view.apply(0, key("a"), total("a", "5", 5n));
    view.apply(0, key("b"), total("b", "1"));
    view.publish(live);
    view.restart(0);
    view.apply(0, key("a"), total("a", "2", 2n));
    view.publish({ ...live, state: "restoring" });
    expect(shown(view)).toEqual(["a 5.00", "b 1.00"]);
    view.apply(0, key("a"), total("a", "7", 7n));
    view.apply(0, key("b"), total("b", "1"));
    view.markCaughtUp(0);
    view.publish(live);
    expect(shown(view)).toEqual(["a 7.00", "b 1.00"]);
    expect(view.board.notices).toEqual([]);
    view.restart(0);
    view.apply(0, key("a"), total("a", "3", 3n));
    view.markCaughtUp(0);
    const at = Date.UTC(2026, 10, 24);
    view.publish(live, momentAt(at));
    expect(shown(view)).toEqual(["a 3.00"]);
    expect(view.board.notices).toEqual([
      "Totals went down at 2026-11-24T00:00:00.000Z: the output topic was restored or recreated.",
    ]);
    view.publish(live, momentAt(at + 2 * 60 * 60 * 1000));
    expect(view.board.notices).toEqual([]);
  });

  test("takes __proto__ and constructor for products like any other", () => {
    const view = new SalesView();
    for (const name of ["__proto__", "constructor"]) view.apply(0, key(name), total(name, "1"));
    view.publish(live);
    expect(shown(view)).toEqual(["__proto__ 1.00", "constructor 1.00"]);
  });

  test("rejects what is no total and skips records without a key", () => {
    const view = new SalesView();
    expect(() => view.apply(0, key("a"), key("{}"))).toThrow(NotATotalError);
    view.apply(0, null, total("a", "1"));
    view.publish(live);
    expect(view.board.rows).toEqual([]);
  });

  test("measures sales per second once it is live, and comes down to 0", () => {
    const view = new SalesView();
    view.apply(0, key("a"), total("a", "1", 1_000_000n));
    view.publish({ ...live, state: "restoring" }, momentAt(0));
    expect(view.board.salesPerSecond).toBeUndefined();
    for (let second = 0; second <= 10; second++) {
      view.apply(0, key("a"), total("a", "1", 1_000_000n + BigInt(second * 25)));
      view.publish(live, momentAt(second * 1000));
    }
    expect(view.board.salesPerSecond).toBe(25);
    for (let second = 11; second <= 30; second++) view.publish(live, momentAt(second * 1000));
    expect(view.board.salesPerSecond).toBe(0);
  });

  // By the time of day, a rate stayed until the clock had come back to where it was.
  test("measures sales per second when somebody sets the clock back", () => {
    const view = new SalesView();
    const clock = new TestClock();
    for (let second = 0; second <= 30; second++) {
      if (second === 10) clock.step(-3_600_000);
      if (second <= 10) view.apply(0, key("a"), total("a", "1", BigInt(1 + second * 25)));
      view.publish(live, momentOf(clock));
      if (second === 10) expect(view.board.salesPerSecond).toBe(25);
      clock.pass(1_000);
    }
    expect(view.board.salesPerSecond).toBe(0);
  });

  // Returns lower what was sold lawfully: only fewer lines tell of a topic that was restored.
  test("says nothing of totals that returns have lowered", () => {
    const view = new SalesView();
    const sold = { quantity: 5_000_000n, price: "50", sales: 5n, returns: 0n };
    view.apply(0, key("a"), returned("a", sold));
    view.publish(live);
    view.apply(0, key("a"), returned("a", { ...sold, quantity: -1n, price: "-7", returns: 9n }));
    view.publish(live);
    expect(view.board).toMatchObject({ notices: [], total: { revenue: -7_000_000n, returns: 9n } });
    view.apply(0, key("a"), returned("a", { ...sold, returns: 8n }));
    view.publish(live);
    expect(view.board.notices.join()).toContain("Totals went down");
  });

  test("keeps a product that was only ever returned", () => {
    const view = new SalesView();
    const only = { quantity: -1_000_000n, price: "-5", sales: 0n, returns: 1n };
    view.apply(0, key("a"), returned("a", only));
    view.publish(live);
    expect(view.board.rows).toMatchObject([{ product: "a", sales: 0n, returns: 1n }]);
  });

  test("shows nothing of a transaction of which the returns are missing", () => {
    const view = new SalesView();
    view.apply(0, BOOKKEEPING_KEY, bookkeepingRecord({ sales: 1n, returns: 1n, inputOffset: 2 }));
    view.apply(0, key("a"), total("a", "1"));
    view.publish(live);
    expect(view.board.rows).toEqual([]);
    const figures = { quantity: 0n, price: "0", sales: 1n, returns: 1n };
    view.apply(0, key("a"), returned("a", figures));
    view.publish(live);
    expect(view.board.rows).toHaveLength(1);
  });

  test("counts records that were filtered", () => {
    const view = new SalesView();
    view.apply(0, BOOKKEEPING_KEY, bookkeepingRecord({ filtered: 4n, inputOffset: 4 }));
    view.publish(live);
    expect(view.board.filtered).toBe(4n);
  });
});
