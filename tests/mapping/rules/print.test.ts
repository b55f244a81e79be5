import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { normalized } from "../../../src/mapping/rules/normal.ts";
import { parseMapping } from "../../../src/mapping/rules/parse.ts";
import { printMapping } from "../../../src/mapping/rules/print.ts";
import { mapping } from "../arbitrary.ts";

const printed = (rules: string) => printMapping(parseMapping(rules));

describe("printMapping", () => {
  test("what is printed is read again as the same mapping", () => {
    fc.assert(
      fc.property(mapping, (random) => {
        const normal = normalized(random);
        const text = printMapping(normal);
        expect(parseMapping(text)).toEqual(normal);
        expect(printed(text)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test("a file's comments do not reach into what is printed", () => {
    fc.assert(
      fc.property(mapping, (random) => {
        const text = printMapping(normalized(random));
        expect(printMapping(parseMapping(text, { hasComments: true }))).toBe(text);
      }),
    );
  });

  test("defaults are said", () => {
    expect(printed("product: title; price: 0")).toBe(
      "product: title\nquantity: 1\nprice: 0\nreturns: reject",
    );
  });

  test("the rules stand in a fixed order, whatever the user's is", () => {
    const rules = [
      "minus: $.type in (refund)",
      "only: voided not in ('true')",
      "only: $.a exists",
      "currency: $.currency",
      "time: $.at + ' ' + $.clock ms",
      "amount: total / 10^2 - tax decimal 2 / 10^digits round 2",
      "quantity: qty else '1.0'",
      "product: make+' '+model",
      "lines: $.items[].parts[]",
      "by till: $.till else 'none'",
      "by store: $.city+' '+$.street",
    ];
    expect(printed(rules.join(";"))).toBe(
      [
        "lines: items[].parts[]",
        "product: make + ' ' + model",
        "quantity: qty else 1",
        "amount: total / 100 - tax decimal 2 / 10^digits round 2",
        "time: $.at + ' ' + $.clock ms",
        "currency: $.currency",
        "only: $.a exists",
        "only: voided not in (true)",
        "minus: $.type in (refund)",
        "returns: subtract",
        "by store: $.city + ' ' + $.street",
        "by till: $.till else 'none'",
      ].join("\n"),
    );
  });

  test("words that would mean something else keep their quotes", () => {
    const rule = "only: a in ('', 'a, b', b c, 'it''s', 'null')";
    expect(printed(`product: a; price: 1; ${rule}`)).toContain(`\n${rule}\n`);
  });

  test.each([
    ["a['b']", "a.b"],
    ["['a b'][0]['c''d']", "['a b'][0]['c''d']"],
    ["$.a", "a"],
    ["$['a b']", "['a b']"],
    ["['$date']", "['$date']"],
    ["price.$numberDecimal", "price.$numberDecimal"],
    ["json( payload ).a[0]", "json(payload).a[0]"],
    ["json(json($key).x)['y z']", "json(json($key).x)['y z']"],
    ["$header.ce-type", "$header.ce-type"],
    ["$header['spring.json']", "$header.spring.json"],
    ["$header['a b']", "$header['a b']"],
    ["$topic", "$topic"],
    ["12.50", "'12.50'"],
  ])("the path %s is printed as %s", (path, expected) => {
    expect(printed(`product: ${path}; price: 1`)).toContain(`product: ${expected}\n`);
  });
});
