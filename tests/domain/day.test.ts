import { expect, test } from "bun:test";
import fc from "fast-check";
import { dayNumber, dayText, isDayKept } from "../../src/domain/day.ts";

test("a day has a name, and the name tells the day", () => {
  expect(dayText(0)).toBe("1970-01-01");
  expect(dayText(20_783)).toBe("2026-11-26");
  expect(dayText(2_932_896)).toBe("9999-12-31");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2_932_896 }), (day) => {
      expect(dayNumber(dayText(day))).toBe(day);
    }),
  );
});

test.each(["2026-02-30", "2026-13-01", "1969-12-31", "2026-1-1", "today", "2026-11-26T00", ""])(
  "%p names no day",
  (text) => expect(dayNumber(text)).toBeUndefined(),
);

test.each([-1, 1.5, Number.NaN, 2_932_897])("%p is no day", (day) => {
  expect(() => dayText(day)).toThrow("must be an integer from 0 to 2932896");
});

test("62 days are kept: the latest and those before it", () => {
  expect([938, 939, 1_000, 1_001].map((day) => isDayKept(day, 1_000))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
