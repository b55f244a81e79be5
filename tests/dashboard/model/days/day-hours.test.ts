import { expect, test } from "bun:test";
import { bestHour, HourMeter } from "../../../../src/dashboard/model/days/day-hours.ts";
import { Graph } from "../../../../src/dashboard/model/graph.ts";
import { HistoryView } from "../../../../src/dashboard/model/history-view.ts";
import { dayNumber } from "../../../../src/domain/day.ts";
import { momentAt } from "../../../support/clock.ts";
import { PastWriter } from "../../past-writer.ts";

const second = (iso: string) => Date.parse(iso) / 1_000;

/** Today and yesterday by the hour, with these prices at these times. */
function hoursAt(sales: Record<string, number>, day: string, zone = "UTC") {
  const past = new HistoryView();
  const writer = new PastWriter(past);
  for (const [iso, price] of Object.entries(sales)) writer.sell(0, second(iso), price);
  writer.commit();
  const graph = new Graph(past);
  const moment = momentAt(Date.parse(`${day}T20:00:00Z`));
  graph.turn(moment);
  const days = { zone, today: dayNumber(day) ?? 0, first: undefined, incompleteTo: undefined };
  return new HourMeter(graph).at(days, moment);
}

const revenues = (hours: readonly { revenue: bigint }[] = []) =>
  Object.fromEntries(
    hours.flatMap(({ revenue }, hour) => (revenue === 0n ? [] : [[hour, revenue / 1_000_000n]])),
  );

test("each sale is in the hour of its own day, by the clocks of the zone", () => {
  const sales = {
    "2026-11-24T22:59:59Z": 1,
    "2026-11-24T23:00:00Z": 2,
    "2026-11-25T22:59:59Z": 3,
    "2026-11-25T23:10:00Z": 4,
    "2026-11-26T08:00:00Z": 9,
  };
  const found = hoursAt(sales, "2026-11-26", "Europe/Berlin");
  expect(revenues(found?.today.hours)).toEqual({ 0: 4n, 9: 9n });
  expect(revenues(found?.yesterday.hours)).toEqual({ 0: 2n, 23: 3n });
  expect(found && bestHour(found.today)?.hour).toBe(9);
});

// At 3:00 the clocks went back to 2:00 on 25 October, and forward on 29 March.
test("where the clocks change, an hour is two hours long, or none", () => {
  const autumn = {
    "2026-10-25T00:10:00Z": 1,
    "2026-10-25T01:10:00Z": 2,
    "2026-10-25T02:00:00Z": 4,
  };
  const long = hoursAt(autumn, "2026-10-25", "Europe/Berlin")?.today.hours;
  expect(revenues(long)).toEqual({ 2: 3n, 3: 4n });
  const spring = { "2026-03-29T00:10:00Z": 1, "2026-03-29T01:10:00Z": 2 };
  const short = hoursAt(spring, "2026-03-29", "Europe/Berlin")?.today.hours;
  expect(revenues(short)).toEqual({ 1: 1n, 3: 2n });
  expect(short).toHaveLength(24);
});

test("hours are unknown where they are not those of history; a day without sales has no best", () => {
  expect(hoursAt({ "2026-11-26T08:00:00Z": 1 }, "2026-11-26", "Asia/Kolkata")).toBeUndefined();
  const quiet = hoursAt({ "2026-11-25T08:00:00Z": 1 }, "2026-11-26");
  expect(quiet && bestHour(quiet.today)).toBeUndefined();
});
