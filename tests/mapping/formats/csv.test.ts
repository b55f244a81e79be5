import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeCsv } from "../../../src/mapping/formats/csv.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const fields = (line: string, count: number) => {
  const columns = Array.from({ length: count }, (_, i) => `c${i}`);
  return [...(decodeCsv(bytes(line), columns) as Map<string, unknown>).values()];
};

describe("decodeCsv", () => {
  test.each([
    ["a,b", ["a", "b"]],
    ["a,b\n", ["a", "b"]],
    ["a,b\r\n", ["a", "b"]],
    ['"a, small","say ""hi"""', ["a, small", 'say "hi"']],
    ['"two\nlines",1', ["two\nlines", "1"]],
    [" a , b ", [" a ", " b "]],
    ['a,,""', ["a", null, ""]],
    ["", [null]],
    [",", [null, null]],
  ])("reads %p", (line, expected) => {
    expect(fields(line, expected.length)).toEqual(expected);
  });

  test.each([
    ["a,b,c", 2, "csv: 3 columns, expected 2"],
    ["a", 2, "csv: 1 column, expected 2"],
    ['"a', 1, "csv: no closing quote in column 1"],
    ['a,"b"c', 2, "csv: a character behind the closing quote in column 2"],
    ['5" nail,b', 2, "csv: a quote inside of a field in column 1"],
    ["a,b\nc,d", 2, "csv: more than one line"],
  ])("refuses %p", (line, count, sentence) => {
    expect(() => fields(line, count)).toThrow(sentence);
  });

  test("refuses bytes that are not UTF-8", () => {
    expect(() => decodeCsv(Uint8Array.of(0x61, 0xff), ["a"])).toThrow("not valid UTF-8");
  });

  test("any fields, written with quotes, are read as they are", () => {
    const texts = fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(texts, (texts) => {
        const line = texts.map((text) => `"${text.replaceAll('"', '""')}"`).join(",");
        expect(fields(line, texts.length)).toEqual(texts);
      }),
    );
  });
});
