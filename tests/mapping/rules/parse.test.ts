import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SalesboardError } from "../../../src/lib/errors.ts";
import { MAPPING_LENGTH_MAX, parseMapping, RULES_MAX } from "../../../src/mapping/rules/parse.ts";

function refusal(rules: string): string {
  try {
    parseMapping(rules);
  } catch (error) {
    if (!(error instanceof SalesboardError)) throw error;
    expect(error.exitStatus).toBe(2);
    return error.message;
  }
  throw new Error(`was accepted: ${rules}`);
}

/** The text above the caret's place, from that place on. */
function underCaret(message: string): string {
  const [, rule = "", caret = ""] = message.split("\n");
  return rule.slice(caret.indexOf("^"));
}

describe("parseMapping", () => {
  test("reads each part of a rule into the tree", () => {
    const mapping = parseMapping("lines: a[]; product: b; price: $.c[0] else 2 / 100 + d round 2");
    expect(mapping.lines?.steps).toEqual([{ kind: "key", key: "a" }, { kind: "each" }]);
    expect(mapping.money.rule).toMatchObject({
      round: 2,
      terms: [
        {
          choice: [
            {
              kind: "path",
              path: {
                origin: { kind: "record" },
                steps: [
                  { kind: "key", key: "c" },
                  { kind: "index", index: 0 },
                ],
              },
            },
            { kind: "text", text: "2" },
          ],
          shift: { kind: "places", places: 2 },
        },
        { isNegative: false },
      ],
    });
  });

  test("rules stand apart by semicolons and line breaks, and quotes protect a semicolon", () => {
    const mapping = parseMapping("product: 'a;b'\r\n price: 1 ;; quantity: 2\n\n");
    expect(mapping.product).toEqual([[{ kind: "text", text: "a;b" }]]);
  });

  test("in a file a # begins a comment, but not inside of quotes or words", () => {
    const text = "# a shop\nproduct: 'No #1' # the name; price: 5\nprice: a#b";
    expect(() => parseMapping(text, { hasComments: true })).toThrow("where it has #b");
    const good = "# a shop\nproduct: 'No #1' # the name; price: 5\nprice: a # b";
    expect(parseMapping(good, { hasComments: true }).product).toEqual([
      [{ kind: "text", text: "No #1" }],
    ]);
  });

  test("minus implies that returns are subtracted, unless they are rejected", () => {
    const rules = "product: a; price: b; minus: c in (d)";
    expect(parseMapping(rules).returns).toBe("subtract");
    expect(parseMapping(`${rules}; returns: reject`).returns).toBe("reject");
    expect(parseMapping("product: a; price: b").returns).toBe("reject");
  });

  test("an error shows the rule, a caret, what is accepted, and the nearest word", () => {
    expect(refusal("product: title; prize: unit_price")).toBe(
      [
        "Cannot read the mapping: a rule must begin with one of lines, product, quantity, price, " +
          "amount, time, currency, only, minus, returns, columns, by, received prize; " +
          "did you mean price?",
        "  prize: unit_price",
        "  ^",
      ].join("\n"),
    );
  });

  test.each([
    ["product: a; price: b / 60", "a power of ten such as 100", "60"],
    ["product: a; price: b / 1.5", "a power of ten", "1.5"],
    ["product: a; price: b / 10^39", "a number from 0 to 38", "39"],
    ["product: a; price: b * 2", "does not multiply", "* 2"],
    ["product: a; price: b round 7", "a number from 0 to 6", "7"],
    ["product: a; price: b decimal x", "a number from 0 to 38", "x"],
    ["product: a; price: 5 decimal 2", "a path before decimal", "price"],
    ["product: a; price: 'x'", "must have a number", "'x'"],
    ["product: a; price: 1 else b", "is never reached", "b"],
    ["product: a; price: b +", "a path such as price", ""],
    ["product: a-b; price: 1", "a space on both sides of -", "-b"],
    ["product: a / 100; price: 1", "this rule is a text", "/ 100"],
    ["product: a - b; price: 1", "this rule is a text", "- b"],
    ["product: a; price: 1; amount: 2", "exclude each other", "amount"],
    ["product: a; product: b; price: 1", "only once", "product: b"],
    ["product: a[]; price: 1", "[] stands only in the rule lines", "a[]"],
    ["product: a; price: 1; only: b[] exists", "[] stands only in the rule lines", "b[]"],
    ["product: a; price: 1; lines: items", "lines must have []", "items"],
    ["product: a; price: 1; only: b", "in (a, b), not in (a, b), exists or not exists", ""],
    ["product: a; price: 1; only: b in", "a list such as", ""],
    ["product: a; price: 1; only: b in ()", "a word or a 'text'", ")"],
    ["product: a; price: 1; only: b in (c", "a closing parenthesis", ""],
    ["product: a; price: 1; only: b in (null)", "write exists or not exists", "null)"],
    ["product: a; price: 1; only: b is (c)", "in (a, b)", "is (c)"],
    ["product: a; price: 1; minus: b not in (c)", "in (a, b) behind the path", "not in (c)"],
    ["product: a; price: 1; returns: substract", "did you mean subtract?", "substract"],
    ["product: a; price: 1; time: b hours", "s, ms, us, ns, days", "hours"],
    ["product: a; price: 1; columns: a, b, a", "only once", ""],
    ["product: $foo; price: 1", "$key, $topic or $header.NAME", "$foo"],
    ["product: $; price: 1", "$key, $topic or $header.NAME", "$"],
    ["product: $header; price: 1", "the name of a header", ""],
    ["product: a[x]; price: 1", "['key'], [0]", "[x]"],
    ["product: a[12345]; price: 1", "an index of at most 9999", ""],
    ["product: json(a; price: 1", "a closing parenthesis behind the path", ""],
    ["product: 'abc", "a closing quote", "'abc"],
    ["product a", "a colon behind product", "a"],
    ["by", "a name such as store behind by", ""],
    ["by : a", "a name such as store behind by", ": a"],
    ["by Store: a", "a to z first", "Store"],
    ["by 2nd: a", "a to z first", "2nd"],
    [`by ${"x".repeat(33)}: a`, "at most 32 characters", "xxx"],
    ["by store $.a", "a colon behind by store", "$.a"],
    ["by store: a / 100", "this rule is a text", "/ 100"],
    ["by store: items[].a", "[] stands only in the rule lines", "items[]"],
    ["by store: a; by store: b", "the rule by store must stand there only once", "store: b"],
    ["by a: x; by b: x; by c: x; by d: x; by e: x", "at most 4 rules that begin with by", "by e"],
    ["By store: a", "did you mean by?", "By store"],
    ["product: a; price: b; quantity: -c", "to turn a sign, write 0 - PATH", "-c"],
    ["filter: a in (b)", "received filter; did you mean only?", "filter"],
    ["refunds: a", "did you mean minus?", "refunds"],
    // It was near to `by`, with which it has no letter in common.
    ['{"product":"a"}', 'columns, by, received {"product":"a"}\n', '{"product"'],
  ])("refuses %s", (rules, accepted, place) => {
    const message = refusal(rules);
    expect(message).toContain(accepted);
    const found = underCaret(message);
    if (place === "") expect(found).toBe("");
    else expect(found.startsWith(place)).toBe(true);
  });

  test.each([
    ["", "1 to 200 rules such as product: title"],
    ["price: 1", "the rule product, such as product: title"],
    ["product: a", "the rule price (of one unit) or amount (of the whole line)"],
    ["product: a;".repeat(RULES_MAX + 1), "received 201 rules"],
    ["x".repeat(MAPPING_LENGTH_MAX + 1), "at most 100000 characters"],
    [`product: ${"a.".repeat(40)}a; price: 1`, "a path of at most 32 steps"],
    [`product: ${"a + ".repeat(30)}a; price: 1`, "at most 20 parts"],
  ])("refuses a mapping as a whole: %p", (rules, expected) => {
    expect(refusal(rules)).toContain(expected);
  });

  test("the caret of a long rule stays in sight, and no character obeys itself", () => {
    const message = refusal(`product: ${"é".repeat(400)}\t\u001b+ / 2`);
    const [, rule = "", caret = ""] = message.split("\n");
    expect(rule.length).toBeLessThanOrEqual(92);
    expect(caret.length).toBeLessThanOrEqual(rule.length + 1);
    expect(rule).not.toMatch(/\p{Cc}/u);
  });

  test("any text is a mapping or is refused with exit status 2", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary", maxLength: 6 }),
      fc.constantFrom("product:", "price:", "only:", "lines:", " in (", ")", "[]", "json(", "$.a"),
      fc.constantFrom(" else ", " / 10^", "round 2", "'", ";", "\n", "a", ".", "$header", "-", "1"),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        try {
          parseMapping(pieces.join(""));
        } catch (error) {
          expect(error).toBeInstanceOf(SalesboardError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
