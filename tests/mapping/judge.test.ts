import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SalesboardError } from "../../src/lib/errors.ts";
import { utc } from "../../src/mapping/exact/zone.ts";
import { compileMapping } from "../../src/mapping/judge.ts";
import type { Mapping } from "../../src/mapping/model/mapping.ts";
import { normalized } from "../../src/mapping/rules/normal.ts";
import { json, mapping } from "./arbitrary.ts";
import { judgeOf, one, record, told, units } from "./records.ts";

const flat = "product: p; quantity: q; price: m";

describe("returns", () => {
  const subtract = `${flat}; returns: subtract`;
  const minus = "product: p; quantity: q; amount: m; minus: t in (refund, 'R')";

  test.each([
    [subtract, { p: "a", q: -6, m: 1.95 }, "a -6 · -11.70 return"],
    [subtract, { p: "a", q: 6, m: -1.95 }, "a -6 · -11.70 return"],
    [subtract, { p: "a", q: -6, m: -1.95 }, "a -6 · -11.70 return"],
    [subtract, { p: "a", q: 6, m: 0 }, "a 6 · 0.00"],
    [subtract, { p: "a", q: -6, m: 0 }, "a -6 · 0.00 return"],
    [minus, { p: "a", q: 2, m: 9, t: "refund" }, "a -2 · -9.00 return"],
    [minus, { p: "a", q: -2, m: -9, t: "refund" }, "a -2 · -9.00 return"],
    [minus, { p: "a", q: -2, m: -9 }, "a -2 · -9.00 return"],
    [minus, { p: "a", q: 2, m: 9, t: "sale" }, "a 2 · 9.00"],
    [minus, { p: "a", q: 2, m: 9 }, "a 2 · 9.00"],
    [`${minus}; returns: reject`, { p: "a", q: 2, m: 9, t: "R" }, "a -2 · -9.00 return"],
  ])("%s of %j → %s", (rules, value, expected) => {
    expect(one(rules, value)).toBe(expected);
  });

  test("with reject a line that is negative by itself is a dead letter", () => {
    expect(one(`${minus}; returns: reject`, { p: "a", q: 2, m: -9, t: "R" })).toBe(
      "amount: must not be negative without the rule returns: subtract, received -9 at m",
    );
  });
});

describe("formats", () => {
  test.each([
    [Uint8Array.of(0xff), "the value is not valid UTF-8"],
    ["", "the value is empty"],
    ["{", "the value is not JSON"],
    ["\uFEFF{}", "the value is not JSON: it begins with a byte order mark"],
    [' <sale sku="A"/>', "the value is not JSON: it looks like XML"],
    ["{'p': 'a'}", "the value is not JSON: its texts are in single quotes"],
    ['{"p":"a","m":NaN}', "the value is not JSON: NaN is no number"],
    [Uint8Array.of(0, 0, 0, 0, 7), "the value is empty"],
    [Uint8Array.of(0, 0, 0, 0), "the value is not JSON"],
  ])("%j: %s", (value, expected) => {
    expect(told(judgeOf(flat).judge(record(value)))).toEqual([expected]);
  });

  test("the prefix of a schema registry is skipped", () => {
    const json = new TextEncoder().encode('{"p":"a","q":1,"m":1}');
    const value = Uint8Array.of(0, 0, 0, 0, 21, ...json);
    expect(told(judgeOf(flat).judge(record(value)))).toEqual(["a 1 · 1.00"]);
  });

  test("csv: an empty field is nothing, and columns must be those of the rules", () => {
    const rules = "columns: id, name, qty; product: name; quantity: qty else 1; price: '2'";
    const options = { format: "csv", currency: "USD", zone: utc } as const;
    expect(told(judgeOf(rules, options).judge(record("7,Tea,")))).toEqual(["Tea 1 · 2.00"]);
    const refused = (rules: string, format: "csv" | "json", sentence: string) => {
      expect(() => judgeOf(rules, { ...options, format })).toThrow(SalesboardError);
      expect(() => judgeOf(rules, { ...options, format })).toThrow(sentence);
    };
    refused("product: a; price: 1", "csv", "need the rule columns");
    refused("columns: a; product: a; price: 1", "json", "is for csv, but records are json");
    refused("columns: name; product: nme; price: 1", "csv", "did you mean name?\n  product: nme");
  });

  // The fuzz test found that no mapping could have both: a path of the line, which begins inside of
  // the column, was refused because it names no column.
  test("csv: line items in JSON inside of a column", () => {
    const rules = "columns: day, items; lines: json(items)[]; product: p; price: m; time: $.day";
    const options = { format: "csv", currency: "USD", zone: utc } as const;
    const value = '2026-03-01,"[{""p"":""Tea"",""m"":2},{""p"":""Cup"",""m"":9}]"';
    const at = "at 2026-03-01T00:00:00.000Z";
    expect(told(judgeOf(rules, options).judge(record(value)))).toEqual([
      `Tea 1 · 2.00 ${at}`,
      `Cup 1 · 9.00 ${at}`,
    ]);
  });
});

describe("currency", () => {
  // The fuzz test found that "u\u017fd" was taken for USD: the long s is an S in upper case.
  test.each([
    ["USD", "a 1 · 1.00"],
    ["usd", "a 1 · 1.00"],
    ["u\u017fd", 'currency: must be USD, received "u\u017fd" at c'],
    ["USD ", 'currency: must be USD, received "USD " at c'],
  ])("%j: %s", (c, expected) => {
    expect(one("product: 'a'; price: 1; currency: c", { c })).toBe(expected);
  });
});

/** 1 where nothing is there. */
function withDefault(term: Mapping["quantity"]["terms"][number]): typeof term {
  const choice = term.choice.filter(({ kind }) => kind === "path");
  return { ...term, decimal: undefined, choice: [...choice, { kind: "text", text: "1" }] };
}

describe("any record", () => {
  const options = { format: "json", currency: "USD", zone: utc } as const;
  const value = fc.oneof(
    { arbitrary: json.map((text) => new TextEncoder().encode(text)), weight: 8 },
    fc.uint8Array({ maxLength: 40 }),
    fc.constant(null),
  );

  /** Rules that most records fit, so that lines are counted too. */
  const mild = mapping.map((random): typeof random => ({
    ...random,
    lines: undefined,
    product: [[...(random.product[0] ?? []), { kind: "text", text: "other" }]],
    quantity: { ...random.quantity, terms: random.quantity.terms.map(withDefault) },
    money: { kind: "amount", rule: { round: 2, terms: random.money.rule.terms.map(withDefault) } },
    currency: undefined,
    only: random.only.slice(0, 1),
    returns: "subtract",
  }));

  test("is counted, filtered or a dead letter, whatever the mapping and the bytes are", () => {
    const kinds = new Set<string>();
    const headers = [{ name: "type", value: Uint8Array.of(0xff) }];
    fc.assert(
      fc.property(
        fc.oneof(mapping, mild),
        fc.array(value, { minLength: 1, maxLength: 8 }),
        (random, values) => {
          const judge = compileMapping(normalized(random), options);
          for (const value of values) {
            const verdict = judge.judge({ topic: "sales", key: value, value, headers });
            kinds.add(verdict.kind);
            if (verdict.kind === "deadLetter") expect(verdict.reason).not.toBe("");
            else if (verdict.kind === "counted") expect(verdict.lines).not.toHaveLength(0);
          }
        },
      ),
      { numRuns: 1_000 },
    );
    expect([...kinds].sort()).toEqual(["counted", "deadLetter", "filtered"]);
  });

  /** An order is made from its lines, so the lines are known without any judge. */
  test("an order counts exactly the lines that it was made from", () => {
    const line = fc.record({
      name: fc.constantFrom("Tea", "Cup", "it's", "😀"),
      grams: fc.bigInt(1n, 10n ** 9n),
      cents: fc.bigInt(0n, 10n ** 12n),
      isVoid: fc.boolean(),
      isRefund: fc.boolean(),
    });
    const rules = [
      "lines: order.checks[].lines[]; product: name.en else sku; quantity: grams / 1000",
      "amount: cents / 10^$.digits; only: void not in (true); minus: kind in (refund)",
    ];
    const judge = judgeOf(rules.join(";"));
    fc.assert(
      fc.property(fc.array(fc.array(line, { maxLength: 4 }), { maxLength: 3 }), (checks) => {
        const written = checks.map((lines) => ({
          lines: lines.map(({ name, grams, cents, isVoid, isRefund }, i) => ({
            ...(i % 2 ? { name: { en: null }, sku: name } : { name: { en: name }, sku: 7 }),
            grams: i % 2 ? String(grams) : Number(grams),
            cents: String(cents),
            void: isVoid,
            kind: isRefund ? "refund" : "sale",
          })),
        }));
        const expected = checks
          .flat()
          .filter(({ isVoid }) => !isVoid)
          .map(({ name, grams, cents, isRefund }) => {
            const sign = isRefund ? -1n : 1n;
            const [quantity, amount] = [sign * grams * 1_000n, sign * cents * 10_000n];
            const tail = isRefund ? " return" : "";
            return `${name} ${units(quantity)} · ${units(amount, 2)}${tail}`;
          });
        const text = JSON.stringify({ digits: 2, order: { checks: written } });
        const found = told(judge.judge(record(text)));
        expect(found).toEqual(expected.length > 0 ? expected : ["filtered"]);
      }),
    );
  });
});
