import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ByteReader, floatText } from "../../../src/mapping/formats/byte-reader.ts";

const reader = (...bytes: number[]) => new ByteReader(Uint8Array.from(bytes));

describe("ByteReader", () => {
  test.each([
    ["0", [0]],
    ["300", [0xac, 2]],
    ["9007199254740993", [0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
    ["18446744073709551615", [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
  ] as const)("reads the varint %s, whatever its size is", (text, bytes) => {
    expect(String(reader(...bytes).varint())).toBe(text);
  });

  test("reads any integer of 64 bits in zigzag form as it was written", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
        const bytes: number[] = [];
        do {
          bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
          rest >>= 7n;
        } while (rest > 0n);
        expect(String(reader(...bytes).zigzag())).toBe(String(value));
      }),
    );
  });

  test.each<[string, (one: ByteReader) => unknown, number[]]>([
    ["a varint", (one) => one.varint(), [0x80]],
    ["a text", (one) => one.text(2), [65]],
    ["a double", (one) => one.double(), [0, 0, 0, 0, 0, 0, 0]],
    ["bytes of a negative length", (one) => one.take(-1), [1, 2]],
    ["bytes of a length without end", (one) => one.take(2n ** 63n), [1, 2]],
  ])("does not read %s beyond the last byte", (_, read, bytes) => {
    expect(() => read(reader(...bytes))).toThrow("ends too early");
  });

  test("refuses an integer of more than 64 bits", () => {
    expect(() => reader(...Array.from({ length: 11 }, () => 0x80)).varint()).toThrow("64 bits");
  });

  test("does not take bytes for UTF-8 that are none", () => {
    expect(() => reader(0xff).text(1)).toThrow("not valid UTF-8");
    expect(reader(0xc3, 0xa4).text(2)).toBe("ä");
  });
});

describe("floatText", () => {
  test.each([
    [0.1, "0.1"],
    [24.95, "24.95"],
    [-19.99, "-19.99"],
    [16_777_216, "16777216"],
    [Number.NaN, "NaN"],
  ])("writes the float of 32 bits nearest to %d as %s", (number, text) => {
    expect(floatText(Math.fround(number))).toBe(text);
  });

  test("is the shortest decimal that reads back as the float, also at powers of two", () => {
    const powers = Array.from({ length: 276 }, (_, i) => Math.fround(2 ** (i - 148)));
    const floats = fc.sample(fc.float({ noNaN: true, noDefaultInfinity: true }), 2_000);
    for (const float of [...powers, ...floats]) {
      const text = floatText(float);
      expect(Math.fround(Number(text))).toBe(float === 0 ? 0 : float);
      const digits = text
        .replace(/e.*/, "")
        .replace(/[-.]/g, "")
        .replace(/^0+|0+$/g, "").length;
      for (let fewer = 1; fewer < digits; fewer++) {
        expect(Math.fround(Number(float.toPrecision(fewer)))).not.toBe(float);
      }
    }
  });
});
