/** When the demo sells after its start: at the times of its shop. */

import { describe, expect, test } from "bun:test";
import { Shop } from "../../src/producer/shop.ts";
import { ShopPace } from "../../src/producer/shop-pace.ts";
import { TestClock } from "../support/clock.ts";

const startMs = Date.UTC(2026, 10, 27, 23, 57);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function open() {
  const clock = new TestClock(startMs);
  // Nobody else waits here, so that minutes pass at once.
  clock.sleep = async (ms) => clock.pass(ms);
  const shop = new Shop({ seed: 3, zone: "UTC", salesPerDay: 7_000, openedMs: startMs });
  const stopping = new AbortController();
  const pace = new ShopPace(shop, startMs, { clock, signal: stopping.signal });
  const sold = (fromMs: number, toMs: number) =>
    [shop.dayOf(fromMs), shop.dayOf(fromMs) + 1]
      .flatMap((day) => shop.timesOf(day))
      .filter((time) => time > fromMs && time <= toMs).length;
  return { clock, pace, sold, stopping };
}

describe("ShopPace", () => {
  test("sells what the shop sells, past midnight too", async () => {
    const { clock, pace, sold } = open();
    let due = 0;
    const endMs = startMs + 6 * MINUTE_MS;
    while (clock.date().getTime() < endMs) due += await pace.wait(1_000);
    const now = clock.date().getTime();
    // A look that spans midnight sees the new day only.
    expect(due).toBeGreaterThanOrEqual(sold(startMs, now) - 1);
    expect(due).toBeLessThanOrEqual(sold(startMs, now));
    expect(due).toBeGreaterThan(10);
  });

  test("sells nothing for the hours that the machine slept", async () => {
    const { clock, pace, sold } = open();
    clock.pass(8 * HOUR_MS);
    const due = await pace.wait(1_000);
    const now = clock.date().getTime();
    expect(due).toBeLessThanOrEqual(sold(now - 2 * MINUTE_MS, now));
  });

  // It waited until the clock had come again to where it was.
  test("goes on when somebody sets the clock back", async () => {
    const { clock, pace } = open();
    await pace.wait(1_000);
    clock.step(-6 * HOUR_MS);
    const stepped = clock.date().getTime();
    await pace.wait(1_000);
    expect(clock.date().getTime() - stepped).toBeLessThan(HOUR_MS);
  });

  test("ends with nothing due after a stop", async () => {
    const { pace, stopping } = open();
    stopping.abort();
    expect(await pace.wait(1_000)).toBe(0);
  });
});
