/** The program of the fast path, as schemas come. */

import { describe, expect, test } from "bun:test";
import { ProductIndex } from "../../src/domain/products.ts";
import { type OutgoingRecord, RecordBatch, SaleSums } from "../../src/kafka/kafka.ts";
import { native } from "../../src/kafka/native.ts";
import { InputProgram } from "../../src/mapping/input-program.ts";
import { framed } from "../support/avro.ts";
import { namedSchemas, programOf, settingsOf } from "../support/programs.ts";
import { outcomesOf } from "./program/outcomes.ts";

const encoder = new TextEncoder();
const inAvro = (rules: string) => ({ ...settingsOf(rules), inputFormat: "avro" }) as const;
const product = { type: "record", name: "R", fields: [{ name: "a", type: "string" }] };

test("is made anew when a schema is ready, and only then", () => {
  const options = { topic: "sales", now: new Date() };
  const rules = "product: a; price: 1";
  let { ready } = namedSchemas({});
  const schemas = {
    areNamed: true,
    open: namedSchemas({}).open,
    get ready() {
      return ready;
    },
  };
  const program = new InputProgram(inAvro(rules), { ...options, schemas });
  const before = program.memory;
  expect(program.memory).toBe(before);
  ({ ready } = namedSchemas({ 7: product }));
  expect(program.memory.byteLength).toBeGreaterThan(before.byteLength);
  const json = new InputProgram(settingsOf(rules), { ...options, schemas: undefined });
  expect(json.memory).toBe(json.memory);
});

test.each(["protobuf", "csv", "avro"] as const)(
  "there is none of %s without a schema",
  (inputFormat) => {
    const settings = { ...settingsOf("columns: a; product: a; price: 1"), inputFormat };
    const options = { topic: "sales", now: new Date(), schemas: undefined };
    expect(new InputProgram(settings, options).memory.byteLength).toBe(0);
  },
);

describe("A record that may have to wait for its schema", () => {
  const schemas = namedSchemas({ 7: product });
  const guid = { name: "__value_schema_id", value: Uint8Array.from([1, ...Array(16).fill(7)]) };
  const header = { name: "__value_schema_id", value: Uint8Array.from([0, 0, 0, 0, 7]) };
  const body = Uint8Array.from([2, 65]);

  /** Which of the records a poll adds up. */
  function taken(records: readonly OutgoingRecord[], rules = "product: a; price: 1") {
    const batch = new RecordBatch({ recordsMax: 20, bytesMax: 10_000 });
    for (const record of records) batch.append({ partition: 0, ...record });
    const products = new ProductIndex();
    products.findOrAdd(encoder.encode("A"));
    const sums = new SaleSums(100, { program: programOf(inAvro(rules), { schemas }) });
    sums.known = new Map([0, 1].map((partition) => [partition, [products.memory]]));
    return native.sumUp(batch.memory, ...sums.asArguments());
  }

  const known = { value: framed(7, body) };
  const unknown = { value: framed(8, body) };

  test("keeps all behind it on its partition out of the sums, and no other partition's", () => {
    const other = { ...known, partition: 1 };
    expect(taken([known, unknown, known, other, known, other])).toEqual([0, 3, 5]);
    const behind = { value: body, headers: [guid] };
    expect(taken([{ value: body, headers: [header] }, behind, known])).toEqual([0]);
  });

  // A dead letter is one at once, so the records behind it need not be slow.
  test("is none that names no schema, and none that is filtered by what comes with it", () => {
    const nothing = { value: null };
    const noFrame = [
      { value: Uint8Array.of(0, 0, 0, 7) },
      { value: Uint8Array.of(3, 0, 0, 0, 8, 2) },
    ];
    expect(taken([...noFrame, nothing, known])).toEqual([2, 3]);
    const rules = "product: a; price: 1; only: $header.type in (sale)";
    const type = (name: string) => [{ name: "type", value: encoder.encode(name) }];
    const records = [
      { ...unknown, headers: type("other") },
      { ...known, headers: type("sale") },
      { ...unknown, headers: type("sale") },
      { ...known, headers: type("sale") },
    ];
    expect(taken(records, rules)).toEqual([0, 1]);
  });

  // The judge filters by a header before it looks for a schema, unless it cannot read the header.
  test("may be one whose header is no UTF-8", () => {
    const rules = "product: a; price: 1; only: $header.type not in (other)";
    const bad = [{ name: "type", value: Uint8Array.of(0xff) }];
    expect(taken([{ ...unknown, headers: bad }, known], rules)).toEqual([]);
    expect(taken([{ ...known, headers: bad }, known], rules)).toEqual([1]);
  });
});

// A number that does not fit 32 bits would stand for another one, and C++ would read other bytes.
test.each<[string, object]>([
  ["bytes of a fixed type", { type: "fixed", name: "F", size: 2 ** 32 + 1 }],
  ["symbols of an enum", { type: "enum", name: "E", symbols: Array(100_001).fill("A") }],
  ["letters of a symbol", { type: "enum", name: "E", symbols: ["A", "B".repeat(100_001)] }],
])("a schema with more %s than a program can say is the judge's", (_, type) => {
  const fields = [{ name: "x", type }, ...product.fields];
  const schemas = namedSchemas({ 1: { ...product, fields }, 2: product });
  const records = [
    { value: framed(1, Uint8Array.of(0, 2, 65)) },
    { value: framed(2, Uint8Array.of(2, 65)) },
  ];
  const options = { schemas, known: ["A"] };
  const outcomes = outcomesOf(inAvro("product: a; price: 1"), records, options);
  expect(outcomes.map(({ scanned }) => scanned.sales)).toEqual([0, 1]);
});

test("records of a schema that the fast path cannot follow are the judge's, and hold up nobody", () => {
  const twice = [
    { name: "a", type: "string" },
    { name: "a", type: "string" },
  ];
  const large = Array.from({ length: 2_001 }, (_, i) => ({ name: `a${i}`, type: "string" }));
  const schemas = namedSchemas({
    1: { type: "record", name: "R", fields: twice },
    2: { type: "record", name: "R", fields: [...large, ...twice.slice(1)] },
    3: { type: "record", name: "R", fields: twice.slice(1) },
  });
  const records = [
    { value: framed(1, Uint8Array.of(2, 66, 2, 65)) },
    { value: framed(2, Uint8Array.from([...Array(2_001).fill(0), 2, 65])) },
    { value: framed(3, Uint8Array.of(2, 65)) },
  ];
  const outcomes = outcomesOf(inAvro("product: a; price: 1"), records, { schemas });
  expect(outcomes.map(({ judged }) => judged.sales)).toEqual([1, 1, 1]);
  expect(outcomes.map(({ scanned }) => scanned.sales)).toEqual([0, 0, 1]);
});
