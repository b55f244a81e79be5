import { describe, expect, test } from "bun:test";
import { misfitOf } from "../../src/mapping/fit.ts";
import { avroSchema } from "../../src/mapping/formats/avro/decode.ts";
import { parseProto } from "../../src/mapping/formats/protobuf/proto-text.ts";
import { protobufSchema } from "../../src/mapping/formats/protobuf/schema.ts";
import { parseMapping } from "../../src/mapping/rules/parse.ts";

const { root } = avroSchema(
  JSON.stringify({
    type: "record",
    name: "Order",
    fields: [
      { name: "note", type: ["null", "string"] },
      { name: "tags", type: { type: "map", values: "string" } },
      {
        name: "lines",
        type: {
          type: "array",
          items: {
            type: "record",
            name: "Line",
            fields: [
              { name: "item", type: "string" },
              { name: "price", type: ["null", "double", { type: "map", values: "long" }] },
            ],
          },
        },
      },
    ],
  }),
);
const proto = protobufSchema(
  [
    parseProto(
      'syntax = "proto3"; message M { google.type.Money cost = 1; repeated M lines = 2; }',
    ),
  ],
  "M",
).root;

const problem = (rules: string, parts = root) =>
  misfitOf(parseMapping(rules), parts, "schema 7")?.message.replace("Cannot use the mapping: ", "");

describe("misfitOf", () => {
  test("names the dimension whose field is not there", () => {
    expect(problem("lines: lines[]; product: item; price: 1; by store: $.notes")).toEndWith(
      "has no field notes; did you mean note?\n  by store: $.notes\n            ^",
    );
  });

  test.each([
    "lines: lines[]; product: item + $.tags.anything; price: price else price.cents / 100",
    "product: lines[0].item; price: 1; only: note exists; only: lines exists",
    "product: json(note).title; price: json(note).a.b[0]; quantity: $key",
    "lines: lines[]; product: item; price: 1; by note: $.note; by shop: $.tags.shop + item",
  ])("has nothing against %s", (rules) => {
    expect(problem(rules)).toBeUndefined();
  });

  test.each([
    [
      "product: itm; price: 1",
      "the record Order of schema 7 has no field itm; it has note, tags, lines",
    ],
    ["lines: line[]; product: item; price: 1", "has no field line; did you mean lines?"],
    [
      "lines: lines[]; product: itm; price: 1",
      "the record Line of schema 7 has no field itm; did you mean item?",
    ],
    ["lines: note[]; product: item; price: 1", "the string of schema 7 is no array"],
    ["product: lines; price: 1", "lines is the array of schema 7, not one value"],
    ["product: note.text; price: 1", "the string of schema 7 has no field text"],
    ["product: note; price: 1; only: kind in (a)", "has no field kind"],
  ])("says what is wrong with %s", (rules, sentence) => {
    expect(problem(rules)).toContain(sentence);
  });

  test("puts a caret under the path, in the rule as it is printed", () => {
    expect(problem("product: note else titel;price: 1")).toEndWith(
      "\n  product: note else titel\n                     ^",
    );
  });

  // It stood under the first text that is alike: in a longer path, or in a constant.
  test.each([
    ["product: note + not; price: 1", "product: note + not\n                  ^"],
    ["product: 'not' + not; price: 1", "product: 'not' + not\n                   ^"],
    ["product: note; price: 1; only: note in (a); only: not in (b)", "only: not in (b)\n        ^"],
    ["product: note else x['a b']; price: 1", "note else x['a b']\n                     ^"],
  ])("puts the caret under the path that is wrong: %s", (rules, shown) => {
    expect(problem(rules)).toEndWith(shown);
  });

  test("knows which messages of Protobuf are read as one value", () => {
    expect(problem("product: 'x'; price: cost", proto)).toBeUndefined();
    expect(problem("product: 'x'; price: cost.units", proto)).toBeUndefined();
    expect(problem("product: 'x'; price: cost.cents", proto)).toContain(
      "the message google.type.Money of schema 7 has no field cents",
    );
    expect(problem("product: lines[0]; price: 1", proto)).toContain("lines[0] is the message M");
  });
});
