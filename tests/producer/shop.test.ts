/** When the demo's shop sells: like a shop, and the same whenever it is asked. */

import { describe, expect, test } from "bun:test";
import { Shop } from "../../src/producer/shop.ts";

const openedMs = Date.UTC(2026, 10, 27, 12);
const shopOf = (of: { seed?: number; zone?: string } = {}) =>
  new Shop({ seed: 7, zone: "UTC", salesPerDay: 10_000, openedMs, ...of });
const dayOf = (text: string) => Date.parse(text) / 86_400_000;
const hours = (ms: number) => ms / 3_600_000;

describe("Shop", () => {
  test("sells at the same times for the same seed and day, and at no other's", () => {
    const day = dayOf("2026-11-20");
    expect(shopOf().timesOf(day)).toEqual(shopOf().timesOf(day));
    expect(shopOf().timesOf(day)).not.toEqual(shopOf({ seed: 8 }).timesOf(day));
    expect(shopOf().seedOf(day)).not.toBe(shopOf().seedOf(day + 1));
  });

  test("sells in order, on the day that it was asked for", () => {
    for (const zone of ["UTC", "America/St_Johns", "Asia/Kathmandu"]) {
      const shop = shopOf({ zone });
      const day = dayOf("2026-11-20");
      const times = shop.timesOf(day);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(new Set(times.map((time) => shop.dayOf(time)))).toEqual(new Set([day]));
    }
  });

  test("sells most in the evening and on Saturdays, and more from week to week", () => {
    const shop = shopOf();
    const [monday, saturday] = [dayOf("2026-11-16"), dayOf("2026-11-21")];
    const sold = (day: number) => shop.timesOf(day).length;
    expect(sold(saturday)).toBeGreaterThan(sold(monday));
    const times = shop.timesOf(saturday);
    const inHour = (hour: number) => {
      const from = saturday * 86_400_000 + hour * 3_600_000;
      return times.filter((time) => time >= from && time < from + 3_600_000).length;
    };
    expect(inHour(20)).toBeGreaterThan(2 * inHour(3));
    const week = (first: number) =>
      Array.from({ length: 7 }, (_, i) => sold(first + i)).reduce((sum, count) => sum + count, 0);
    expect(week(monday)).toBeGreaterThan(week(monday - 42));
    expect(sold(saturday)).toBeLessThan(20_000);
  });

  test("sells for 23 hours and for 25 when the clocks change, and on no other day", () => {
    const shop = shopOf({ zone: "Europe/Vienna" });
    const length = (text: string) => {
      const [first = 0, ...others] = shop.timesOf(dayOf(text));
      return Math.ceil(hours((others.at(-1) ?? 0) - first));
    };
    expect(["2026-03-28", "2026-03-29", "2026-10-25"].map(length)).toEqual([24, 23, 25]);
    const skipped = Date.parse("2026-03-29T01:00:00Z");
    const times = shop.timesOf(dayOf("2026-03-29"));
    expect(times.some((time) => time >= skipped && time < skipped + 3_600_000)).toBe(true);
  });
});
