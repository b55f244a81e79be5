import { expect, test } from "bun:test";
import fc from "fast-check";
import { visible } from "../../../src/dashboard/records/raw.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  ['{"product": "Côte"}', '{"product": "Côte"}'],
  ["a\u0000b\u001b[31m\u202ec", "a\\u{0}b\\u{1b}[31m\\u{202e}c"],
  ["", "(empty)"],
])("visible shows %p as text", (text, expected) => {
  expect(visible(bytes(text))).toBe(expected);
});

test("visible shows what is no text in hexadecimal, and how much is left out", () => {
  expect(visible(new Uint8Array([0xff, 0x00, 0x10]))).toBe("0x ff 00 10");
  expect(visible(new Uint8Array(200).fill(0xff))).toMatch(/^0x (ff ){96}… 104 more bytes$/);
  expect(visible(null)).toBe("(no value)");
});

test("visible takes a part that ends inside a character", () => {
  expect(visible(bytes("Côte").subarray(0, 2), 5)).toBe("C … 3 more bytes");
});

test("visible never fails, and never lets a control character through", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(1000), (of, more) => {
      expect(visible(of, of.length + more)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }),
  );
});
