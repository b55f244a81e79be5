import { describe, expect, test } from "bun:test";
import { judgeOf, one, outcome, record, told } from "../records.ts";

const flat = "product: p; quantity: q; price: m";

describe("filters", () => {
  const only = (rule: string) => `product: 'a'; price: 1; only: ${rule}`;

  test.each([
    ["s in (paid, 'partly paid')", { s: "paid" }, true],
    ["s in (paid, partly paid)", { s: "partly paid" }, true],
    ["s in (paid)", { s: "Paid" }, false],
    ["s in (paid)", {}, false],
    ["s in (1, true)", { s: 1 }, true],
    ["s in (1, true)", { s: true }, true],
    ["s in (1)", { s: { 1: 1 } }, false],
    ["s not in (void)", {}, true],
    ["s not in (void)", { s: "void" }, false],
    ["s exists", { s: null }, false],
    ["s exists", { s: {} }, true],
    ["s not exists", { s: "" }, false],
    ["s not exists", {}, true],
    ["$header.type in (OrderCreated)", {}, true],
    ["$header.other in (OrderCreated)", {}, false],
    ["$header.other not exists", {}, true],
    ["$topic in (sales)", {}, true],
    ["$key exists", {}, false],
    ["json(s).t in (x)", { s: '{"t":"x"}' }, true],
  ])("only: %s of %j holds: %j", (rule, value, holds) => {
    const found = one(only(rule), value, { headers: { type: "OrderCreated" } });
    expect(found).toBe(holds ? "a 1 · 1.00" : "filtered");
  });

  test("a filter of the line drops lines, and the record once none is left", () => {
    const rules = "lines: items[]; product: p; price: 1; only: void in (false)";
    const items = [{ p: "a", void: true }, { p: "b", void: false }, { void: true }];
    expect(outcome(rules, { items })).toEqual(["b 1 · 1.00"]);
    expect(one(rules, { items: items.slice(0, 1) })).toBe("filtered");
  });

  test("a record that is not about a sale is filtered, however little of it can be read", () => {
    const rules = "lines: items[]; product: p; price: m; only: $.type in (sale)";
    expect(one(rules, { type: "view" })).toBe("filtered");
    expect(one(rules, { type: "sale" })).toBe("lines: nothing at items");
    const header = "product: p; price: m; only: $header.type in (sale)";
    expect(one(header, "\u0001avro", { headers: { type: "view" } })).toBe("filtered");
    expect(one(header, "\u0001avro", { headers: { type: "sale" } })).toBe("the value is not JSON");
  });

  test("one filter that says no decides, even when another cannot be read", () => {
    const rules = "product: 'a'; price: 1; only: json(x).y in (z); only: type in (sale)";
    expect(one(rules, { type: "view", x: "{" })).toBe("filtered");
    expect(one(rules, { type: "sale", x: "{" })).toBe(
      'only: must be a text with JSON in it, received the string "{" at x',
    );
  });

  test("a key that cannot be read does not save a record from the other filters", () => {
    const rules = "product: 'a'; price: 1; only: json($key).id exists; only: type in (sale)";
    expect(one(rules, { type: "view" }, { key: "{" })).toBe("filtered");
    expect(one(rules, { type: "sale" }, { key: "{" })).toBe(
      'only: must be a text with JSON in it, received the string "{" at $key',
    );
    expect(one(rules, { type: "sale" }, { key: '{"id":1}' })).toBe("a 1 · 1.00");
  });

  test("a tombstone is filtered", () => {
    expect(told(judgeOf(flat).judge(record(null)))).toEqual(["filtered"]);
  });
});
