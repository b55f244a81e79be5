/** The right side of a rule that is a number, a text or a time. */

import { isNumberText } from "../exact/decimal.ts";
import {
  type Alternatives,
  type NumberRule,
  type Path,
  type Shift,
  type Source,
  type Term,
  type TextRule,
  type TimeRule,
  type TimeUnit,
  timeUnits,
} from "../model/mapping.ts";
import { accepted, readPath } from "./paths.ts";
import type { RuleText } from "./rule-text.ts";

/** Terms of one sum, and sources of one `else`. */
const PARTS_MAX = 20;
const ROUND_MAX = 6;
/** Places that a point is moved at most: more than any currency, 18, and any decimal column, 38. */
export const PLACES_MAX = 38;

const source = `${accepted.path}, a 'text', a number, $key, $topic or $header.NAME`;
const NUMBER = /-?\d+(\.\d+)?(?![\p{L}\p{N}_.])/u;

/** `V` of quantity, price and amount. @throws SalesboardError */
export function readNumberRule(rule: RuleText): NumberRule {
  const terms = [readTerm(rule, false)];
  while (true) {
    const sign = rule.take(/[+-]/);
    if (sign === undefined) break;
    if (terms.length === PARTS_MAX) rule.fail(`at most ${PARTS_MAX} terms`);
    terms.push(readTerm(rule, sign === "-"));
  }
  const round = rule.take(/round(?![\p{L}\p{N}_])/u) ? readPlaces(rule, ROUND_MAX) : undefined;
  return { terms, round };
}

function readTerm(rule: RuleText, isNegative: boolean): Term {
  const choice = readChoice(rule, (constant, position) => {
    if (!isNumberText(constant)) rule.fail("a number", position);
  });
  const decimal = rule.take(/decimal(?![\p{L}\p{N}_])/u) ? readPlaces(rule, PLACES_MAX) : undefined;
  const isConstant = choice.length === 1 && choice[0]?.kind === "text";
  if (decimal !== undefined && isConstant) rule.fail("a path before decimal, not a constant,", 0);
  const shift = rule.take(/\//) ? readShift(rule) : undefined;
  if (rule.peek(/\*/)) {
    throw rule.error("a mapping does not multiply; take the field that has the total as amount");
  }
  return { choice, isNegative, decimal, shift };
}

/** Behind a slash: 100, 10^2 or 10^path. Only the point moves, so nothing else divides. */
function readShift(rule: RuleText): Shift {
  if (rule.take(/10\s*\^/)) {
    if (rule.peek(/\d/)) return { kind: "places", places: readPlaces(rule, PLACES_MAX) };
    const path = linePath(rule);
    return { kind: "path", path };
  }
  const accepts = "a power of ten such as 100, 10^2 or 10^fractionDigits (only the point moves)";
  const position = rule.position;
  const divisor = rule.expect(/\d+(?![\p{L}\p{N}_.])/u, accepts);
  if (!/^10*$/.test(divisor)) rule.fail(accepts, position);
  if (divisor.length - 1 > PLACES_MAX) rule.fail(`at most ${PLACES_MAX} zeros`, position);
  return { kind: "places", places: divisor.length - 1 };
}

function readPlaces(rule: RuleText, max: number): number {
  const position = rule.position;
  const digits = rule.expect(/\d{1,3}(?![\p{L}\p{N}_.])/u, `a number from 0 to ${max}`);
  return Number(digits) <= max ? Number(digits) : rule.fail(`a number from 0 to ${max}`, position);
}

/** `V` of product and currency. @throws SalesboardError */
export function readTextRule(rule: RuleText): TextRule {
  const parts = [readChoice(rule)];
  while (rule.take(/\+/)) {
    if (parts.length === PARTS_MAX) rule.fail(`at most ${PARTS_MAX} parts`);
    parts.push(readChoice(rule));
  }
  if (rule.peek(/-|\/|decimal(?![\p{L}\p{N}_])|round(?![\p{L}\p{N}_])/u)) {
    rule.fail("its end, else or + (this rule is a text: nothing is calculated)");
  }
  return parts;
}

/** `V` of time, with a unit of numbers behind it. @throws SalesboardError */
export function readTimeRule(rule: RuleText): TimeRule {
  const parts = [readChoice(rule)];
  while (rule.take(/\+/)) {
    if (parts.length === PARTS_MAX) rule.fail(`at most ${PARTS_MAX} parts`);
    parts.push(readChoice(rule));
  }
  const unit = rule.take(new RegExp(`(${timeUnits.join("|")})(?![\\p{L}\\p{N}_])`, "u"));
  if (!rule.isAtEnd) {
    rule.fail(`its end, else, + or the unit of a number (${timeUnits.join(", ")})`);
  }
  return { parts, unit: unit as TimeUnit | undefined };
}

function readChoice(
  rule: RuleText,
  checkConstant?: (constant: string, position: number) => void,
): Alternatives {
  const choice: Source[] = [];
  do {
    const before = choice.at(-1);
    if (before?.kind === "text") {
      throw rule.error("what stands behind else is never reached: a constant is always there");
    }
    if (choice.length === PARTS_MAX) rule.fail(`at most ${PARTS_MAX} sources`);
    const position = rule.position;
    const next = readSource(rule);
    if (next.kind === "text") checkConstant?.(next.text, position);
    choice.push(next);
  } while (rule.take(/else(?![\p{L}\p{N}_])/u));
  return choice;
}

function readSource(rule: RuleText): Source {
  const quotedText = rule.takeQuoted();
  if (quotedText !== undefined) {
    rule.skipSpace();
    return { kind: "text", text: quotedText };
  }
  const number = rule.take(NUMBER);
  if (number !== undefined) return { kind: "text", text: number };
  if (!rule.peek(/[[$\p{L}\p{N}\p{M}_@]/u) || rule.peek(/\p{Nd}/u)) {
    rule.fail(source, rule.position, rule.peek(/-/) && "; to turn a sign, write 0 - PATH");
  }
  return { kind: "path", path: linePath(rule) };
}

/** A path that leads to one value. */
export function linePath(rule: RuleText): Path {
  const position = rule.position;
  const path = readPath(rule);
  if (path.steps.some(({ kind }) => kind === "each")) {
    throw rule.error(
      "[] stands only in the rule lines; here a path begins at one line, and [0] takes one element",
      position,
    );
  }
  return path;
}
