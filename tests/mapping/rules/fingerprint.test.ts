import { describe, expect, test } from "bun:test";
import { FLAT_FINGERPRINT, fingerprintOf } from "../../../src/mapping/rules/fingerprint.ts";
import { parseMapping } from "../../../src/mapping/rules/parse.ts";

const of = (rules: string) => fingerprintOf(parseMapping(rules, { hasComments: true }));

describe("fingerprintOf", () => {
  // Partitions remember it: another value would refuse every topic that is there.
  test("stays what it is from release to release", () => {
    expect(FLAT_FINGERPRINT).toBe("flat");
    expect(of("product: product; quantity: quantity; price: price")).toBe("c1622f0b0cc6c66e");
  });

  test.each([
    ["another order of rules", "price: p; product: t; only: a in (x); only: b exists"],
    ["another order of filters", "product: t; only: b exists; only: a in (x); price: p"],
    ["a filter twice", "product: t; price: p; only: b exists; only: a in (x); only: b exists"],
    [
      "another order of a list, spaces, quotes",
      "product:t;price:p;only:a in('x' ,x);only:b exists",
    ],
    [
      "the record's sign without lines",
      "product: $.t; price: $['p']; only: a in (x); only: b exists",
    ],
    ["defaults said", "product: t; quantity: 1.0; price: p / 1; only: a in (x); only: b exists"],
    ["a comment", "# a shop\nproduct: t; price: p\nonly: a in (x) # two\nonly: b exists"],
  ])("is the same for %s", (_, rules) => {
    expect(of(rules)).toBe(of("product: t; price: p; only: a in (x); only: b exists"));
  });

  test("dimensions in another order are the same", () => {
    const one = of("product: t; price: p; by store: $.s; by till: $['t']");
    expect(of("product: t; by till: t; by store: s; price: p")).toBe(one);
  });

  test("a list in another order is the same", () => {
    const one = of("product: t; price: p; only: a in (x, y, z); minus: b in (2, 1)");
    expect(of("product: t; price: p; only: a in (z, x, y); minus: b in (1, 2)")).toBe(one);
  });

  test("the same sum in another order, and the same divisor, are the same", () => {
    expect(of("product: t; price: b + a - c / 100")).toBe(
      of("product: t; price: a - c / 10^2 + b"),
    );
  });

  test.each([
    ["price: p", "amount: p"],
    ["price: p", "price: p round 6"],
    ["price: p", "price: p / 10"],
    ["price: p", "price: p; returns: subtract"],
    ["price: p", "price: p; time: at"],
    ["price: p", "price: p; by store: s"],
    ["price: p; by store: s", "price: p; by shop: s"],
    ["price: p; by store: s", "price: p; by store: t"],
    ["price: p; time: at", "price: p; time: at s"],
    ["price: p; only: a in (x)", "price: p; only: a not in (x)"],
    ["price: p; only: a in (x)", "price: p; only: a in (X)"],
    ["price: a else b", "price: b else a"],
  ])("differs between %s and %s", (one, other) => {
    expect(of(`product: t; ${one}`)).not.toBe(of(`product: t; ${other}`));
  });
});
