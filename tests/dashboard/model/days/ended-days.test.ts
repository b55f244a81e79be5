/** Periods beside earlier ones, by the sums of their ended days. */

import { expect, test } from "bun:test";
import type { Board } from "../../../../src/dashboard/model/board.ts";
import { endedRanges } from "../../../../src/dashboard/model/days/days.ts";
import { EndedDays } from "../../../../src/dashboard/model/days/ended-days.ts";
import { SalesView } from "../../../../src/dashboard/model/view.ts";
import { dayNumber, dayText } from "../../../../src/domain/day.ts";
import { NO_SUMS } from "../../../../src/domain/sums.ts";
import { momentAt } from "../../../support/clock.ts";
import { DayWriter } from "../../day-writer.ts";

const today = dayNumber("2026-11-26") ?? 0;
const live = { state: "live", partitions: 1, lag: 0, notices: [], asOf: undefined } as const;

/** The view at noon, some days after 26 November 2026. */
function at(view: SalesView, day = 0): SalesView {
  view.publish(live, momentAt((today + day) * 86_400_000 + 43_200_000));
  return view;
}

/** Coffee for 1 a day, and tea for one more on each day further back. */
function shop(daysBack: number): { view: SalesView; writer: DayWriter } {
  const view = new SalesView();
  const writer = new DayWriter(view);
  for (let back = daysBack; back >= 0; back--) {
    const day = dayText(today - back);
    writer.sell("Tea", day, String(back + 1)).sell("Coffee", day, "1");
  }
  writer.commit();
  return { view: at(view), writer };
}

const euros = (of: Board, product?: string) => {
  const pair = product === undefined ? of.compared : of.compared?.of?.(product);
  return pair && [pair.sums.revenue, pair.before.revenue].map((micros) => micros / 1_000_000n);
};

test("the ended days of a period stand beside as many days before", () => {
  const days = (first: number, last: number) => ({ first: 100 - first, last: 100 - last });
  expect(endedRanges("today", 100)).toBeUndefined();
  expect(endedRanges("yesterday", 100)).toEqual({ days: days(1, 1), daysBefore: days(8, 8) });
  expect(endedRanges("7d", 100)).toEqual({ days: days(6, 1), daysBefore: days(13, 8) });
  expect(endedRanges("30d", 100)).toEqual({ days: days(29, 1), daysBefore: days(59, 31) });
});

test("all products and each one are compared, in all periods that reach", () => {
  const { view } = shop(61);
  expect(euros(view.boardOf("yesterday"))).toEqual([3n, 10n]);
  expect(euros(view.boardOf("yesterday"), "Tea")).toEqual([2n, 9n]);
  expect(euros(view.boardOf("7d"), "Coffee")).toEqual([6n, 6n]);
  expect(euros(view.boardOf("7d"), "Tea")).toEqual([27n, 69n]);
  expect(euros(view.boardOf("30d"), "Coffee")).toEqual([29n, 29n]);
  expect(euros(view.boardOf("30d"), "Nothing")).toEqual([0n, 0n]);
  expect(view.boardOf("all").compared).toBeUndefined();
  expect(view.boardOf("today").compared).toBeUndefined();
});

test("a late sale counts in the comparison, and one of today does not", () => {
  const { view, writer } = shop(20);
  expect(euros(view.boardOf("7d"), "Coffee")).toEqual([6n, 6n]);
  writer.sell("Coffee", dayText(today), "500").commit();
  expect(euros(at(view).boardOf("7d"), "Coffee")).toEqual([6n, 6n]);
  writer
    .sell("Coffee", dayText(today - 3), "10")
    .sell("Coffee", dayText(today - 9), "4")
    .commit();
  expect(euros(at(view).boardOf("7d"), "Coffee")).toEqual([16n, 10n]);
  expect(euros(view.boardOf("7d"))).toEqual([27n + 16n, 69n + 10n]);
});

test("at midnight the day that ended comes in, once", () => {
  const { view, writer } = shop(20);
  writer.sell("Coffee", dayText(today), "4").commit();
  at(view, 1);
  expect(euros(view.boardOf("yesterday"), "Coffee")).toEqual([5n, 1n]);
  expect(euros(view.boardOf("yesterday"))).toEqual([6n, 9n]);
  writer
    .sell("Coffee", dayText(today + 1), "9")
    .sell("Coffee", dayText(today), "2")
    .commit();
  expect(euros(at(view, 1).boardOf("yesterday"), "Coffee")).toEqual([7n, 1n]);
  expect(euros(view.boardOf("yesterday"))).toEqual([8n, 9n]);
});

test("a partition that is read again changes nothing", () => {
  const { view, writer } = shop(20);
  view.restart(0);
  writer.rewrite();
  view.markCaughtUp(0);
  expect(euros(at(view).boardOf("7d"))).toEqual([33n, 75n]);
});

test.each([
  ["begins later than the earlier days", 12, undefined],
  ["lacks sales in the earlier days", 20, "2026-11-13"],
])("nothing is compared where counting %s", (_, daysBack, since) => {
  const view = new SalesView();
  const writer = new DayWriter(view);
  writer.since = since;
  for (let back = daysBack; back >= 0; back--) writer.sell("Tea", dayText(today - back));
  writer.commit();
  at(view);
  expect(view.boardOf("7d").compared).toBeUndefined();
  expect(euros(view.boardOf("yesterday"))).toEqual([1n, 1n]);
});

test("what is kept of products is bounded, and right after it was dropped", () => {
  let asked = 0;
  const ended = new EndedDays(() => {
    asked++;
    return [{ ...NO_SUMS, revenue: 5n, sales: 1n, day: 1 }];
  });
  ended.begin(9, true);
  const range = { first: 1, last: 8 };
  expect(ended.sumOf("Tea", range)).toBe(ended.sumOf("Tea", range));
  expect(asked).toBe(1);
  for (let i = 0; i < 1_000; i++) ended.sumOf(`${i}`, range);
  expect(ended.sumOf("Tea", range).revenue).toBe(5n);
  expect(asked).toBe(1_002);
});
