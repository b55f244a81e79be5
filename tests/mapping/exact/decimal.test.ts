import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type Decimal,
  formatDecimal,
  fromTwosComplement,
  negated,
  parseNumber,
  plus,
  rounded,
  shifted,
  toMicros,
} from "../../../src/mapping/exact/decimal.ts";

const decimal = fc.record({ units: fc.bigInt(-(10n ** 30n), 10n ** 30n), scale: fc.nat(25) });

function parsed(text: string): Decimal {
  const number = parseNumber(text);
  if (typeof number !== "object") throw new Error(`no number: ${text}`);
  return number;
}

/** a / 10^as = b / 10^bs, without any of the functions that are tested. */
function isEqual(a: Decimal, b: Decimal): boolean {
  return a.units * 10n ** BigInt(b.scale) === b.units * 10n ** BigInt(a.scale);
}

describe("parseNumber", () => {
  test.each([
    ["0", "0"],
    ["-0.000", "0"],
    ["007.50", "7.5"],
    ["+1", "1"],
    [" .5\t", "0.5"],
    ["5.", "5"],
    ["1e3", "1000"],
    ["12.5E-2", "0.125"],
    ["-2.5e+1", "-25"],
    ["9007199254740993.000000000000000001", "9007199254740993.000000000000000001"],
    ["5e-324", `0.${"0".repeat(323)}5`],
  ])("reads %p as %s", (text, expected) => {
    expect(formatDecimal(parsed(text))).toBe(expected);
  });

  test.each([
    "",
    " ",
    ".",
    "-",
    "1,5",
    "1 2",
    "0x1",
    "NaN",
    "Infinity",
    "1e",
    "e1",
    "1e1.5",
    "--1",
    "１",
  ])("%p is no number", (text) => {
    expect(parseNumber(text)).toBeUndefined();
  });

  test("a number without reasonable bounds costs nothing, and is said to be so", () => {
    expect(parseNumber(`1e${"9".repeat(1_000)}`)).toBe("too large");
    expect(parseNumber(`-1e-${"9".repeat(1_000)}`)).toBe("too fine");
    expect(parseNumber("9".repeat(100_000))).toBe("too large");
    expect(parseNumber(`0.${"0".repeat(100_000)}1`)).toBe("too fine");
    expect(parseNumber(`0e${"9".repeat(1_000)}`)).toEqual({ units: 0n, scale: 0 });
  });

  test("what is formatted is read as the same value", () => {
    fc.assert(
      fc.property(decimal, (value) => {
        expect(isEqual(parsed(formatDecimal(value)), value)).toBe(true);
      }),
    );
  });

  test("a double is read as the digits that a JSON producer prints", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e21, max: 1e21 }), (double) => {
        expect(Number(formatDecimal(parsed(JSON.stringify(double))))).toBe(double + 0);
      }),
    );
  });
});

describe("arithmetic", () => {
  test("a sum is the sum of the fractions", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const scale = BigInt(a.scale + b.scale);
        const units = a.units * 10n ** BigInt(b.scale) + b.units * 10n ** BigInt(a.scale);
        const sum = plus(a, b);
        expect(sum.units * 10n ** scale).toBe(units * 10n ** BigInt(sum.scale));
      }),
    );
  });

  test("a difference to the value itself is 0, and shifting only moves the point", () => {
    fc.assert(
      fc.property(decimal, fc.nat(38), (value, places) => {
        expect(plus(value, negated(value)).units).toBe(0n);
        const { units, scale } = shifted(value, places);
        expect(isEqual({ units: units * 10n ** BigInt(places), scale }, value)).toBe(true);
      }),
    );
  });

  test("rounding takes the nearest, and of two the even one", () => {
    fc.assert(
      fc.property(decimal, fc.nat(6), (value, decimals) => {
        const { units, scale } = rounded(value, decimals);
        if (value.scale <= decimals) return expect({ units, scale }).toEqual(value);
        expect(scale).toBe(decimals);
        const step = 10n ** BigInt(value.scale - decimals);
        const twice = (units * step - value.units) * 2n;
        expect(twice <= step && twice >= -step).toBe(true);
        if (twice === step || twice === -step) expect(units % 2n).toBe(0n);
      }),
    );
  });

  test.each([
    ["0.125", 2, "0.12"],
    ["0.135", 2, "0.14"],
    ["-0.125", 2, "-0.12"],
    ["-0.1251", 2, "-0.13"],
    ["2.5", 0, "2"],
    ["3.5", 0, "4"],
    ["-0.4", 0, "0"],
    ["39.900000000000006", 6, "39.9"],
    ["5e-324", 6, "0"],
  ])("%s rounded to %p decimals is %s", (text, decimals, expected) => {
    expect(formatDecimal(rounded(parsed(text), decimals))).toBe(expected);
  });

  test("millionths are exact, or there are none", () => {
    expect(toMicros(parsed("1.23"))).toBe(1_230_000n);
    expect(toMicros(parsed("-0.000001"))).toBe(-1n);
    expect(toMicros(shifted(parsed("1000000"), 12))).toBe(1n);
    expect(toMicros(parsed("0.0000001"))).toBeUndefined();
  });

  test.each([
    [[0x07, 0xcb], 2, "19.95"],
    [[0xff], 0, "-1"],
    [[0x80, 0x00], 3, "-32.768"],
    [[0x00, 0x80], 0, "128"],
    [[0x00], 2, "0"],
  ])("the bytes %p with %p decimals are %s", (bytes, scale, expected) => {
    expect(formatDecimal(fromTwosComplement(Uint8Array.from(bytes), scale))).toBe(expected);
  });
});
