/** `a.b['c d'][0]`, `$.a`, `json(a).b`, `$key`, `$topic`, `$header.name`: where something stands. */

import type { Origin, Path, Step } from "../model/mapping.ts";
import type { RuleText } from "./rule-text.ts";

/** Steps of one path: deeper records exist, but no sale in them. */
const STEPS_MAX = 32;
/** Elements of an array are counted from 0. */
const INDEX_DIGITS_MAX = 4;

/** A key that needs no quotes. */
export const BARE_KEY = /[\p{L}\p{N}\p{M}_@$]+/u;
const FIRST_BARE_KEY = /(?![\p{Nd}$])[\p{L}\p{N}\p{M}_@$]+/u;
/** The name of a header has no structure: points belong to it. */
export const BARE_HEADER = /[\p{L}\p{N}_][\p{L}\p{N}_.:-]*/u;

export const accepted = {
  path: "a path such as price, item.price or ['unit price']",
  origins: "$. (the record), $key, $topic or $header.NAME",
};

/** @throws SalesboardError when no path stands there */
export function readPath(rule: RuleText): Path {
  const start = rule.position;
  const steps: Step[] = [];
  const origin = readStart(rule, steps);
  readSteps(rule, steps);
  if (steps.length > STEPS_MAX) rule.fail(`a path of at most ${STEPS_MAX} steps`, start);
  const isWhole = steps.length === 0 && (origin.kind === "line" || origin.kind === "record");
  if (isWhole) rule.fail(accepted.path, start);
  if (rule.peek(/-/)) {
    rule.fail("a space on both sides of - to subtract, or ['a-b'] for a key with - in it,");
  }
  rule.skipSpace();
  return { origin, steps };
}

function readStart(rule: RuleText, steps: Step[]): Origin {
  if (rule.takeExactly(/json\s*\(\s*/)) return readJson(rule, steps);
  if (rule.peek(/\$/)) return readDollar(rule, steps);
  const key = rule.takeExactly(FIRST_BARE_KEY);
  if (key !== undefined) steps.push({ kind: "key", key });
  else if (!rule.peek(/\[/)) rule.fail(accepted.path);
  return { kind: "line" };
}

function readJson(rule: RuleText, steps: Step[]): Origin {
  const inner = readPath(rule);
  if (!rule.takeExactly(/\)/)) rule.fail("a closing parenthesis behind the path of json(");
  steps.push(...inner.steps, { kind: "json" });
  return inner.origin;
}

function readDollar(rule: RuleText, steps: Step[]): Origin {
  const start = rule.position;
  if (rule.takeExactly(/\$(?=\[)/)) return { kind: "record" };
  if (rule.takeExactly(/\$\./)) {
    const key = rule.takeExactly(BARE_KEY) ?? rule.fail(accepted.path);
    steps.push({ kind: "key", key });
    return { kind: "record" };
  }
  const name = rule.takeExactly(/\$(key|topic)(?![\p{L}\p{N}_$])/u);
  if (name) return { kind: name === "$key" ? "key" : "topic" };
  if (rule.takeExactly(/\$header(?![\p{L}\p{N}_$])/u)) return readHeader(rule);
  return rule.fail(`${accepted.origins}, or ['$name'] for a key that begins with $,`, start);
}

function readHeader(rule: RuleText): Origin {
  const name = rule.takeExactly(/\.(?=[\p{L}\p{N}_])/u)
    ? rule.takeExactly(BARE_HEADER)
    : bracketed(rule);
  if (!name) return rule.fail("the name of a header such as $header.type or $header['my type']");
  return { kind: "header", name };
}

function readSteps(rule: RuleText, steps: Step[]): void {
  while (true) {
    const index = rule.takeExactly(/\[\s*\d+\s*\]/);
    if (index !== undefined) {
      const digits = index.replace(/\D/g, "");
      if (digits.length > INDEX_DIGITS_MAX) rule.fail("an index of at most 9999", rule.position);
      steps.push({ kind: "index", index: Number(digits) });
    } else if (rule.takeExactly(/\[\s*\]/)) steps.push({ kind: "each" });
    else if (rule.peek(/\[/)) {
      const key = bracketed(rule) ?? rule.fail("['key'], [0] or, in the rule lines, []");
      steps.push({ kind: "key", key });
    } else if (rule.takeExactly(/\./)) {
      const key = rule.takeExactly(BARE_KEY) ?? rule.fail("a key behind the point");
      steps.push({ kind: "key", key });
    } else return;
  }
}

function bracketed(rule: RuleText): string | undefined {
  if (!rule.peek(/\[\s*'/)) return undefined;
  rule.takeExactly(/\[\s*/);
  const key = rule.takeQuoted();
  if (!rule.takeExactly(/\s*\]/)) rule.fail("a closing bracket behind the key");
  return key;
}
