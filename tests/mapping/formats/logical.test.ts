import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { formatDecimal, fromTwosComplement } from "../../../src/mapping/exact/decimal.ts";
import {
  clockText,
  dateText,
  decimalNumber,
  timestampText,
  uuidText,
} from "../../../src/mapping/formats/logical.ts";

describe("decimalNumber", () => {
  /** Up to 6 bytes zeros at the end stayed, so a rule that reads a text got 24.90 or 24.9. */
  test("is the exact number in its one form, whatever its size is", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(bytes, fc.nat(20), (integer, scale) => {
        const exact = formatDecimal(fromTwosComplement(integer, scale));
        expect(decimalNumber(integer, scale).text).toBe(exact);
        const sign = (integer[0] as number) < 0x80 ? 0 : 255;
        const wider = Uint8Array.of(...Array.from({ length: 8 }, () => sign), ...integer);
        expect(decimalNumber(wider, scale).text).toBe(exact);
      }),
    );
  });

  test.each([0, 65])("refuses %d bytes", (length) => {
    expect(() => decimalNumber(new Uint8Array(length), 2)).toThrow("must have 1 to 64 bytes");
  });
});

describe("times", () => {
  test("are those of the clock, as numbers and beyond 2^53", () => {
    const ms = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(ms, (time) => {
        const iso = new Date(time).toISOString();
        expect(timestampText(time, { places: 3, zone: "Z" })).toBe(iso);
        const nanos = BigInt(time) * 1_000_000n;
        expect(timestampText(nanos, { places: 9, zone: "" })).toBe(iso.replace("Z", "000000"));
      }),
    );
  });

  test.each<[unknown, unknown]>([
    [dateText(-1), "1969-12-31"],
    [dateText(2 ** 31), "185542587187200 / 10^0 s since 1970"],
    [clockText(86_399_999, 3), "23:59:59.999"],
    [clockText(86_400_000, 3), { text: "86400000" }],
    [timestampText(2n ** 62n, { places: 3, zone: "Z" }), `${2n ** 62n} / 10^3 s since 1970`],
    [
      uuidText(Uint8Array.from({ length: 16 }, (_, i) => i)),
      "00010203-0405-0607-0809-0a0b0c0d0e0f",
    ],
  ])("a day, a clock, a year too far: %j", (found, expected) => {
    expect(found).toEqual(expected);
  });
});
