import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dayNumber, dayText } from "../../src/domain/day.ts";
import { exactOf } from "../../src/domain/exact.ts";
import { isBookkeepingKey } from "../../src/wire/bookkeeping.ts";
import {
  dayKey,
  decodeDay,
  encodeDay,
  isDayKey,
  productOfDayKey,
} from "../../src/wire/day-record.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (written: Uint8Array) => new TextDecoder().decode(written);
const day = {
  product: 'Tee \u00e9 "x"',
  day: "2026-11-25",
  quantity: -9_007_199_254_740_993n,
  revenue: 10n ** 27n + 1n,
  sales: 2n ** 64n,
  returns: 3n,
};

describe("the record of an ended day", () => {
  test("is read back as it was written, under the key of its product and place", () => {
    const key = dayKey(bytes(day.product), day.day);
    const { product: _, day: date, ...sums } = day;
    const expected = { day: dayNumber(date) as number, ...exactOf(sums) };
    expect(decodeDay(key, encodeDay(day))).toEqual(expected);
    expect(isDayKey(key)).toBe(true);
    expect(isBookkeepingKey(key)).toBe(false);
    expect(text(productOfDayKey(key))).toBe(day.product);
  });

  test("is read to the same in any other form than ours", () => {
    const number = fc.oneof(fc.bigInt(-(2n ** 60n), 2n ** 60n), fc.bigInt(-(10n ** 9n), 10n ** 9n));
    const count = fc.oneof(fc.bigInt(0n, 2n ** 60n), fc.bigInt(0n, 1_000n));
    const name = fc.constantFrom("Tea", "Caf\u00e9", 'a"b', "x");
    const date = fc.integer({ min: 0, max: 2_932_896 });
    fc.assert(
      fc.property(name, date, fc.tuple(number, number, count, count), (product, date, figures) => {
        const [quantity, revenue, sales, returns] = figures;
        const sums = { quantity, revenue, sales, returns };
        const written = encodeDay({ product, day: dayText(date), ...sums });
        const key = dayKey(bytes(product), dayText(date));
        const expected = { day: date, ...exactOf(sums) };
        expect(decodeDay(key, written)).toEqual(expected);
        expect(decodeDay(key, bytes(` ${text(written)}`))).toEqual(expected);
      }),
    );
  });

  test("has the form of the contract", () => {
    // 2026-11-25 is day 20782 since 1970-01-01, and 20782 mod 64 is 46.
    expect(text(dayKey(bytes("Laptop"), "2026-11-25"))).toBe("\0day\x0046\0Laptop");
    expect(text(dayKey(bytes("Laptop"), "1970-01-02"))).toBe("\0day\x0001\0Laptop");
    const sums = { quantity: 42_000_000n, revenue: 20_999_580_000n, sales: 17n, returns: 0n };
    expect(text(encodeDay({ product: "Laptop", day: "2026-11-25", ...sums }))).toBe(
      '{"product":"Laptop","day":"2026-11-25","quantity":42,"price":"20999.58","sales":17,' +
        '"returns":0}',
    );
  });

  test("shares its place with the days 64 before and after, and with none that is kept", () => {
    const key = (date: string) => text(dayKey(bytes("a"), date));
    expect(key("2026-03-06")).toBe(key("2026-01-01"));
    expect(key("2026-03-03")).not.toBe(key("2026-01-01"));
  });

  test("is refused under the key of another product or day", () => {
    const sums = { quantity: 0n, revenue: 0n, sales: 1n, returns: 1n };
    const value = encodeDay({ product: "Tea", day: "2026-11-25", ...sums });
    const keys = [dayKey(bytes("Tea"), "2026-11-24"), dayKey(bytes("Coffee"), "2026-11-25")];
    for (const key of keys) {
      expect(() => decodeDay(key, value)).toThrow("its key is not that of Tea on 2026-11-25");
    }
  });
});
