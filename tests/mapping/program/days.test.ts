/** Days of a zone with one offset: the fast path reads local times on them. */

import { expect, test } from "bun:test";
import { timeZone, utc } from "../../../src/mapping/exact/zone.ts";
import { daySpans } from "../../../src/mapping/program/days.ts";

const DAY_MS = 86_400_000;
const today = Math.floor(Date.UTC(2026, 10, 24) / DAY_MS);

test("UTC is one span for ever", () => {
  const [span, ...others] = daySpans(utc, today);
  expect(others).toEqual([]);
  expect(span).toMatchObject({ first: 0, offsetMs: 0 });
});

test.each(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])(
  "in %s each minute of a span has the offset of the span",
  (name) => {
    const zone = timeZone(name);
    const spans = daySpans(zone, today);
    const all = spans.reduce((sum, { days }) => sum + days, 0);
    // Only days near a change of the clocks are left to the judge.
    expect(all).toBeGreaterThan(1_100);
    for (const { first, days, offsetMs } of spans) {
      for (const day of [first, first + days - 1]) {
        for (let minute = 0; minute < 1_440; minute += 7) {
          const local = day * DAY_MS + minute * 60_000;
          expect(zone.instant(local)).toBe(local - offsetMs);
        }
      }
    }
  },
);
