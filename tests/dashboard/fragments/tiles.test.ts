/** The figures at the top: target, hours, days and the last sale. */

import { expect, test } from "bun:test";
import { tiles } from "../../../src/dashboard/fragments/tiles.ts";
import { agoText } from "../../../src/dashboard/look/format.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { dayNumber, dayText } from "../../../src/domain/day.ts";
import { parseAmount } from "../../../src/domain/money.ts";
import { NO_SUMS } from "../../../src/domain/sums.ts";
import { momentAt } from "../../support/clock.ts";
import { DayWriter } from "../day-writer.ts";
import { lookOf, site } from "../fixture.ts";

const noon = momentAt(Date.UTC(2026, 10, 26, 12));
const today = dayNumber("2026-11-26") ?? 0;
const live: Status = { state: "live", partitions: 1, lag: 0, notices: [], asOf: noon };
const withTarget = { ...site, target: parseAmount("100") };

/** The revenue tile, with these sales of today. */
function revenueTile(prices: readonly string[], query = "", status: Partial<Status> = {}) {
  const view = new SalesView();
  const writer = new DayWriter(view);
  for (const back of [3, 1]) writer.sell("Tea", dayText(today - back), "50");
  for (const price of prices) writer.sell("Tea", "2026-11-26", price);
  writer.commit();
  view.publish({ ...live, ...status }, noon);
  const look = lookOf(query);
  const page = String(tiles(view.boardOf(look.period), withTarget, look));
  return page.slice(0, page.indexOf("tile units"));
}

test.each([
  [["72"], "72%"],
  [["99.999999"], "99%"],
  [["100"], "100%"],
  [["250"], "250%"],
])("with %p sold today, %s of the target are reached", (prices, percent) => {
  expect(revenueTile(prices)).toContain(`${percent} of today's target`.replace("'", "&#39;"));
});

test("yesterday has reached its own target; weeks have days, and a line at the target", () => {
  expect(revenueTile(["1"], "period=yesterday")).toContain("50% of the day&#39;s target");
  const week = revenueTile(["25"], "period=7d");
  expect(week).not.toContain("target");
  // Days 3 and 1 back are half of the target, and today is a quarter.
  expect(week).toContain('d="M31 100v-50h8v50zM51 100v-50h8v50zM61 100v-25h8v25z"');
  expect(week).toContain('y1="0"');
  expect(revenueTile(["1"], "mask")).not.toContain("$");
});

test("a day shows its hours and names the best one, and not those of another day", () => {
  const sold = (revenue: bigint) => ({ ...NO_SUMS, revenue, sales: 1n });
  const hours = Array.from({ length: 24 }, () => NO_SUMS);
  const ofToday = {
    day: today,
    hours: hours.with(9, sold(5_000_000n)).with(11, sold(20_000_000n)),
  };
  const yesterday = { day: today - 1, hours: hours.with(15, sold(9_000_000n)) };
  const known = { hours: { today: ofToday, yesterday } };
  expect(revenueTile(["25"], "", known)).toMatch(/best hour 11:00\sAM/);
  expect(revenueTile(["25"], "", known)).toContain('d="M91 100v-25h8v25zM111 100v-100h8v100z"');
  expect(revenueTile(["25"], "period=yesterday", known)).toMatch(/best hour 3:00\sPM/);
  const stale = { hours: { today: { ...ofToday, day: today - 1 }, yesterday } };
  expect(revenueTile(["25"], "", stale)).not.toMatch(/best hour|<svg/);
});

test.each([
  [0, "0s ago"],
  [59, "59s ago"],
  [60, "1m ago"],
  [7_199, "1h ago"],
  [200_000, "2d ago"],
])("%p seconds ago is %s", (seconds, text) => {
  expect(agoText(seconds, "en")).toBe(text);
});

// It said "-12 s" in French, and of a minute "vor 1 m" in German.
test.each([
  ["fr", /^il y a 12\ss$/],
  ["de", /^vor 12\sSek\.$/],
  ["es", /^hace 12\ss$/],
])("in %s the past is told in words", (locale, text) => {
  expect(agoText(12, locale)).toMatch(text);
});

test("the latest sale stands beside the rate, if it is known", () => {
  const page = (lastSale?: number) => {
    const view = new SalesView();
    view.publish({ ...live, lastSale }, noon);
    return String(tiles(view.board, site, lookOf()));
  };
  expect(page(noon.date.getTime() / 1_000 - 12)).toContain(
    'last sale <time class="ago" datetime="2026-11-26T11:59:48.000Z">12s ago</time>',
  );
  // Rounded, the text went one second back whenever the script of the page took over.
  expect(page(noon.date.getTime() / 1_000 - 12.9)).toContain(">12s ago</time>");
  expect(page()).toContain("over the last 10 s");
});

// "Sales per second 0.0" stood on the first page of every shop that sells less than one in 20 s.
test("how fast sales come is said by the minute, and by the second where no times are kept", () => {
  const rateTile = (salesPerMinute?: bigint) => {
    const view = new SalesView();
    view.publish({ ...live, salesPerMinute }, noon);
    const page = String(tiles(view.board, site, lookOf()));
    return page.slice(page.indexOf("tile rate"), page.indexOf("tile letters"));
  };
  expect(rateTile(1_234n)).toMatch(/>Sales per minute<[\s\S]*>1,234<[\s\S]*Sales per second: /);
  expect(rateTile()).toMatch(/>Sales per second<[\s\S]*over the last 10 s/);
});
