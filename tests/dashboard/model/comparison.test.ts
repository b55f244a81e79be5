import { expect, test } from "bun:test";
import { comparisonNote } from "../../../src/dashboard/fragments/periods.ts";
import { formatFor } from "../../../src/dashboard/look/format.ts";
import {
  Comparer,
  type Comparison,
  growthPermille,
} from "../../../src/dashboard/model/comparison.ts";
import { Graph } from "../../../src/dashboard/model/graph.ts";
import { HistoryView } from "../../../src/dashboard/model/history-view.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { dayNumber } from "../../../src/domain/day.ts";
import { momentAt } from "../../support/clock.ts";
import { DayWriter } from "../day-writer.ts";
import { lookOf } from "../fixture.ts";
import { PastWriter } from "../past-writer.ts";

const second = (iso: string) => Date.parse(iso) / 1_000;

/** What stands in history, sold at these times for these prices; compared at `now`. */
function compared(sales: Record<string, number>, now: string, zone = "UTC", day?: string) {
  const past = new HistoryView();
  const writer = new PastWriter(past);
  for (const [iso, price] of Object.entries(sales)) writer.sell(0, second(iso), price);
  writer.commit();
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

const sums = (revenue: bigint) => ({ revenue, quantity: 0n, sales: 1n, returns: 0n });

test.each([
  [45n, 40n, 125],
  [40n, 45n, -111],
  [0n, 45n, -1_000],
  [45n, 45n, 0],
])("%p beside %p is %p thousandths more", (now, before, permille) => {
  const comparison = { today: 0, hour: 14, sums: sums(now), before: sums(before) };
  expect(growthPermille(comparison)).toBe(permille);
});

test("the page of today says how it goes and until when, in the reader's words, and no other", () => {
  const view = new SalesView();
  const noon = momentAt(Date.UTC(2026, 10, 26, 14, 20));
  new DayWriter(view).sell("Tea", "2026-11-26").commit();
  const today = dayNumber("2026-11-26") ?? 0;
  const parts = { sums: sums(45_000_000n), before: sums(40_000_000n) };
  const comparison = { today, hour: 14, ...parts };
  const live: Status = { state: "live", partitions: 1, lag: 0, notices: [], asOf: noon };
  view.publish({ ...live, comparison }, noon);
  const look = lookOf();
  const format = formatFor("en", "USD");
  expect(comparisonNote(view.boardOf("today"), look, format)).toEqual({
    text: expect.stringMatching(/^▲ 12\.5% vs last Thursday until 2:00\sPM$/),
    values: expect.stringMatching(
      /^Until 2:00\sPM \(UTC\): \$45\.00 today, \$40\.00 on Thu, Nov 19, 2026$/,
    ),
  });
  expect(comparisonNote(view.boardOf("7d"), look, format)).toBeUndefined();
  expect(comparisonNote(view.boardOf("all"), look, format)).toBeUndefined();
  // Midnight comes before the next comparison.
  view.publish({ ...live, comparison }, momentAt(Date.UTC(2026, 10, 27)));
  expect(comparisonNote(view.boardOf("today"), look, format)).toBeUndefined();
});
