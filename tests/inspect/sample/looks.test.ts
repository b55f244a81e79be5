/** What values look like that cannot be read. */

import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { looksLike, mendOf } from "../../../src/inspect/sample/looks.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  ["<sale><sku>A</sku></sale>", "XML"],
  ["{'sku': 'A', 'qty': 1}", "JSON with single quotes, as Python prints objects"],
  ['{"sku":"A","price":NaN}', "JSON with NaN or Infinity, which JSON does not have"],
  ['{"sku":"A", /* two */ "qty":2}', "JSON with comments"],
  ['{"sku":"A","qty":2,}', "JSON with a comma behind the last value"],
  ['{"sku":"A"}\n{"sku":"B"}', "several JSON texts in one value"],
  ['\uFEFF{"sku":"A"}', "JSON behind a byte-order mark"],
  ['{"sku":"A","qty":', "JSON that is not strict, or cut"],
  [btoa('{"sku":"A"}'), "JSON in base64"],
  ["7;Tea;2;4,99", "csv with ; between the columns"],
  ["7\tTea\t2\t4.99", "csv with tabs between the columns"],
  ["two cups of tea; one spoon", undefined],
  ["", undefined],
])("%j", (text, looks) => {
  expect(looksLike(bytes(text))).toBe(looks);
});

test("a producer is told what to write instead", () => {
  expect(mendOf("XML")).toBe("write JSON, csv, Avro or Protobuf");
  expect(mendOf("csv with ; between the columns")).toBe("write commas, and decimals with a point");
  expect(mendOf("JSON with comments")).toBe("write strict JSON (RFC 8259)");
  expect(mendOf("gzip")).toStartWith("let Kafka's client compress");
});

test("compressed values and text in UTF-16 are known by how they begin", () => {
  expect(looksLike(gzipSync("{}"))).toBe("gzip");
  expect(looksLike(Uint8Array.of(0xff, 0xfe, 0x7b, 0))).toBe("text in UTF-16");
  expect(looksLike(Uint8Array.of(0x0a, 3, 0x6f, 0xff))).toBeUndefined();
});
