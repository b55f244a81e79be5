/** The format of a sample, in a sentence. */

import { expect, test } from "bun:test";
import { findingsOf } from "../../src/inspect/findings.ts";
import { findingsJson } from "../../src/inspect/json.ts";
import { formatText } from "../../src/inspect/print-format.ts";
import { utc } from "../../src/mapping/exact/zone.ts";
import { judgeOf, record } from "../mapping/records.ts";

const found = (...values: string[]) =>
  findingsOf(
    values.map((value) => record(value)),
    { judge: judgeOf("product: sku; price: 0"), currency: "USD", zone: utc },
  );

// Python's objects and JSON with NaN were taken for csv, because they have commas.
test("it says what values look like that cannot be read", () => {
  const python = "{'sku': 'A', 'qty': 1, 'price': 2}";
  expect(formatText(found(python, python))).toBe(
    "Format: JSON with single quotes, as Python prints objects. Salesboard does not read it: " +
      "print them by json.dumps",
  );
  expect(formatText(found('{"sku":"A"}', "<sale/>"))).toBe(
    "Format: JSON; 1 are not JSON, the first of them XML",
  );
  expect(formatText(found("good morning"))).toBe(
    "Format: text that is not JSON. Salesboard does not read it: write JSON, csv, Avro or Protobuf",
  );
});

// Such a topic was "JSON", and nothing said why no mapping fits.
test("JSON that was made JSON twice is no JSON that a path can enter", () => {
  const sale = JSON.stringify('{"sku":"A","qty":1,"price":2}');
  expect(formatText(found(sale, sale))).toBe(
    "Format: JSON inside of a JSON text. Salesboard does not read it: " +
      "serialize each record only once",
  );
  expect(formatText(found('"good morning"'))).toBe("Format: JSON");
});

test("programs are told, too", () => {
  const looks = (...values: string[]) => {
    const findings = found(...values);
    const sample = { records: [], of: undefined, source: "a test" };
    return JSON.parse(findingsJson(sample, findings, null)).sample.looks;
  };
  expect(looks('{"sku":"A"}', "<sale/>")).toBe("XML");
  expect(looks('{"sku":"A"}')).toBeNull();
});
