/** Records in Avro by the fast path: it takes those that people have, and reads as the judge. */

import { afterEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { RecordBatch, SaleSums } from "../../../../src/kafka/kafka.ts";
import { native } from "../../../../src/kafka/native.ts";
import { judgeWhenReady } from "../../../../src/mapping/awaiting.ts";
import { avroSchema } from "../../../../src/mapping/formats/avro/decode.ts";
import { inputJudge, inputSchemas } from "../../../../src/mapping/input-judge.ts";
import { sameSchema } from "../../../../src/mapping/schema-file.ts";
import { type AvroSchemaJson, framed } from "../../../support/avro.ts";
import { configOf } from "../../../support/context.ts";
import { namedSchemas, programOf, settingsOf } from "../../../support/programs.ts";
import { varint } from "../../../support/record-batches.ts";
import { type Registry, startRegistry } from "../../../support/registry.ts";
import { recordsOf, schemaOptionsOf, sharedCases } from "../../../support/shared-cases.ts";
import { avroOrder, avroTill } from "../../../support/usual-records.ts";
import { outcomesOf } from "../../program/outcomes.ts";

const closing: Registry[] = [];
afterEach(async () => {
  for (const registry of closing.splice(0)) await registry.stop();
});

const inAvro = (rules: string) => ({ ...settingsOf(rules), inputFormat: "avro" }) as const;
const fileOf = (schema: unknown) => sameSchema(avroSchema(JSON.stringify(schema)));

const numbers = Array.from({ length: 500 }, (_, i) => i);

test.each([
  ["till's event", avroTill, 1],
  ["order with three lines", avroOrder, 3],
] as const)(
  "no %s in Avro is left to the judge, with a schema's id and without",
  (_, make, lines) => {
    const settings = inAvro(make.rules);
    const bare = numbers.map((i) => ({ value: make(i) }));
    const withId = numbers.map((i) => ({ value: framed(300, make(i)) }));
    for (const [records, schemas] of [
      [bare, fileOf(make.schema)],
      [withId, namedSchemas({ 7: "string", 300: make.schema })],
    ] as const) {
      for (const { scanned, judged } of outcomesOf(settings, records, { schemas })) {
        expect(scanned).toEqual(judged);
        expect(scanned).toMatchObject({ outcome: "counted", sales: lines, untimed: 0 });
      }
    }
  },
);

for (const sample of sharedCases()) {
  if (sample.format !== "avro") continue;
  test(`${sample.name}: all but dead letters are taken, and counted as the judge does`, async () => {
    const registry = startRegistry({ schemas: schemaOptionsOf(sample).schemas });
    closing.push(registry);
    const args = ["--input-format", "avro", "--schema-registry", registry.url];
    const { currency } = sample;
    const settings = { ...configOf("run", ...args, "--map", sample.map.join("\n")), currency };
    const schemas = inputSchemas(settings);
    const judge = inputJudge(settings, schemas);
    const records = recordsOf(sample);
    for (const { value = null, headers = [] } of records) {
      const record = { topic: "sales", key: null, value, headers };
      await judgeWhenReady(judge, record, ({ arrival }) => arrival);
    }
    for (const { scanned, judged } of outcomesOf(settings, records, { schemas })) {
      expect(scanned).toEqual(judged);
    }
  });
}

/** Whether the fast path takes a field `a` of `type`, under the same product as the judge. */
function isTaken(type: AvroSchemaJson, bytes: readonly number[], rules = "product: a; price: 1") {
  const schemas = fileOf({ type: "record", name: "R", fields: [{ name: "a", type }] });
  const [outcome] = outcomesOf(inAvro(rules), [{ value: Uint8Array.from(bytes) }], {
    schemas,
    known: ["x"],
  });
  if (outcome?.scanned.outcome !== "counted") return false;
  expect(outcome.scanned).toEqual(outcome.judged as never);
  return true;
}

const logical = (type: string, logicalType: string, more = {}) => ({ type, logicalType, ...more });
const decimal = logical("bytes", "decimal", { precision: 20, scale: 2 });
const double = (value: number) => [...new Uint8Array(new Float64Array([value]).buffer)];
const float = (value: number) => [...new Uint8Array(new Float32Array([value]).buffer)];

describe("The text of a product in Avro", () => {
  test.each<[string, AvroSchemaJson, number[]]>([
    ["a text", "string", [4, 0xc3, 0xa4]],
    ["a boolean", "boolean", [1]],
    ["the least long", "long", varint(-(2n ** 63n))],
    ["a long with a superfluous byte", "long", [0x82, 0]],
    ["an enum", { type: "enum", name: "E", symbols: ["EUR", "USD"] }, [2]],
    ["the branch of a union", ["null", "string"], [2, 2, 65]],
    ["a decimal with zeros at its end", decimal, [4, 0x09, 0xc4]],
    ["a negative decimal below one", decimal, [2, 0xff]],
    ["a decimal of eight bytes", decimal, [16, 0x80, 0, 0, 0, 0, 0, 0, 0]],
    ["a double of money", "double", double(24.95)],
    ["a double with 15 digits", "double", double(123456789.012345)],
    ["a float of money", "float", float(24.95)],
    ["minus zero", "double", double(-0)],
    [
      "a UUID",
      logical("fixed", "uuid", { name: "U", size: 16 }),
      Array.from({ length: 16 }, (_, i) => 16 * i),
    ],
    ["a leap day", logical("int", "date"), varint(11_016n)],
    ["a time of day", logical("int", "time-millis"), varint(86_399_999n)],
    [
      "the last microsecond of 9999",
      logical("long", "timestamp-micros"),
      varint(253_402_300_799_999_999n),
    ],
    ["a local time in nanoseconds", logical("long", "local-timestamp-nanos"), varint(1n)],
  ])("is read from %s", (_, type, bytes) => {
    expect(isTaken(type, bytes)).toBe(true);
  });

  test.each<[string, AvroSchemaJson, number[]]>([
    ["a text that is no UTF-8", "string", [2, 0xff]],
    ["a decimal of nine bytes", decimal, [18, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ["a decimal without bytes", decimal, [0]],
    ["a double that needs 17 digits", "double", double(0.1 + 0.2)],
    ["a double below a millionth", "double", double(1e-7)],
    ["a double beyond 15 digits", "double", double(1e15)],
    ["no number", "double", double(Number.NaN)],
    ["a float that needs 8 digits", "float", float(1234567.5)],
    ["a time before 1970", logical("long", "timestamp-millis"), varint(-1n)],
    ["a time behind 9999", logical("long", "timestamp-millis"), varint(253_402_300_800_000n)],
    ["a union without such a branch", ["null", "string"], [4]],
    ["an enum without such a symbol", { type: "enum", name: "E", symbols: ["A"] }, [2]],
    ["bytes behind the record", "boolean", [1, 1]],
    ["a text longer than the record", "string", [20, 65]],
    ["a text of a negative length", "string", [1]],
    ["an integer of more than 64 bits", "long", [...Array(9).fill(0x80), 2]],
  ])("is left to the judge where it is %s", (_, type, bytes) => {
    // The rules themselves take anything.
    const rules = "product: 'x'; price: 1; only: a not in (other)";
    expect(isTaken(type, bytes, rules)).toBe(false);
  });

  test("is that of the judge for any day, time and decimal", () => {
    const types = [
      [logical("int", "date"), 2_932_896n],
      [logical("long", "timestamp-millis"), 253_402_300_799_999n],
      [logical("long", "time-micros"), 86_399_999_999n],
    ] as const;
    const chosen = fc.constantFrom(...types);
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(chosen, part, ([type, most], part) => {
        const value = BigInt(Math.floor(Number(most) * part));
        expect(isTaken(type, varint(value))).toBe(true);
      }),
      { numRuns: 500 },
    );
    // No decimal of so few digits reads back as another float.
    fc.assert(
      fc.property(
        fc.integer({ min: -999_999, max: 999_999 }),
        fc.nat({ max: 6 }),
        (units, scale) => {
          expect(isTaken("double", double(units / 10 ** scale))).toBe(true);
          expect(isTaken("float", float(units / 10 ** scale))).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  }, 600_000);
});

test("what no rule reads is skipped, whatever it is, and checked all the same", () => {
  const rest = (type: AvroSchemaJson) => {
    const fields = [
      { name: "x", type },
      { name: "a", type: "string" },
    ];
    const schemas = fileOf({ type: "record", name: "R", fields });
    return (...bytes: number[]) => {
      const value = Uint8Array.from([...bytes, 2, 65]);
      const [outcome] = outcomesOf(inAvro("product: a; price: 1"), [{ value }], {
        schemas,
        known: ["A"],
      });
      return outcome?.scanned.outcome === "counted";
    };
  };
  const array = rest({ type: "array", items: "long" });
  // Blocks with a size and without; the size is not looked at.
  expect(array(4, 2, 4, 1, 99, 6, 0)).toBe(true);
  expect(array(4, 2)).toBe(false);
  const map = rest({ type: "map", values: ["null", "bytes"] });
  expect(map(2, 2, 65, 2, 4, 0xff, 0xfe, 0)).toBe(true);
  expect(map(2, 2, 0xff, 0, 0)).toBe(false);
  const list = { type: "record", name: "L", fields: [{ name: "next", type: ["null", "L"] }] };
  expect(rest(list)(2, 2, 2, 0)).toBe(true);
  expect(rest(list)(...Array.from({ length: 1_000 }, () => 2), 0)).toBe(false);
  // Items that need no bytes must not cost time without end.
  expect(rest({ type: "array", items: "null" })(...varint(2n ** 40n), 0)).toBe(false);
  expect(
    rest(logical("fixed", "decimal", { name: "F", size: 3, precision: 6, scale: 2 }))(1, 2, 3),
  ).toBe(true);
  expect(rest("string")(2, 0xff)).toBe(false);
});

test("a decimal takes `decimal N` where the schema says the same, and so do its bare bytes", () => {
  const price = (rule: string) => `product: 'x'; price: ${rule}`;
  expect(isTaken(decimal, [4, 0x09, 0xbf], price("a decimal 2"))).toBe(true);
  expect(isTaken(decimal, [4, 0x09, 0xbf], price("a decimal 4"))).toBe(false);
  expect(isTaken("bytes", [4, 0x09, 0xbf], price("a decimal 4"))).toBe(true);
  expect(isTaken("bytes", [4, 0x09, 0xbf], price("a"))).toBe(false);
});

test("a program whose schema is cut is refused", () => {
  const program = programOf(inAvro(avroOrder.rules), { schemas: fileOf(avroOrder.schema) });
  const sums = new SaleSums(4);
  const batch = new RecordBatch({ recordsMax: 1, bytesMax: 100 });
  for (let bytes = program.byteLength - 4; bytes > 0; bytes -= 64) {
    const cut = program.slice(0, bytes);
    expect(() => native.sumUp(batch.memory, sums.memory, [], [], cut)).toThrow("program must be");
  }
});
