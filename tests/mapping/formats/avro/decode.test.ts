import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NumberSource } from "../../../../src/domain/money.ts";
import { avroSchema } from "../../../../src/mapping/formats/avro/decode.ts";
import { Shape } from "../../../../src/mapping/model/shape.ts";
import { type DecodedValue, UnreadableError } from "../../../../src/mapping/model/value.ts";
import { sameSchema } from "../../../../src/mapping/schema-file.ts";
import { judgeOf, record, told } from "../../records.ts";

/** The value of the field `a`, of `type`. */
function fieldOf(type: unknown, bytes: readonly number[]): DecodedValue | undefined {
  const shape = new Shape();
  shape.require({ origin: { kind: "line" }, steps: [{ kind: "key", key: "a" }] });
  const value = decode(type, bytes, shape);
  return value instanceof Map ? (value.get("a") as DecodedValue) : undefined;
}

function decode(type: unknown, bytes: readonly number[], shape = new Shape()): DecodedValue {
  const fields = [{ name: "a", type }];
  const schema = avroSchema(JSON.stringify({ type: "record", name: "R", fields }));
  return schema.decode(Uint8Array.from(bytes), shape);
}

const plain = (value: DecodedValue | undefined) =>
  value instanceof NumberSource ? value.text : value;
const decimal = { type: "bytes", logicalType: "decimal", precision: 20, scale: 2 };

describe("Avro", () => {
  test.each<[string, unknown, number[], unknown]>([
    ["null", "null", [], null],
    ["boolean", "boolean", [1], true],
    ["a negative long", "long", [3], "-2"],
    ["a long beyond 2^53", "long", [130, 128, 128, 128, 128, 128, 128, 32], "9007199254740993"],
    ["a double", "double", [0x33, 0x33, 0x33, 0x33, 0x33, 0xf3, 0x38, 0x40], "24.95"],
    ["a float", "float", [0x9a, 0x99, 0xc7, 0x41], "24.95"],
    ["a text", "string", [4, 0xc3, 0xa4], "ä"],
    ["an enum by its name", { type: "enum", name: "E", symbols: ["EUR", "USD"] }, [2], "USD"],
    ["the branch of a union", ["null", "string"], [2, 2, 65], "A"],
    ["an exact decimal", decimal, [4, 0x09, 0xbf], "24.95"],
    ["a negative decimal", decimal, [2, 0xff], "-0.01"],
    [
      "a decimal in fixed bytes",
      { type: "fixed", name: "F", size: 3, logicalType: "decimal", precision: 6, scale: 3 },
      [0, 9, 0xbf],
      "2.495",
    ],
    ["a date", { type: "int", logicalType: "date" }, [0x80 | 4, 1], "1970-03-08"],
    ["a time of day", { type: "int", logicalType: "time-millis" }, [2], "00:00:00.001"],
    [
      "millis before 1970",
      { type: "long", logicalType: "timestamp-millis" },
      [1],
      "1969-12-31T23:59:59.999Z",
    ],
    [
      "local micros",
      { type: "long", logicalType: "local-timestamp-micros" },
      [2],
      "1970-01-01T00:00:00.000001",
    ],
    [
      "nanos",
      { type: "long", logicalType: "timestamp-nanos" },
      [2],
      "1970-01-01T00:00:00.000000001Z",
    ],
    ["a logical type that does not fit", { type: "string", logicalType: "decimal" }, [2, 65], "A"],
  ])("reads %s", (_, type, bytes, expected) => {
    expect(plain(fieldOf(type, bytes))).toEqual(expected as never);
  });

  test("reads maps, arrays in blocks with their sizes, and a record in itself", () => {
    const type = {
      type: "record",
      name: "Node",
      namespace: "n",
      fields: [
        { name: "tags", type: { type: "map", values: "int" } },
        { name: "below", type: { type: "array", items: "Node" } },
      ],
    };
    const schema = avroSchema(JSON.stringify(type));
    const judge = judgeOf("lines: below[]; product: tags.x; price: 1", {
      format: "avro",
      schemas: sameSchema(schema),
    });
    // A map of {x: 1} in a block with a size, then one item with {x: 2} and nothing below.
    const item = [2, 2, 0x78, 4, 0, 0];
    const bytes = [1, 6, 2, 0x78, 2, 0, 1, item.length * 2, ...item, 0];
    expect(told(judge.judge(record(Uint8Array.from(bytes))))).toEqual(["2 1 · 1.00"]);
  });

  test("takes `decimal N` beside a decimal of the schema when both say the same", () => {
    const fields = [{ name: "p", type: decimal }];
    const schemas = sameSchema(avroSchema(JSON.stringify({ type: "record", name: "R", fields })));
    const value = record(Uint8Array.from([4, 0x09, 0xbf]));
    const of = (rule: string) =>
      told(judgeOf(`product: 'x'; price: ${rule}`, { format: "avro", schemas }).judge(value));
    expect(of("p")).toEqual(["x 1 · 24.95"]);
    expect(of("p decimal 2")).toEqual(["x 1 · 24.95"]);
    expect(of("p decimal 4")).toEqual([
      "price: must be 1 to 64 bytes of a decimal, or such in base64, received 24.95 at p",
    ]);
  });

  test.each<[string, unknown, number[], string]>([
    ["bytes behind the record", "int", [2, 0], "1 bytes more than its schema says"],
    ["a text longer than the value", "string", [20, 65], "ends too early"],
    ["a text of a negative length", "string", [1], "ends too early"],
    ["a union without such a branch", ["null"], [2], "branch 1 of a union of 1"],
    ["an enum without such a symbol", { type: "enum", name: "E", symbols: ["A"] }, [2], "symbol 1"],
    ["a boolean that is none", "boolean", [2], "boolean of 2"],
    [
      "items without end that need no bytes",
      { type: "array", items: "null" },
      [0xfe, 255, 255, 255, 255, 255, 255, 255, 255, 1],
      "more items than it has bytes for",
    ],
  ])("refuses %s, needed or not", (_, type, bytes, sentence) => {
    expect(() => decode(type, bytes)).toThrow(sentence);
    expect(() => fieldOf(type, bytes)).toThrow(sentence);
  });

  test("refuses a record that nests without end, and never reads the stack full", () => {
    const list = { type: "record", name: "L", fields: [{ name: "next", type: ["null", "L"] }] };
    const bytes = Array.from({ length: 100_000 }, () => 2);
    expect(() => decode(list, bytes)).toThrow("nests deeper than 200 levels");
  });

  test.each([
    ["{", "it is not JSON"],
    ['{"type":"record","name":"R"}', "record R has no fields"],
    ['{"type":"record","name":"R","fields":[{"name":"a","type":"Money"}]}', "the type Money is"],
    ['{"type":"fixed","name":"F"}', "fixed F has no size"],
    [`${"[".repeat(200)}"int"${"]".repeat(200)}`, "nests deeper"],
  ])("refuses the schema %s", (text, sentence) => {
    expect(() => avroSchema(text)).toThrow(sentence);
  });

  test("never fails otherwise than by calling the value unreadable, whatever the bytes are", () => {
    const types = [
      "string",
      ["null", "long", "double"],
      { type: "array", items: ["null", decimal] },
      {
        type: "map",
        values: { type: "record", name: "M", fields: [{ name: "b", type: "float" }] },
      },
    ];
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 40 }), (type, bytes) => {
        try {
          fieldOf(type, [...bytes]);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
