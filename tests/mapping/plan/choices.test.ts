import { describe, expect, test } from "bun:test";
import { judgeOf, one, record, told } from "../records.ts";

describe("product", () => {
  test.each([
    ["product: p", { p: 61 }, "61 1 · 1.00"],
    ["product: p", { p: true }, "true 1 · 1.00"],
    ["product: a + ' ' + b", { a: "Ford", b: 7 }, "Ford 7 1 · 1.00"],
    ["product: a else b.c else 'other'", { a: null, b: { c: "x" } }, "x 1 · 1.00"],
    ["product: a else b.c else 'other'", {}, "other 1 · 1.00"],
    ["product: $key", {}, "k-1 1 · 1.00"],
    ["product: $topic", {}, "sales 1 · 1.00"],
    ["product: json($header.meta).name", {}, "Tea 1 · 1.00"],
  ])("%s of %j → %s", (rule, value, expected) => {
    const options = { key: "k-1", headers: { meta: '{"name":"Tea"}' } };
    expect(one(`${rule}; price: 1`, value, options)).toBe(expected);
  });

  test("of a header that stands twice the last counts", () => {
    const headers = ["first", "last"].map((name) => ({
      name: "product",
      value: new TextEncoder().encode(name),
    }));
    const judge = judgeOf("product: $header.product; price: 1");
    expect(told(judge.judge({ ...record("{}"), headers }))).toEqual(["last 1 · 1.00"]);
  });

  test("keeps the spelling of a number", () => {
    expect(one("product: p; price: 1", '{"p":1.50}')).toBe("1.50 1 · 1.00");
  });

  test.each([
    ["", 'product: must not be empty, received "" at p'],
    ["é".repeat(129), "product: must have at most 256 bytes of UTF-8, received "],
    ["a\u0085b", 'product: must not contain control characters, received "a\\u0085b" at p'],
    ["\ud800", 'product: must not contain a lone surrogate, received "\\ud800" at p'],
    [{}, "product: must be a text, a number or a boolean, received an object at p"],
    [null, "product: nothing at p"],
  ])("%j is no product", (p, expected) => {
    expect(one("product: p; price: 1", { p })).toStartWith(expected);
  });

  test("names all places that were tried, and all parts that were read", () => {
    expect(one("product: a else b.c; price: 1", {})).toBe("product: nothing at a or b.c");
    expect(one("product: a + b; price: 1", { a: "", b: "" })).toBe(
      'product: must not be empty, received "" at a + b',
    );
  });
});

describe("currency", () => {
  const rules = "product: 'a'; price: 1; currency: c else 'USD'";

  test.each([
    ["USD", "a 1 · 1.00"],
    ["usd", "a 1 · 1.00"],
    [null, "a 1 · 1.00"],
    ["GBP", 'currency: must be USD, received "GBP" at c'],
    [840, 'currency: must be USD, received "840" at c'],
    [[], "currency: must be a text, a number or a boolean, received an array at c"],
  ])("%j → %s", (c, expected) => {
    expect(one(rules, { c })).toBe(expected);
  });
});
