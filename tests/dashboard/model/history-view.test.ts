import { describe, expect, test } from "bun:test";
import { HistoryView } from "../../../src/dashboard/model/history-view.ts";
import type { Ring } from "../../../src/history/rings.ts";
import { PastWriter } from "../past-writer.ts";

const START = Date.UTC(2026, 10, 24) / 1000;
const DAY = 86_400;

const sales = (sums: readonly { sales: bigint }[]) => sums.map((each) => Number(each.sales));
/** In one slot. */
const salesIn = (past: HistoryView, ring: Ring, first: number) =>
  sales(past.series(ring, { first, count: 1 }, []).all)[0];
const revenues = (sums: readonly { revenue: bigint }[]) =>
  sums.map((each) => Number(each.revenue) / 1e6);

describe("HistoryView", () => {
  test("shows a transaction when it is whole, and not before", () => {
    const past = new HistoryView();
    const writer = new PastWriter(past).sell(0, START);
    expect(past.isKept).toBe(false);
    writer.slots();
    expect(past.partition(0).isWhole).toBe(false);
    expect(salesIn(past, "second", START)).toBe(0);
    writer.note();
    expect(past.partition(0).isWhole).toBe(true);
    expect(salesIn(past, "second", START)).toBe(1);
    expect(past.isKept).toBe(true);
    expect(past.takeChanged()).toEqual([{ ring: "second", index: START }]);
    expect(past.takeChanged()).toEqual([]);
  });

  test("adds up partitions, by product, in slots of any size", () => {
    const past = new HistoryView();
    const writer = new PastWriter(past, 0).sell(0, START, 3).sell(1, START + 2, 5);
    new PastWriter(past, 1)
      .sell(0, START, 4)
      .sell(2, START + 1, 7)
      .commit();
    writer.commit();
    const series = past.series("second", { first: START, count: 4 }, ["Laptop", "nobody's"]);
    expect(series).toMatchObject({ start: START, step: 1 });
    expect(revenues(series.all)).toEqual([7, 7, 5, 0]);
    expect(revenues(series.products[0]?.sums ?? [])).toEqual([7, 0, 0, 0]);
    expect(revenues(series.products[1]?.sums ?? [])).toEqual([0, 0, 0, 0]);
    expect(revenues(series.rest)).toEqual([0, 7, 5, 0]);
    const minute = { first: START / 60, count: 1 };
    expect(revenues(past.series("minute", minute, []).all)).toEqual([19]);
    expect(sales(past.series("hour", { first: START / 3600, count: 1 }, []).all)).toEqual([4]);
    expect(past.largest("minute", minute, 2)).toEqual(["Laptop", "Côte"]);
    expect(past.since).toBe(START);
  });

  test("still finds what has passed into a coarser ring, and only there", () => {
    const past = new HistoryView();
    const writer = new PastWriter(past);
    writer.sell(0, START).sell(0, START + 1);
    writer.commit();
    writer.sell(1, START + 2 * 3600);
    writer.commit();
    expect(salesIn(past, "second", START)).toBe(0);
    expect(salesIn(past, "minute", START / 60)).toBe(2);
    writer.sell(1, START + 3 * DAY);
    writer.commit();
    expect(salesIn(past, "minute", START / 60)).toBe(0);
    expect(sales(past.series("hour", { first: START / 3600, count: 3 }, []).all)).toEqual([
      2, 0, 1,
    ]);
    writer.sell(1, START + 100 * DAY);
    writer.commit();
    expect(past.notes).toEqual({ state: "kept", older: 4n, unknown: 0, hasRest: false });
    expect(salesIn(past, "hour", START / 3600)).toBe(0);
  });

  test("shows what it had while the log is read anew", () => {
    const past = new HistoryView();
    new PastWriter(past).sell(0, START).commit();
    past.restart(0);
    expect(salesIn(past, "second", START)).toBe(1);
    new PastWriter(past).sell(1, START).sell(1, START).commit();
    expect(salesIn(past, "second", START)).toBe(1);
    past.markCaughtUp(0);
    expect(salesIn(past, "second", START)).toBe(2);
  });

  test("is not known before all partitions are read, or there is none", () => {
    const past = new HistoryView();
    expect(past.state).toBe("none");
    for (const id of [0, 1]) past.restart(id);
    new PastWriter(past, 0).sell(0, START).commit();
    past.markCaughtUp(0);
    expect(past.state).toBe("reading");
    expect(past.isKept).toBe(false);
    const { version } = past;
    past.markCaughtUp(1);
    expect(past.state).toBe("kept");
    expect(past.version).toBeGreaterThan(version);
    // A log that is read anew leaves what was known.
    past.restart(0);
    expect(past.state).toBe("kept");
    const empty = new HistoryView();
    empty.restart(0);
    empty.markCaughtUp(0);
    expect(empty.state).toBe("none");
  });

  test("says that there are more products than have slots of their own", () => {
    const past = new HistoryView();
    const names = Array.from({ length: 65 }, (_, i) => `Product ${i}`);
    const writer = new PastWriter(past, 0, names);
    for (const id of names.keys()) writer.sell(id, START, id + 1);
    writer.commit();
    expect(past.notes.hasRest).toBe(true);
    const range = { first: START, count: 1 };
    const { all, rest } = past.series("second", range, ["Product 64"]);
    expect(revenues(all)).toEqual([(65 * 66) / 2]);
    const rows = [...past.rows("second", range)];
    expect(rows.filter(({ product }) => product === undefined)).toHaveLength(1);
    expect(revenues(rest)[0]).toBeGreaterThan(1);
  });

  test("counts sales that a log has lost", () => {
    const past = new HistoryView();
    const writer = new PastWriter(past).sell(0, START);
    writer.commit();
    past.restart(0);
    writer.sell(0, START + 1);
    writer.commit();
    past.markCaughtUp(0);
    expect(past.notes.unknown).toBe(1);
  });

  test("knows of each product the last minute, and the revenue of the last fifteen", () => {
    const past = new HistoryView();
    const now = START + 890;
    const writer = new PastWriter(past);
    writer
      .sell(0, now - 61, 2)
      .sell(0, now - 5, 3)
      .sell(0, now + 2, 4)
      .sell(1, now - 880, 9);
    writer.commit();
    const recent = past.recent(now * 1000);
    expect(recent.get("Laptop")?.minute).toEqual({
      quantity: 2_000_000n,
      revenue: 7_000_000n,
      sales: 2n,
      returns: 0n,
    });
    expect(recent.get("Laptop")?.minutes.slice(-2)).toEqual([2_000_000n, 7_000_000n]);
    expect(recent.get("Mouse")?.minutes[0]).toBe(9_000_000n);
    expect(past.lastMinute(now * 1000)).toMatchObject({ revenue: 7_000_000n, sales: 2n });
    expect(recent.get("Mouse")?.minute.sales).toBe(0n);
    expect(past.recent(now * 1000)).toBe(recent);
  });
});
