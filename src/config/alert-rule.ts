/**
 * Parses the rules of alerts: `revenue{Laptop}[1m] < 99.95 for 2m`, `rate(sales[5m]) < 2`,
 * `revenue[today] < 1000`, `nodata[5m]`. One text holds all rules, separated by `;`.
 */

import { parseAmount } from "../domain/money.ts";
import { productProblem } from "../domain/sale.ts";
import { quoted } from "../lib/text.ts";

/** Nobody could read more alerts on a page, and each rule is evaluated once a second. */
export const RULES_MAX = 50;
/** Characters: room for a name of 256 bytes, all of them escaped, and for the rest of the rule. */
const RULE_LENGTH_MAX = 2_000;
export const RULES_LENGTH_MAX = RULES_MAX * RULE_LENGTH_MAX;

const SECOND_MS = 1_000;
const WINDOW_MS_MIN = 10 * SECOND_MS;
const WINDOW_MS_MAX = 24 * 3_600 * SECOND_MS;
const unitsMs: Record<string, number> = { s: SECOND_MS, m: 60 * SECOND_MS, h: 3_600 * SECOND_MS };

export const figures = ["revenue", "units", "sales", "deadLetters"] as const;
export type Figure = (typeof figures)[number];
/** Periods of days that a rule can speak of. */
export const rulePeriods = ["today", "yesterday", "7d", "30d"] as const;
export type RulePeriod = (typeof rulePeriods)[number];
export type Operator = "<" | "<=" | ">" | ">=";

export interface Rule {
  /** As the user wrote it, trimmed. */
  readonly text: string;
  readonly figure: Figure;
  /** Undefined = all products together. */
  readonly product: string | undefined;
  /** The rule compares how much the figure grew in this time; undefined = the figure itself. */
  readonly windowMs: number | undefined;
  /** The rule compares the sum of these days; then there is no window. */
  readonly period: RulePeriod | undefined;
  /** The rule compares the growth per second of the window. */
  readonly isRate: boolean;
  /** `nodata`: the rule holds while the window has less than one sale. */
  readonly isNoData: boolean;
  readonly operator: Operator;
  /** In millionths for every figure: money has six decimals, and counts are scaled to match. */
  readonly threshold: bigint;
  /** How long the rule must hold before the alert starts. */
  readonly forMs: number;
}

/** A text is not a rule. The message names the rule, the wrong part and what is accepted there. */
export class RuleError extends Error {
  override readonly name = "RuleError";
}

/** The rules in a text: 1 to `RULES_MAX`, no two alike. @throws RuleError */
export function parseRules(text: string): Rule[] {
  const texts = split(text).map((part) => part.trim());
  const rules = texts.filter((part) => part !== "").map(parseRule);
  if (rules.length === 0) throw new RuleError("it must have a rule, such as revenue[1m] < 100");
  if (rules.length > RULES_MAX) {
    throw new RuleError(`it must have at most ${RULES_MAX} rules, received ${rules.length}`);
  }
  const twin = rules.find((rule, i) => rules.findIndex(({ text }) => text === rule.text) < i);
  if (twin) throw new RuleError(`it must have the rule ${quoted(twin.text)} only once`);
  return rules;
}

/** @throws RuleError */
export function parseRule(text: string): Rule {
  const input = new Input(text);
  if (text.length > RULE_LENGTH_MAX) input.fail(`at most ${RULE_LENGTH_MAX} characters`);
  const condition = input.take(/nodata(?!\w)/) ? noData(input) : comparison(input);
  const forMs = input.take(/for(?!\w)/) ? duration(input, SECOND_MS) : 0;
  if (!input.isAtEnd) input.fail("nothing more, or a duration such as for 2m,");
  return { text, ...condition, forMs };
}

type Condition = Omit<Rule, "text" | "forMs">;

function noData(input: Input): Condition {
  const product = selector(input);
  const windowMs = windowOf(input);
  if (windowMs === undefined) return input.fail("a window such as [5m]");
  const oneSale = { operator: "<", threshold: parseAmount("1") } as const;
  const plain = { period: undefined, isRate: false, isNoData: true };
  return { figure: "sales", product, windowMs, ...plain, ...oneSale };
}

function comparison(input: Input): Condition {
  const isRate = input.take(/rate(?!\w)/) !== undefined;
  if (isRate) input.expect(/\(/, "a figure in parentheses, such as (sales[1m])");
  const names = `one of ${figures.join(", ")}${isRate ? "" : ", rate, nodata"}`;
  const name = input.expect(new RegExp(`(${figures.join("|")})(?!\\w)`), names);
  const figure = name as Figure;
  const product = figure === "deadLetters" ? undefined : selector(input);
  const period = isRate || figure === "deadLetters" ? undefined : periodOf(input);
  const windowMs = period ? undefined : windowOf(input);
  if (isRate && windowMs === undefined) return input.fail("a window such as [1m]");
  if (isRate) input.expect(/\)/, "a closing parenthesis");
  const before = windowMs === undefined && !period ? "a window such as [1m], or " : "";
  const operator = input.expect(/[<>]=?/, `${before}one of < <= > >=`) as Operator;
  const number = /\d{1,30}(\.\d{1,6})?(?![\w.])/;
  const threshold = input.expect(number, "a number from 0 with at most 6 decimals, such as 99.95");
  const rest = { isNoData: false, operator, threshold: parseAmount(threshold) };
  return { figure, product, windowMs, period, isRate, ...rest };
}

/** `{Laptop}`: bare if it has only letters, digits, spaces and `._-`, else a JSON string. */
function selector(input: Input): string | undefined {
  if (!input.take(/\{/)) return undefined;
  const at = input.position;
  const bare = input.take(/[\p{L}\p{N}._-]([\p{L}\p{N}\p{M} ._-]*[\p{L}\p{N}\p{M}._-])?/u);
  const name = bare ?? input.expect(/"([^"\\]|\\.)*"/, 'a product such as Laptop or "4K Monitor"');
  const product = bare ?? unquoted(name);
  const problem = product === undefined ? "a JSON string" : productProblem(product);
  if (problem) input.fail(`a product (${problem})`, at);
  input.expect(/\}/, 'a closing brace, or quotes around the product, such as {"a/b"}');
  return product;
}

function unquoted(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}

/** `[today]`: no duration has such a name. */
function periodOf(input: Input): RulePeriod | undefined {
  const text = input.take(new RegExp(`\\[ *(${rulePeriods.join("|")}) *\\]`));
  return text === undefined ? undefined : (text.replace(/[[\] ]/g, "") as RulePeriod);
}

function windowOf(input: Input): number | undefined {
  if (!input.take(/\[/)) return undefined;
  const windowMs = duration(input, WINDOW_MS_MIN);
  input.expect(/\]/, "a closing bracket");
  return windowMs;
}

function duration(input: Input, msMin: number): number {
  const accepts = `a duration from ${msMin / SECOND_MS}s to 24h in s, m or h, such as 90s`;
  const at = input.position;
  const text = input.expect(/\d{1,9}[smh](?!\w)/, accepts);
  const ms = Number(text.slice(0, -1)) * (unitsMs[text.slice(-1)] ?? Number.NaN);
  return ms >= msMin && ms <= WINDOW_MS_MAX ? ms : input.fail(accepts, at);
}

/** The text of a rule, read piece by piece. Spaces between pieces have no meaning. */
class Input {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpace();
  }

  /** Characters taken so far. */
  get position(): number {
    return this.#position;
  }

  get isAtEnd(): boolean {
    return this.#position === this.#text.length;
  }

  /** Takes and returns what `pattern` matches here; takes nothing when there is no match. */
  take(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern.source, `${pattern.flags}y`);
    sticky.lastIndex = this.#position;
    const match = sticky.exec(this.#text)?.[0];
    if (match === undefined) return undefined;
    this.#position += match.length;
    this.#skipSpace();
    return match;
  }

  /** @throws RuleError */
  expect(pattern: RegExp, accepts: string): string {
    return this.take(pattern) ?? this.fail(accepts);
  }

  /** @throws RuleError always: the text has something else where `accepts` is expected */
  fail(accepts: string, position = this.#position): never {
    const rest = this.#text.slice(position);
    const where = rest === "" ? "at its end" : `where it has ${quoted(rest)}`;
    throw new RuleError(`the rule ${quoted(this.#text)} must have ${accepts} ${where}`);
  }

  #skipSpace(): void {
    while (this.#text[this.#position] === " ") this.#position++;
  }
}

/** Splits a text at each `;` outside of quotes. */
function split(text: string): string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (isQuoted && character === "\\") i++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === ";" && !isQuoted) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}
