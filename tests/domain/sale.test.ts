import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { formatAmount, parseAmount, parseDecimal } from "../../src/domain/money.ts";
import { productProblem } from "../../src/domain/sale.ts";

describe("formatAmount", () => {
  test.each([
    [0n, "0.00"],
    [1n, "0.000001"],
    [300_000n, "0.30"],
    [20_999_580_000n, "20999.58"],
    [1_234_500n, "1.2345"],
    [10n ** 27n, "1000000000000000000000.00"],
    [-1_500_000n, "-1.50"],
  ])("%p micros reads %p", (micros, text) => {
    expect(formatAmount(micros)).toBe(text);
  });

  test("is undone by parseAmount for any amount", () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 40n), 10n ** 40n), (micros) => {
        expect(parseAmount(formatAmount(micros))).toBe(micros);
      }),
    );
  });

  test("reads the same of a number as of a bigint", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (micros) => {
        expect(formatAmount(micros)).toBe(formatAmount(BigInt(micros)));
      }),
    );
  });
});

describe("parseAmount", () => {
  test.each(["", "1e3", "1.", ".5", "1.1234567", "0x1", "NaN", " 1"])("refuses %p", (text) => {
    expect(() => parseAmount(text)).toThrow("must be a decimal, received");
  });
});

describe("parseDecimal", () => {
  const price = { decimals: 6, max: 10n ** 18n };
  test.each([
    ["0", 0n],
    ["-0", 0n],
    ["-0.000e999999999999", 0n],
    ["1e3", 1_000_000_000n],
    ["1.2300000000", 1_230_000n],
    ["0.000001", 1n],
    ["10e-7", 1n],
    ["1000000000000", 10n ** 18n],
    ["1e12", 10n ** 18n],
  ])("%p is %p micros", (text, value) => {
    expect(parseDecimal(text, price)).toBe(value);
  });

  test.each([
    "0.0000001",
    "1e-7",
    "-0.01",
    "1000000000000.000001",
    "1e13",
    "1e400",
    "1e99999999999999999999",
    "1e-99999999999999999999",
    "NaN",
    "",
  ])("%p is refused", (text) => {
    expect(parseDecimal(text, price)).toBeUndefined();
  });

  test("does not depend on how the same value is written", () => {
    const digits = fc.bigInt(0n, 10n ** 18n);
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 30 }), fc.nat(5), (micros, shift, zeros) => {
        const padded = micros.toString().padStart(shift + 1, "0");
        const whole = padded.slice(0, padded.length - shift);
        const fraction = padded.slice(padded.length - shift) + "0".repeat(zeros);
        const text = `${whole}${fraction ? `.${fraction}` : ""}e${shift - 6}`;
        expect(parseDecimal(text, price)).toBe(micros);
      }),
    );
  });
});

describe("productProblem", () => {
  test.each(["a", "Côte de Blaye", "<img src=x onerror=alert(1)>", "__proto__", "é".repeat(128)])(
    "accepts %p",
    (name) => {
      expect(productProblem(name)).toBeUndefined();
    },
  );

  test.each(["", "a\nb", "\x7f", "\x85", "\ud800", "é".repeat(129)])("refuses %p", (name) => {
    expect(productProblem(name)).toStartWith("product must");
  });
});
