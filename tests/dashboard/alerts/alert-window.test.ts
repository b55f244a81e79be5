import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GrowthWindow } from "../../../src/dashboard/alerts/alert-window.ts";

const minuteMs = 60_000;

describe("GrowthWindow", () => {
  test("knows nothing before a whole window was seen, then the growth over it", () => {
    const window = new GrowthWindow(10_000);
    for (let second = 0; second < 10; second++) {
      expect(window.observe(second * 1_000, BigInt(second))).toBeUndefined();
    }
    for (let second = 10; second < 30; second++) {
      const expected = { growth: 10n, elapsedMs: 10_000 };
      expect(window.observe(second * 1_000, BigInt(second))).toEqual(expected);
    }
  });

  test("begins anew when the figure went down, also by less than it had grown since", () => {
    const window = new GrowthWindow(20 * minuteMs);
    let now = 0;
    const pass = (seconds: number, value: bigint) => {
      let last: ReturnType<GrowthWindow["observe"]>;
      for (const end = now + seconds * 1_000; now < end; now += 1_000) {
        last = window.observe(now, value);
      }
      return last;
    };
    pass(1_201, 100n);
    // Between two samples, which are 10 s apart here: up to 190 and down to 180.
    expect(pass(3, 190n)).toMatchObject({ growth: 90n });
    expect(pass(1, 180n)).toBeUndefined();
    expect(pass(1_199, 180n)).toBeUndefined();
    expect(pass(2, 200n)).toMatchObject({ growth: 20n });
  });

  // Nothing was observed for five minutes (Kafka did not answer). What was sold in them would
  // otherwise all count as the growth of the minute after.
  test("knows nothing while its start lies in a time of which nothing is known", () => {
    const window = new GrowthWindow(minuteMs);
    for (let second = 0; second <= 100; second++) window.observe(second * 1_000, BigInt(second));
    const back = 400;
    const answers = Array.from({ length: 80 }, (_, i) => {
      return window.observe((back + i) * 1_000, BigInt(1_000 + i));
    });
    expect(answers.slice(0, 60).filter((answer) => answer !== undefined)).toEqual([]);
    expect(answers.slice(60).map((answer) => answer?.growth)).toEqual(Array(20).fill(60n));
  });

  test("bridges a short time of which nothing is known, once it lies within the window", () => {
    const window = new GrowthWindow(minuteMs);
    const observe = (second: number) => window.observe(second * 1_000, BigInt(second));
    for (let second = 0; second <= 100; second++) observe(second);
    expect(observe(130)).toEqual({ growth: 60n, elapsedMs: minuteMs });
  });

  // Timers are late by as much as they like; the bound and the growth must hold all the same.
  test("keeps few samples, and measures over no more than two steps beyond the window", () => {
    const gapsUpTo = (max: number) =>
      fc.array(fc.integer({ min: 1, max }), { minLength: 400, maxLength: 800, size: "max" });
    const gaps = fc.oneof(gapsUpTo(100), gapsUpTo(1_000), gapsUpTo(2_500));
    const windows = fc.constantFrom(10_000, minuteMs, 5 * minuteMs);
    const property = fc.property(windows, gaps, (windowMs, delays) => {
      const window = new GrowthWindow(windowMs);
      const stepMs = Math.max(1_000, windowMs / 120);
      let now = 0;
      for (const delay of delays) {
        now += delay;
        // Its value is the time, so that growth must be what elapsed.
        const answer = window.observe(now, BigInt(now));
        expect(window.size).toBeLessThanOrEqual(136);
        if (!answer) continue;
        expect(Number(answer.growth)).toBe(answer.elapsedMs);
        expect(answer.elapsedMs).toBeGreaterThanOrEqual(windowMs);
        expect(answer.elapsedMs).toBeLessThanOrEqual(windowMs + 2 * stepMs);
      }
    });
    fc.assert(property);
  });

  test("measures a figure that returns lower, and begins anew with fewer lines", () => {
    const window = new GrowthWindow(10_000);
    for (let second = 0; second <= 10; second++) {
      window.observe(second * 1_000, BigInt(-second), BigInt(second));
    }
    expect(window.observe(11_000, -11n, 11n)).toEqual({ growth: -10n, elapsedMs: 10_000 });
    expect(window.observe(12_000, 500n, 3n)).toBeUndefined();
  });
});
