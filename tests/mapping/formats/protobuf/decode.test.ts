import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NumberSource } from "../../../../src/domain/money.ts";
import { filesOfSet } from "../../../../src/mapping/formats/protobuf/descriptor.ts";
import { parseProto } from "../../../../src/mapping/formats/protobuf/proto-text.ts";
import { protobufSchema } from "../../../../src/mapping/formats/protobuf/schema.ts";
import type { RecordSchema } from "../../../../src/mapping/model/schema.ts";
import { Shape } from "../../../../src/mapping/model/shape.ts";
import { type DecodedValue, UnreadableError } from "../../../../src/mapping/model/value.ts";
import { rulePaths } from "../../../../src/mapping/rule-paths.ts";
import { parseMapping } from "../../../../src/mapping/rules/parse.ts";
import { sameSchema } from "../../../../src/mapping/schema-file.ts";
import { clientDescriptorSet, clientRecord } from "../../../support/registry.ts";
import { judgeOf, record, told } from "../../records.ts";

const proto3 = (body: string) => schemaOf(`syntax = "proto3"; message M { ${body} }`);

function schemaOf(text: string, name = "M"): RecordSchema {
  return protobufSchema([parseProto(text)], name);
}

/** What stands at `path`, numbers as their text. */
function read(schema: RecordSchema, path: string, bytes: readonly number[]) {
  const [place] = rulePaths(parseMapping(`product: ${path}; price: 1`));
  const shape = new Shape();
  if (place) shape.require(place.path);
  let value: DecodedValue | undefined = schema.decode(Uint8Array.from(bytes), shape);
  for (const step of place?.path.steps ?? []) {
    if (step.kind === "key" && value instanceof Map) value = value.get(step.key) as DecodedValue;
    else if (step.kind === "index" && Array.isArray(value)) value = value[step.index];
    else value = undefined;
  }
  return value instanceof NumberSource ? value.text : value;
}

const ones = (count: number) => Array.from({ length: count }, () => 255);

describe("Protobuf", () => {
  test.each<[string, string, number[], unknown]>([
    ["int32", "int32 a = 1;", [8, ...ones(9), 1], "-1"],
    [
      "int64",
      "int64 a = 1;",
      [8, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
      "9007199254740993",
    ],
    ["uint64", "uint64 a = 1;", [8, ...ones(9), 1], "18446744073709551615"],
    ["uint32", "uint32 a = 1;", [8, 255, 255, 255, 255, 15], "4294967295"],
    ["sint64", "sint64 a = 1;", [8, 3], "-2"],
    ["fixed64", "fixed64 a = 1;", [9, ...ones(8)], "18446744073709551615"],
    ["sfixed32", "sfixed32 a = 1;", [13, 254, 255, 255, 255], "-2"],
    ["double", "double a = 1;", [9, 0x33, 0x33, 0x33, 0x33, 0x33, 0xf3, 0x38, 0x40], "24.95"],
    ["float", "float a = 1;", [13, 0x9a, 0x99, 0xc7, 0x41], "24.95"],
    ["bool", "bool a = 1;", [8, 1], true],
    ["string", "string a = 1;", [10, 2, 0xc3, 0xa4], "ä"],
    ["enum", "enum E { NONE = 0; SALE = 2; } E a = 1;", [8, 2], "SALE"],
    ["an enum's unknown number", "enum E { NONE = 0; } E a = 1;", [8, 9], "9"],
    ["the last of a scalar that stands twice", "int32 a = 1;", [8, 1, 8, 2], "2"],
  ])("reads %s", (_, fields, bytes, expected) => {
    expect(read(proto3(fields), "a", bytes)).toEqual(expected as never);
  });

  test.each<[string, string, unknown]>([
    ["a number of proto3", 'syntax = "proto3"; message M { int32 a = 1; }', "0"],
    ["a text of proto3", 'syntax = "proto3"; message M { string a = 1; }', ""],
    ["a boolean of proto3", 'syntax = "proto3"; message M { bool a = 1; }', false],
    ["an enum of proto3", 'syntax = "proto3"; message M { enum E { NO = 0; } E a = 1; }', "NO"],
    ["an optional field", 'syntax = "proto3"; message M { optional int32 a = 1; }', undefined],
    ["a message", 'syntax = "proto3"; message M { M a = 1; }', undefined],
    ["a field of a oneof", 'syntax = "proto3"; message M { oneof o { int32 a = 1; } }', undefined],
    ["a field of proto2", "message M { optional int32 a = 1; }", undefined],
    ["a default of proto2", "message M { optional int32 a = 1 [default = 5]; }", "5"],
    ["a field of an edition", 'edition = "2023"; message M { int32 a = 1; }', undefined],
    ["an array", 'syntax = "proto3"; message M { repeated int32 a = 1; }', []],
  ])("what is not there: %s", (_, text, expected) => {
    expect(read(schemaOf(text), "a", [])).toEqual(expected as never);
  });

  test("reads arrays packed and not, and both in one", () => {
    const schema = proto3("repeated int32 a = 1;");
    const bytes = [10, 2, 1, 2, 8, 3];
    expect([0, 1, 2].map((i) => read(schema, `a[${i}]`, bytes))).toEqual(["1", "2", "3"]);
  });

  test("joins the parts of one message, and the last field of a oneof is the only one", () => {
    const schema = proto3(
      "M m = 1; int32 a = 2; int32 b = 3; oneof o { int32 x = 4; int32 y = 5; }",
    );
    const parts = [10, 2, 16, 1, 10, 2, 24, 2];
    expect([read(schema, "m.a", parts), read(schema, "m.b", parts)]).toEqual(["1", "2"]);
    const both = [32, 1, 40, 2];
    expect([read(schema, "x", both), read(schema, "y", both)]).toEqual([undefined, "2"]);
  });

  /** The list of parts was copied for each part: 200,000 of them took minutes of one core. */
  test("joins any number of parts of one message", () => {
    const schema = proto3("M m = 1; int32 a = 2;");
    const parts = Array.from({ length: 200_000 }, (_, i) => [10, 2, 16, i % 100]).flat();
    expect(read(schema, "m.a", parts)).toBe("99");
  });

  test("reads a group, and skips one that nobody needs", () => {
    const schema = schemaOf("message M { optional group Line = 1 { optional int32 a = 2; } }");
    const bytes = [11, 16, 7, 12];
    expect(read(schema, "line.a", bytes)).toBe("7");
    expect(read(proto3("int32 b = 3;"), "b", [...bytes, 24, 1])).toBe("1");
  });

  test.each<[string, string, number[], unknown]>([
    ["Timestamp", "google.protobuf.Timestamp", [8, 1, 16, 2], "1970-01-01T00:00:01.000000002Z"],
    ["a wrapper", "google.protobuf.StringValue", [10, 1, 65], "A"],
    ["an empty wrapper", "google.protobuf.Int64Value", [], "0"],
    ["Money", "google.type.Money", [16, 3, 24, 128, 137, 149, 239, 2], "3.77"],
    ["Date", "google.type.Date", [8, 0xea, 15, 16, 3, 24, 1], "2026-03-01"],
    ["Connect's decimal", "confluent.type.Decimal", [10, 2, 9, 0xbf, 24, 2], "24.95"],
  ])("reads %s as one value", (_, type, inner, expected) => {
    const schema = proto3(`${type} a = 1;`);
    expect(read(schema, "a", [10, inner.length, ...inner])).toEqual(expected as never);
  });

  test("looks into such a message where a rule does", () => {
    const bytes = [10, 2, 16, 3];
    expect(read(proto3("google.type.Money a = 1;"), "a.units", bytes)).toBe("3");
  });

  // Money was an object as soon as another rule read its currency: all records were dead letters.
  test("reads money as one value beside its currency", () => {
    const schemas = sameSchema(proto3("google.type.Money a = 1; string b = 2;"));
    const rules = "product: b; price: a; currency: a.currency_code; only: a exists";
    const judge = judgeOf(rules, { format: "protobuf", schemas });
    const sale = (currency: string) => {
      const money = [10, 3, ...new TextEncoder().encode(currency), 16, 3];
      return record(Uint8Array.from([10, money.length, ...money, 18, 1, 65]));
    };
    expect(told(judge.judge(sale("USD")))).toEqual(["A 1 · 3.00"]);
    expect(told(judge.judge(sale("EUR")))).toEqual([
      'currency: must be USD, received "EUR" at a.currency_code',
    ]);
  });

  test("reads what protoc says of files as it reads their text", () => {
    const schema = protobufSchema(filesOfSet(clientDescriptorSet), "shop.Shop.Order");
    const { value } = clientRecord("protobuf order, its schema in a header");
    const schemas = sameSchema(schema);
    const rules = "lines: lines[]; product: item + ' ' + $.kind + ' ' + $.tags.channel";
    const judge = judgeOf(
      `${rules}; quantity: units; price: price.cents else 0 / 100; time: $.at`,
      {
        format: "protobuf",
        schemas,
      },
    );
    expect(told(judge.judge(record(value)))).toEqual([
      "Kettle SALE web 2 · 49.90 at 2026-11-27T02:04:05.678Z",
      "Free SALE web 1 · 0.00 at 2026-11-27T02:04:05.678Z",
    ]);
  });

  test.each<[string, number[], string]>([
    ["a text longer than the value", [10, 20, 65], "ends too early"],
    ["another wire type than the schema's", [8, 1], "the field a of the value has wire type 0"],
    ["the number 0 of a field", [0, 1], "a field with the number 0"],
    ["a group that ends and never began", [20], "a group that is not open"],
    ["a group that does not end", [19, 8, 1], "ends too early"],
    ["an unknown wire type", [22], "the unknown wire type 6"],
  ])("refuses %s", (_, bytes, sentence) => {
    expect(() => read(proto3("string a = 1;"), "a", bytes)).toThrow(sentence);
  });

  test("never fails otherwise than by calling the value unreadable, whatever the bytes are", () => {
    const schema = protobufSchema(filesOfSet(clientDescriptorSet), "shop.Shop.Order");
    const whole = clientRecord("protobuf order, its schema in a header").value;
    const judge = judgeOf("lines: lines[]; product: item; price: price.cents; time: $.at", {
      format: "protobuf",
      schemas: sameSchema(schema),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 5 }), (changes) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        expect(["counted", "filtered", "deadLetter"]).toContain(judge.judge(record(bytes)).kind);
        try {
          schema.decode(bytes.subarray(0, changes[0]?.[0] ?? 0), new Shape());
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("parseProto", () => {
  test.each([
    ["message M { int32 a 1; }", "line 1 must have =, received"],
    ["message M {", "the end"],
    ["message M {\n int32 a = x; }", "line 2 must have a number of a field"],
  ])("refuses %j and names the line", (text, sentence) => {
    expect(() => parseProto(text)).toThrow(sentence);
  });

  test("skips what says nothing about records", () => {
    const text = `
      // A comment; with a } in it.
      syntax = "proto3";
      package shop.v1;
      import "google/protobuf/timestamp.proto";
      option java_package = "com.shop";
      service Orders { rpc Get(Order) returns (Order) { option (http) = { get: "/v1" }; } }
      /* message Old { int32 a = 1; } */
      message Order {
        reserved 2, 4 to 6; reserved "old";
        option deprecated = true;
        string message = 1 [(validate) = { min: 1 }, json_name = "m"];
        map<string, Line> lines = 3;
        message Line { double price = 1; }
      }`;
    const [order, another] = parseProto(text).messages;
    expect(another).toBeUndefined();
    expect(order?.name).toBe("shop.v1.Order");
    expect([...(order?.fields.values() ?? [])].map(({ name }) => name)).toEqual([
      "message",
      "lines",
    ]);
  });

  // Only a field could say so, and a text that speaks of it was taken for the option.
  test("a file of an edition says whether its fields can be absent, and a field may differ", () => {
    const presence = (...lines: string[]) => {
      const [message] = parseProto(['edition = "2023";', ...lines].join("\n")).messages;
      return [...(message?.fields.values() ?? [])].map(({ hasPresence }) => hasPresence);
    };
    const fields = `message M {
      int32 a = 1;
      int32 b = 2 [features.field_presence = EXPLICIT];
      int32 c = 3 [(note) = "features.field_presence = IMPLICIT"];
      int32 d = 4 [deprecated = true, features = { enum_type: OPEN, field_presence: IMPLICIT }];
      oneof e { int32 f = 5; }
    }`;
    const option = "option features.field_presence = IMPLICIT;";
    expect(presence(fields)).toEqual([true, true, true, false, true]);
    for (const lines of [
      [option, fields],
      [fields, option],
      ["option features = { field_presence: IMPLICIT };", fields],
    ]) {
      expect(presence(...lines)).toEqual([false, true, false, false, true]);
    }
  });
});
