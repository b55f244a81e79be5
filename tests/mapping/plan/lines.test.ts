import { describe, expect, test } from "bun:test";
import { LINES_MAX } from "../../../src/mapping/model/bounds.ts";
import { one, outcome } from "../records.ts";

describe("lines", () => {
  const rules = "lines: items[]; product: p; quantity: q; price: m";

  test("each line of a record counts", () => {
    const items = [
      { p: "Tea", q: 2, m: "3.50" },
      { p: "Cup", q: 1, m: 7 },
    ];
    expect(outcome(rules, { items })).toEqual(["Tea 2 · 7.00", "Cup 1 · 7.00"]);
  });

  test("one bad line makes the whole record a dead letter that names the line", () => {
    const items = [
      { p: "Tea", q: 2, m: 3.5 },
      { p: "Cup", q: 1 },
    ];
    expect(one(rules, { items })).toBe("price: nothing at items[1].m");
  });

  test.each([
    [{ items: [] }, "filtered"],
    [{}, "lines: nothing at items"],
    [{ items: null }, "lines: nothing at items"],
    [{ items: {} }, "lines: must be an array, received an object at items"],
    [{ items: "[]" }, 'lines: must be an array, received the string "[]" at items'],
    [{ items: [7] }, "product: nothing at items[0].p"],
    [[], "lines: nothing at items"],
    ["7", "lines: nothing at items"],
  ])("%j → %s", (value, expected) => {
    expect(one(rules, value)).toBe(expected);
  });

  test("arrays in arrays: an element without the inner array has no lines", () => {
    const rules = "lines: checks[].lines[]; product: p; price: m";
    const value = { checks: [{ lines: [{ p: "a", m: 1 }] }, {}, { lines: [{ p: "b" }] }] };
    expect(one(rules, value)).toBe("price: nothing at checks[2].lines[0].m");
    expect(one(rules, { checks: [{}, { lines: null }] })).toBe("filtered");
    expect(one(rules, { checks: [{ lines: 5 }] })).toBe(
      "lines: must be an array, received 5 at checks[0].lines",
    );
  });

  test("a record that is an array, and lines that are elements of arrays", () => {
    expect(one("lines: []; product: p; price: m", [{ p: "a", m: 2 }])).toBe("a 1 · 2.00");
    expect(one("lines: []; product: p; price: m", {})).toBe(
      "lines: must be an array, received an object at the record",
    );
    const triples = {
      lines: [
        [0, 0, { p: "a", m: 2 }],
        [0, 0, {}],
      ],
    };
    expect(one("lines: lines[][2]; product: p; price: m", triples)).toBe(
      "product: nothing at lines[1][2].p",
    );
  });

  test("$. begins at the record, and is named from there", () => {
    const rules = "lines: items[]; product: $.p; price: $.m[1]";
    const items = [{}, {}];
    expect(outcome(rules, { p: "a", m: [0, 3], items })).toEqual(["a 1 · 3.00", "a 1 · 3.00"]);
    expect(one(rules, { p: "a", m: [0], items })).toBe("price: nothing at m[1]");
  });

  test(`a record has at most ${LINES_MAX} lines`, () => {
    const items = Array.from({ length: LINES_MAX }, () => ({ p: "a", q: 1, m: 1 }));
    expect(outcome(rules, { items })).toHaveLength(LINES_MAX);
    expect(one(rules, { items: [...items, {}] })).toBe(
      "lines: more than 10000 in one record at items",
    );
  });
});
