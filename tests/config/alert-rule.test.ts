import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  figures,
  parseRule,
  parseRules,
  RULES_MAX,
  RuleError,
  rulePeriods,
} from "../../src/config/alert-rule.ts";
import { formatAmount } from "../../src/domain/money.ts";
import { refusal } from "../support/settings.ts";

const plain = {
  product: undefined,
  windowMs: undefined,
  period: undefined,
  isRate: false,
  isNoData: false,
  forMs: 0,
} as const;

describe("parseRule", () => {
  test.each([
    ["revenue[1m] < 100", { figure: "revenue", windowMs: 60_000, operator: "<", threshold: 100n }],
    ["units[24h]>=50", { figure: "units", windowMs: 86_400_000, operator: ">=", threshold: 50n }],
    ["sales[ 10s ] <= 0", { figure: "sales", windowMs: 10_000, operator: "<=", threshold: 0n }],
    ["deadLetters[90s] > 0", { figure: "deadLetters", windowMs: 90_000, operator: ">" }],
    ["revenue > 1000000", { figure: "revenue", operator: ">", threshold: 1_000_000n }],
    ["revenue{Laptop}[1m] < 1", { figure: "revenue", product: "Laptop", windowMs: 60_000 }],
    ["units{ 4K Monitor } < 1", { figure: "units", product: "4K Monitor" }],
    [
      'sales{"4K Monitor 27″; \\"}\\u0041"} < 1',
      { figure: "sales", product: '4K Monitor 27″; "}A' },
    ],
    ["rate(sales[1m]) < 2", { figure: "sales", windowMs: 60_000, isRate: true, threshold: 2n }],
    ["rate ( revenue{für}[1h] ) > 2", { product: "für", windowMs: 3_600_000, isRate: true }],
    ["revenue[today] < 1000", { windowMs: undefined, period: "today", threshold: 1_000n }],
    ["units{Laptop}[ 7d ] < 10", { product: "Laptop", windowMs: undefined, period: "7d" }],
    ["nodata[5m]", { figure: "sales", windowMs: 300_000, isNoData: true, operator: "<" }],
    [
      "nodata{Laptop}[5m] for 1s",
      { product: "Laptop", windowMs: 300_000, isNoData: true, forMs: 1_000 },
    ],
    ["revenue[1m] < 100 for 2m", { windowMs: 60_000, threshold: 100n, forMs: 120_000 }],
  ] as const)("reads %s", (text, expected) => {
    const rule = parseRule(text);
    const { threshold, ...others } = { threshold: undefined, ...expected };
    expect(rule).toMatchObject({ ...plain, ...others, text });
    if (threshold !== undefined) expect(rule.threshold).toBe(threshold * 1_000_000n);
  });

  test("keeps all six decimals of a threshold", () => {
    expect(parseRule("revenue < 9007199254740993.000001").threshold).toBe(
      9_007_199_254_740_993_000_001n,
    );
  });

  test.each([
    ["profit < 1", "one of revenue, units, sales, deadLetters, rate, nodata where it has"],
    ["Revenue < 1", "one of revenue"],
    ["revenues < 1", "one of revenue"],
    ["rate(sales[today]) < 1", "a duration from 10s to 24h"],
    ["nodata[today]", "a duration from 10s to 24h"],
    ["deadLetters[7d] > 1", "a duration from 10s to 24h"],
    ["revenue[todays] < 1", "a duration from 10s to 24h"],
    ["revenue[8d] < 1", "a duration from 10s to 24h"],
    ["revenue", "a window such as [1m], or one of < <= > >= at its end"],
    ["revenue[1m]", "one of < <= > >= at its end"],
    ["revenue[1m] = 1", 'one of < <= > >= where it has "= 1"'],
    [
      "revenue[1m] << 1",
      'a number from 0 with at most 6 decimals, such as 99.95 where it has "< 1"',
    ],
    ["revenue[1m] < -1", "a number from 0"],
    ["revenue[1m] < 1e3", "a number from 0"],
    ["revenue[1m] < 1.1234567", "a number from 0"],
    ["revenue[1m] < 1,5", "nothing more, or a duration such as for 2m, where it has ,5"],
    [
      "revenue[9s] < 1",
      'a duration from 10s to 24h in s, m or h, such as 90s where it has "9s] < 1"',
    ],
    ["revenue[25h] < 1", "a duration from 10s to 24h"],
    ["revenue[1.5m] < 1", "a duration from 10s"],
    ["revenue[1m < 1", "a closing bracket"],
    ["revenue[] < 1", "a duration from 10s"],
    ["revenue[1m] < 1 for 25h", "a duration from 1s to 24h"],
    ["revenue[1m] < 1 for 2m now", "nothing more, or a duration such as for 2m, where it has now"],
    ["revenue{} < 1", "a product such as Laptop"],
    ["revenue{a/b} < 1", "a closing brace, or quotes around the product"],
    ['revenue{"a} < 1', "a product such as Laptop"],
    ['revenue{"\\x"} < 1', "a product (a JSON string)"],
    ['revenue{""} < 1', "a product (product must not be empty)"],
    ['revenue{"\\u0000"} < 1', "a product (product must not contain control characters)"],
    ['revenue{"\\ud800"} < 1', "a product (product must not contain a lone surrogate)"],
    ["deadLetters{Laptop} > 0", "a window such as [1m], or one of"],
    ["rate(sales) < 1", "a window such as [1m] where it has"],
    ["rate sales[1m] < 1", "a figure in parentheses"],
    ["rate(sales[1m] < 1", "a closing parenthesis"],
    ["rate(nodata[1m]) < 1", "one of revenue, units, sales, deadLetters where"],
    ["nodata", "a window such as [5m] at its end"],
    ["nodata[5m] < 1", "nothing more, or a duration"],
    [`revenue < 1${" ".repeat(2_000)}1`, "at most 2000 characters"],
  ])("refuses %s", (text, sentence) => {
    expect(() => parseRule(text)).toThrow(RuleError);
    expect(() => parseRule(text)).toThrow(sentence);
  });

  test("reads what is written from any rule's parts", () => {
    const property = fc.property(anyRule, ({ text, ...parts }) => {
      const { text: kept, ...read } = parseRule(text);
      expect(read).toEqual(parts);
      expect(kept).toBe(text);
      expect(parseRules(`nodata[23h];${text} ;`)[1]).toEqual({ text, ...parts });
    });
    fc.assert(property);
  });

  test("throws nothing but its own error, whatever it is given", () => {
    const pieces = ["revenue", "rate", "nodata", "for", "{", "}", "[", "]", "(", ")", '"', "\\"];
    const more = ["<", ">=", "1m", "5", "0.1", ";", " ", "\n", "Laptop", "\u0000", "😀", "\ud800"];
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.constantFrom(...pieces, ...more)).map((parts) => parts.join("")),
    );
    const property = fc.property(text, (rules) => {
      try {
        expect(parseRules(rules).length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(RuleError);
      }
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});

const unit = fc.constantFrom(
  ["s", 1_000] as const,
  ["m", 60_000] as const,
  ["h", 3_600_000] as const,
);
const durationFrom = (msMin: number) =>
  fc
    .tuple(fc.integer({ min: 1, max: 86_400 }), unit)
    .map(([count, [name, size]]) => ({ text: `${count}${name}`, ms: count * size }))
    .filter(({ ms }) => ms >= msMin && ms <= 86_400_000);
const productName = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((name) => !/\p{Cc}/u.test(name) && name.isWellFormed() && Buffer.byteLength(name) <= 256);

/** A rule and its text, composed here without any code of the parser. */
const anyRule = fc
  .record({
    kind: fc.constantFrom("growth", "total", "rate", "nodata", ...rulePeriods),
    figure: fc.constantFrom(...figures),
    product: fc.option(productName, { nil: undefined }),
    window: durationFrom(10_000),
    operator: fc.constantFrom("<", "<=", ">", ">=" as const),
    threshold: fc.bigInt(0n, 10n ** 30n),
    hold: fc.option(durationFrom(1_000), { nil: undefined }),
  })
  .map(({ kind, figure: any, product: name, window, operator, threshold, hold }) => {
    const isWindow = ["growth", "rate", "nodata"].includes(kind);
    const named = rulePeriods.find((period) => period === kind);
    const period = any === "deadLetters" ? undefined : named;
    const figure = kind === "nodata" ? "sales" : any;
    const product = figure === "deadLetters" ? undefined : name;
    const selector = product === undefined ? "" : `{${JSON.stringify(product)}}`;
    const over = isWindow ? `[${window.text}]` : period ? `[${period}]` : "";
    const subject = `${kind === "nodata" ? "nodata" : figure}${selector}${over}`;
    const wrapped = kind === "rate" ? `rate(${subject})` : subject;
    const comparison = kind === "nodata" ? "" : ` ${operator} ${formatAmount(threshold)}`;
    return {
      text: `${wrapped}${comparison}${hold ? ` for ${hold.text}` : ""}`,
      figure,
      product,
      windowMs: isWindow ? window.ms : undefined,
      period,
      isRate: kind === "rate",
      isNoData: kind === "nodata",
      operator: kind === "nodata" ? "<" : operator,
      threshold: kind === "nodata" ? 1_000_000n : threshold,
      forMs: hold?.ms ?? 0,
    };
  });

describe("parseRules", () => {
  test("takes every rule that the documents show", async () => {
    const page = await Bun.file(new URL("../../docs/alerts.md", import.meta.url)).text();
    const section = page.slice(page.indexOf("\n## Rules\n"));
    const table = section.split("\n").filter((line) => line.startsWith("| `"));
    const shown = table.slice(0, 11).flatMap((line) => line.split("|")[1]?.match(/(?<=`)[^`,]+/g));
    expect(shown.length).toBeGreaterThan(10);
    for (const rule of shown.filter((text) => text?.trim())) parseRule(rule as string);
  });

  test("takes apart what semicolons separate, and not those in a name", () => {
    const rules = parseRules(' revenue > 1; units{"a;\\"b;"} > 2;\n\nnodata[5m];');
    expect(rules.map(({ text }) => text)).toEqual([
      "revenue > 1",
      'units{"a;\\"b;"} > 2',
      "nodata[5m]",
    ]);
  });

  test("refuses none, too many, and one that stands twice", () => {
    expect(() => parseRules(" ; ")).toThrow("it must have a rule, such as");
    const many = Array.from({ length: RULES_MAX + 1 }, (_, i) => `sales > ${i}`);
    expect(parseRules(many.slice(1).join(";"))).toHaveLength(RULES_MAX);
    expect(() => parseRules(many.join(";"))).toThrow("at most 50 rules, received 51");
    expect(() => parseRules("sales > 1;sales > 1")).toThrow(
      'it must have the rule "sales > 1" only once',
    );
  });
});

test("a wrong rule ends the program with its own sentence, and no secret in any", () => {
  expect(refusal(["--alert", "sales > 1", "--alert", "sales[1m] > x"])).toBe(
    'Cannot use --alert: the rule "sales[1m] > x" must have a number from 0 with at most 6 decimals, ' +
      "such as 99.95 where it has x.",
  );
  expect(refusal([], { SALESBOARD_ALERT: "x" })).toStartWith(
    "Cannot use SALESBOARD_ALERT: the rule x",
  );
  const hook = "ftp://chat.example/geheim";
  const sentence = "must be an http:// or https:// URL without user name and password.";
  expect(refusal(["--alert-webhook", hook])).toBe(
    `Cannot use the value of --alert-webhook: it ${sentence}`,
  );
  expect(refusal([], { SALESBOARD_ALERT_WEBHOOK: hook })).toBe(
    `Cannot use the value of SALESBOARD_ALERT_WEBHOOK: it ${sentence}`,
  );
  const named = "https://chat.example/geheim";
  expect(refusal(["--alert-webhook", named])).toBe(
    "Cannot use --alert-webhook without --alert: there is no alert to post. Add a rule with --alert.",
  );
  expect(
    refusal(["produce", "--brokers", "k:9092", "--alert", "sales > 1", "--alert-webhook", named]),
  ).toBe(
    "Cannot use --alert with produce and the roles producer: it applies only to serve, or to run " +
      "with the role dashboard.",
  );
});
