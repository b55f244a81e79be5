import { describe, expect, test } from "bun:test";
import { inputJudge } from "../../../src/mapping/input-judge.ts";
import type { JudgedRecord } from "../../../src/mapping/model/judgement.ts";
import { settingsOf } from "../../support/programs.ts";

const encoder = new TextEncoder();

/** The values of each line of a record. */
function valuesOf(by: string, value: unknown, of: Partial<JudgedRecord> = {}, lines = "") {
  const judge = inputJudge(settingsOf(`product: p; price: 1; ${lines}; ${by}`));
  const bytes = encoder.encode(JSON.stringify(value));
  const record = { topic: "sales", key: null, value: bytes, headers: [], ...of };
  const judged = judge.judge(record);
  if (judged.kind !== "counted") throw new Error(JSON.stringify(judged));
  return judged.lines.map(({ by }) => by);
}

const one = (by: string, value: object, of: Partial<JudgedRecord> = {}) =>
  valuesOf(`by store: ${by}`, { p: "Tea", ...value }, of)[0]?.[0];

describe("a dimension", () => {
  test.each([
    ["s", { s: "Nord" }, "Nord"],
    ["s", { s: 7.5 }, "7.5"],
    ["s", { s: true }, "true"],
    ["s else t else 'online'", { t: "Süd" }, "Süd"],
    ["s else t else 'online'", { s: null }, "online"],
    ["s + '/' + t", { s: "Nord", t: 2 }, "Nord/2"],
    ["json(s).id", { s: '{"id":4}' }, "4"],
    ["$topic", {}, "sales"],
  ])("by %s of %p is %p", (by, value, expected) => {
    expect(one(by, value)).toBe(expected);
  });

  // A dimension is beside the sale. Its fault is no reason to lose the sale.
  test.each([
    ["s", {}],
    ["s", { s: null }],
    ["s", { s: "" }],
    ["s", { s: { id: 1 } }],
    ["s", { s: ["a"] }],
    ["s", { s: "a\nb" }],
    ["s", { s: "a\u0085b" }],
    ["s", { s: "\ud800" }],
    ["s", { s: "x".repeat(257) }],
    ["s", { s: "é".repeat(129) }],
    ["s + t", { s: "Nord" }],
    ["json(s).id", { s: "no JSON" }],
    ["$key", {}],
  ])("by %s of %p is none", (by, value) => {
    expect(one(by, value)).toBe("(none)");
  });

  test("comes from key and headers too, and what is no UTF-8 there is none", () => {
    const headers = [{ name: "store", value: encoder.encode("Nord") }];
    expect(one("$header.store", {}, { headers })).toBe("Nord");
    expect(one("$key", {}, { key: encoder.encode("Süd") })).toBe("Süd");
    expect(one("$key", {}, { key: Uint8Array.of(0xff) })).toBe("(none)");
  });

  test("is of the line, and of the record by $.", () => {
    const record = { store: "Nord", items: [{ p: "Tea", shelf: "left" }, { p: "Cup" }] };
    const by = "by store: $.store; by shelf: shelf";
    expect(valuesOf(by, record, {}, "lines: items[]")).toEqual([
      ["left", "Nord"],
      ["(none)", "Nord"],
    ]);
  });

  test("is not there without a rule", () => {
    expect(valuesOf("", { p: "Tea" })).toEqual([undefined]);
  });
});
