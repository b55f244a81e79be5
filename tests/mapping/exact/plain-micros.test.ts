import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseNumber, shifted, toMicros } from "../../../src/mapping/exact/decimal.ts";
import { plainMicros } from "../../../src/mapping/exact/plain-micros.ts";

const digits = fc.stringMatching(/^\d{0,16}$/);
const text = fc.oneof(
  fc
    .tuple(fc.constantFrom("", "-", "+"), digits, fc.constantFrom("", "."), digits)
    .map((parts) => parts.join("")),
  fc.string({ maxLength: 5 }),
  fc.constantFrom("-0", "0.0", "1e3", " 1", "1.", ".5", "-", "", "1.2.3", "999999999.999999"),
);

test("is what the general way says, or leaves the number to that way", () => {
  let plain = 0;
  fc.assert(
    fc.property(text, fc.nat(8), (text, places) => {
      const micros = plainMicros(text, places);
      if (Number.isNaN(micros)) return;
      plain++;
      const number = parseNumber(text);
      if (typeof number !== "object") throw new Error(`no number: ${text}`);
      expect(Object.is(micros, -0)).toBe(false);
      expect(BigInt(micros)).toBe(toMicros(shifted(number, places)) ?? -1n);
    }),
    { numRuns: 2_000 },
  );
  expect(plain).toBeGreaterThan(100);
});

test.each(["0", "2", "-6", "34.50", "1299.99", "007", "0.85", "999999999.999999"])(
  "%s is plain",
  (text) => {
    expect(plainMicros(text, 0)).not.toBeNaN();
  },
);
