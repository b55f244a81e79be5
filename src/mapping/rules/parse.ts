/** Rules as a user writes them → a mapping in normal form. */

import { usageError } from "../../lib/errors.ts";
import { didYouMean, quoted } from "../../lib/text.ts";
import {
  type Dimension,
  type Mapping,
  type NumberRule,
  type Path,
  type Predicate,
  type RuleName,
  ruleNames,
  type TextRule,
  type TimeRule,
} from "../model/mapping.ts";
import { readCondition, readMembership, readWords } from "./conditions.ts";
import { readDimension } from "./dimensions.ts";
import { normalized } from "./normal.ts";
import { readPath } from "./paths.ts";
import { RuleText } from "./rule-text.ts";
import { splitRules } from "./split.ts";
import { readNumberRule, readTextRule, readTimeRule } from "./values.ts";

export const RULES_MAX = 200;
/** Characters. */
export const RULE_LENGTH_MAX = 10_000;
export const MAPPING_LENGTH_MAX = 100_000;

const example = "product: title; quantity: qty; price: unit_price";

/** What the rules said so far. */
interface Draft {
  columns?: string[];
  lines?: Path;
  product?: TextRule;
  quantity?: NumberRule;
  price?: NumberRule;
  amount?: NumberRule;
  time?: TimeRule;
  currency?: TextRule;
  only: Predicate[];
  minus?: Predicate;
  returns?: "reject" | "subtract";
  by: Dimension[];
}

const readers: Record<RuleName, (rule: RuleText, draft: Draft) => void> = {
  columns: (rule, draft) => {
    draft.columns = readColumns(rule);
  },
  lines: (rule, draft) => {
    draft.lines = readLines(rule);
  },
  product: (rule, draft) => {
    draft.product = readTextRule(rule);
  },
  quantity: (rule, draft) => {
    draft.quantity = readNumberRule(rule);
  },
  price: (rule, draft) => {
    draft.price = readNumberRule(rule);
  },
  amount: (rule, draft) => {
    draft.amount = readNumberRule(rule);
  },
  time: (rule, draft) => {
    draft.time = readTimeRule(rule);
  },
  currency: (rule, draft) => {
    draft.currency = readTextRule(rule);
  },
  only: (rule, draft) => {
    draft.only.push(readCondition(rule));
  },
  minus: (rule, draft) => {
    draft.minus = readMembership(rule);
  },
  returns: (rule, draft) => {
    draft.returns = readReturns(rule);
  },
  by: (rule, draft) => {
    draft.by.push(readDimension(rule, draft.by));
  },
};

/**
 * Reads rules that stand apart by `;` or line breaks; with `hasComments` (files) a `#` begins a
 * comment. Several texts are given joined by line breaks.
 * @throws SalesboardError with exit status 2: the rule, a caret under the place, what is accepted
 */
export function parseMapping(text: string, { hasComments = false } = {}): Mapping {
  if (text.length > MAPPING_LENGTH_MAX) {
    throw usageError(
      `Cannot read the mapping: it must have at most ${MAPPING_LENGTH_MAX} characters, ` +
        `received ${text.length}`,
    );
  }
  const rules = splitRules(text, { hasComments }).map((rule) => new RuleText(rule));
  if (rules.length === 0 || rules.length > RULES_MAX) {
    const received = rules.length === 0 ? "no rule" : `${rules.length} rules`;
    throw usageError(
      `Cannot read the mapping: it must have 1 to ${RULES_MAX} rules such as ${example}, ` +
        `received ${received}`,
    );
  }
  const draft: Draft = { only: [], by: [] };
  for (const rule of rules) readRule(rule, draft);
  return normalized(complete(draft));
}

function readRule(rule: RuleText, draft: Draft): void {
  if (rule.text.length > RULE_LENGTH_MAX) rule.fail(`at most ${RULE_LENGTH_MAX} characters`);
  const name = readName(rule);
  const isTwin = name !== "only" && name !== "by" && draft[name] !== undefined;
  if (isTwin) throw rule.error(`the rule ${name} must stand there only once`, 0);
  const other = name === "price" ? "amount" : "price";
  if ((name === "price" || name === "amount") && draft[other]) {
    const sentence =
      "price (of one unit) and amount (of the whole line) exclude each other: give one of them";
    throw rule.error(sentence, 0);
  }
  readers[name](rule, draft);
  if (!rule.isAtEnd) rule.fail("its end");
}

/** What others call a rule, where its letters do not tell. */
const synonyms: readonly (readonly [RegExp, RuleName])[] = [
  [/^(item|name|title|sku|article)$/i, "product"],
  [/^(qty|units|count)$/i, "quantity"],
  [/^(total|sum|revenue|money)$/i, "amount"],
  [/^(items|line_items|each|unnest)$/i, "lines"],
  [/^(filter|where|if|when)$/i, "only"],
  [/^(date|timestamp|at)$/i, "time"],
  [/^(refunds?|negative)$/i, "minus"],
  [/^(group|dimension)$/i, "by"],
  [/^(header|fields)$/i, "columns"],
];

function readName(rule: RuleText): RuleName {
  const word = rule.take(/[\p{L}\p{N}_-]+/u) ?? "";
  const name = ruleNames.find((known) => known === word);
  if (!name) {
    const meant = synonyms.find(([words]) => words.test(word))?.[1];
    const hint = meant ? `; did you mean ${meant}?` : didYouMean(word, ruleNames);
    const received = quoted(word === "" ? rule.text : word);
    const sentence = `a rule must begin with one of ${ruleNames.join(", ")}, received ${received}`;
    throw rule.error(sentence + hint, 0);
  }
  // Behind `by` stands the name of the dimension, and the colon behind that.
  if (name !== "by") rule.expect(/:/, `a colon behind ${name}`);
  return name;
}

function readLines(rule: RuleText): Path {
  const start = rule.position;
  const path = readPath(rule);
  if (!path.steps.some(({ kind }) => kind === "each")) {
    throw rule.error("lines must have [] behind the array, such as items[]", start);
  }
  return path;
}

function readColumns(rule: RuleText): string[] {
  const columns = readWords(rule);
  const twin = columns.find((column, i) => columns.indexOf(column) < i);
  if (twin !== undefined) throw rule.error(`the column ${quoted(twin)} must stand there only once`);
  return columns;
}

function readReturns(rule: RuleText): "reject" | "subtract" {
  const accepted = ["reject", "subtract"] as const;
  const word = rule.peek(/[\p{L}\p{N}_]+/u) ?? "";
  const found = accepted.find((known) => known === word);
  if (!found) rule.fail("reject or subtract", rule.position, didYouMean(word, accepted));
  rule.take(/\w+/);
  return found;
}

function complete(draft: Draft): Mapping {
  const { columns, lines, product, price, amount, time, currency, only, minus, by } = draft;
  if (!product) throw missing("the rule product", "product: title");
  const money = price
    ? ({ kind: "price", rule: price } as const)
    : amount && ({ kind: "amount", rule: amount } as const);
  if (!money) {
    throw missing(
      "the rule price (of one unit) or amount (of the whole line)",
      "price: unit_price, or price: 0 to count units only",
    );
  }
  const one: NumberRule = {
    terms: [
      {
        choice: [{ kind: "text", text: "1" }],
        isNegative: false,
        decimal: undefined,
        shift: undefined,
      },
    ],
    round: undefined,
  };
  const returns = draft.returns ?? (minus ? "subtract" : "reject");
  const quantity = draft.quantity ?? one;
  return { columns, lines, product, quantity, money, time, currency, only, minus, returns, by };
}

function missing(what: string, example: string) {
  return usageError(`Cannot read the mapping: it must have ${what}, such as ${example}`);
}
