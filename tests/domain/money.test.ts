import { expect, test } from "bun:test";
import fc from "fast-check";
import { fitsNumber, formatAmount, formatQuantity, parseAmount } from "../../src/domain/money.ts";

const micros = fc.oneof(
  fc.bigInt(-(2n ** 90n), 2n ** 90n),
  fc.bigInt(-(2n ** 53n), 2n ** 53n),
  fc.bigInt(-(10n ** 9n), 10n ** 9n).map((cents) => cents * 10_000n),
  fc.bigInt(-(10n ** 9n), 10n ** 9n).map((units) => units * 1_000_000n),
);

test("an amount is read back as it was written, be it a number or not", () => {
  fc.assert(
    fc.property(micros, (value) => {
      const text = formatAmount(value);
      expect(text).toMatch(/^-?(0|[1-9]\d*)\.(\d\d|\d{2,5}[1-9])$/);
      expect(parseAmount(text)).toBe(value);
      if (fitsNumber(value)) expect(formatAmount(Number(value))).toBe(text);
      expect(formatQuantity(value)).toBe(text.replace(/\.?0+$/, ""));
    }),
  );
});

test.each([
  [0n, "0.00", "0"],
  [1n, "0.000001", "0.000001"],
  [-50_000n, "-0.05", "-0.05"],
  [100_000n, "0.10", "0.1"],
  [20_999_580_000n, "20999.58", "20999.58"],
  [2n ** 53n - 1n, "9007199254.740991", "9007199254.740991"],
  [-(2n ** 53n), "-9007199254.740992", "-9007199254.740992"],
  [10n ** 24n, "1000000000000000000.00", "1000000000000000000"],
])("%p millionths are %p", (value, amount, quantity) => {
  expect(formatAmount(value)).toBe(amount);
  expect(formatQuantity(value)).toBe(quantity);
});
