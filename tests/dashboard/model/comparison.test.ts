import { expect, test } from "bun:test";
import {
  Comparer,
  type Comparison,
  growthPermille,
} from "../../../src/dashboard/model/comparison.ts";
import { Graph } from "../../../src/dashboard/model/graph.ts";
import { HistoryView } from "../../../src/dashboard/model/history-view.ts";
import { dayNumber } from "../../../src/domain/day.ts";
import { HISTORY_PRODUCTS_MAX } from "../../../src/history/slot.ts";
import { momentAt } from "../../support/clock.ts";
import { PastWriter } from "../past-writer.ts";

const second = (iso: string) => Date.parse(iso) / 1_000;

const names = Array.from({ length: HISTORY_PRODUCTS_MAX + 1 }, (_, i) => `Product ${i}`);

/** What stands in history, sold at these times for these prices; compared at `now`. */
function compared(sales: Record<string, number>, now: string, zone = "UTC", day?: string) {
  const past = new HistoryView();
  const writer = new PastWriter(past, 0, names);
  for (const [iso, price] of Object.entries(sales)) writer.sell(0, second(iso), price);
  writer.commit();
  return comparedIn(past, now, zone, day);
}

function comparedIn(past: HistoryView, now: string, zone = "UTC", day?: string) {
  const graph = new Graph(past);
  const moment = momentAt(Date.parse(now));
  graph.turn(moment);
  const today = dayNumber(day ?? now.slice(0, 10)) ?? 0;
  const days = { zone, today, first: undefined, incompleteTo: undefined };
  return new Comparer(graph).at(days, moment);
}

const revenues = (of: Comparison | undefined) =>
  of && [of.hour, of.sums.revenue / 1_000_000n, of.before.revenue / 1_000_000n];

test("both days are added up to the same full hour", () => {
  const sales = {
    "2026-11-18T12:00:00Z": 1_000,
    "2026-11-19T00:00:00Z": 10,
    "2026-11-19T13:59:59Z": 30,
    "2026-11-19T14:00:00Z": 500,
    "2026-11-26T00:00:00Z": 20,
    "2026-11-26T13:59:59Z": 25,
    "2026-11-26T14:10:00Z": 700,
  };
  expect(revenues(compared(sales, "2026-11-26T14:20:00Z"))).toEqual([14, 45n, 40n]);
  expect(revenues(compared(sales, "2026-11-26T13:59:59Z"))).toEqual([13, 20n, 10n]);
});

// The clocks went back on 25 October: midnight was at 22:00 UTC before, and at 23:00 UTC after.
test("each day has the hours of its own offset", () => {
  const sales = {
    "2026-10-17T12:00:00Z": 1,
    "2026-10-18T22:00:00Z": 10,
    "2026-10-25T22:59:59Z": 400,
    "2026-10-25T23:00:00Z": 30,
    "2026-10-26T00:59:00Z": 40,
  };
  const found = compared(sales, "2026-10-26T01:00:00Z", "Europe/Berlin", "2026-10-26");
  expect(revenues(found)).toEqual([2, 70n, 10n]);
});

test.each([
  ["before the first hour is over", "2026-11-26T00:59:59Z", "UTC"],
  ["where hours are not those of history", "2026-11-26T14:20:00Z", "Asia/Kolkata"],
])("nothing is compared %s", (_, now, zone) => {
  const sales = { "2026-11-17T00:00:00Z": 1, "2026-11-19T00:00:00Z": 1 };
  expect(compared(sales, now, zone)).toBeUndefined();
});

test("nothing is compared with a day before history began, or without sales", () => {
  const now = "2026-11-26T14:20:00Z";
  const ofHalf = { "2026-11-19T09:00:00Z": 1, "2026-11-26T01:00:00Z": 1 };
  expect(compared(ofHalf, now)).toBeUndefined();
  const ofNone = { "2026-11-17T09:00:00Z": 1, "2026-11-26T01:00:00Z": 1 };
  expect(compared(ofNone, now)).toBeUndefined();
});

test.each([
  [45n, 40n, 125],
  [40n, 45n, -111],
  [0n, 45n, -1_000],
  [45n, 45n, 0],
])("%p beside %p is %p thousandths more", (now, before, permille) => {
  expect(growthPermille(now, before)).toBe(permille);
});

const [lastWeek, today] = [second("2026-11-19T09:00:00Z"), second("2026-11-26T09:00:00Z")];

test("each product is compared by itself, also one that was not sold on one of the days", () => {
  const past = new HistoryView();
  const writer = new PastWriter(past).sell(0, second("2026-11-18T00:00:00Z"));
  writer.sell(0, lastWeek, 40).sell(1, lastWeek, 7).sell(0, today, 45).sell(2, today, 9);
  writer.sell(0, second("2026-11-26T14:10:00Z"), 500).commit();
  const found = comparedIn(past, "2026-11-26T14:20:00Z");
  const revenuesOf = (product: string) => {
    const pair = found?.of?.(product);
    return pair && [pair.sums.revenue, pair.before.revenue];
  };
  expect(revenuesOf("Laptop")).toEqual([45_000_000n, 40_000_000n]);
  expect(revenuesOf("Mouse")).toEqual([0n, 7_000_000n]);
  expect(revenuesOf("Côte")).toEqual([9_000_000n, 0n]);
  expect(revenuesOf("Nothing")).toEqual([0n, 0n]);
});

test("where history has grouped products, all together are compared, and no single one", () => {
  const past = new HistoryView();
  const writer = new PastWriter(past, 0, names).sell(0, second("2026-11-18T00:00:00Z"));
  for (const id of names.keys()) writer.sell(id, lastWeek).sell(id, today, 2);
  writer.commit();
  const found = comparedIn(past, "2026-11-26T14:20:00Z");
  expect(found?.before.revenue).toBe(65_000_000n);
  expect(found?.sums.revenue).toBe(130_000_000n);
  expect(found?.of?.("Product 0")).toBeUndefined();
});
