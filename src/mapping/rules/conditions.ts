/** `PATH [not] in (a, b)`, `PATH [not] exists`, and lists of words. */

import type { Predicate } from "../model/mapping.ts";
import type { RuleText } from "./rule-text.ts";
import { linePath } from "./values.ts";

/** Texts of one list, and columns of a csv value. */
const WORDS_MAX = 1_000;
/** A word of a list that needs no quotes; spaces inside of it belong to it. */
export const BARE_WORD = /[^\s'(),;#](?:[^'(),;#\p{Cc}]*[^\s'(),;#\p{Cc}])?/u;

/** @throws SalesboardError */
export function readCondition(rule: RuleText): Predicate {
  const path = linePath(rule);
  const isNegated = rule.take(/not(?![\p{L}\p{N}_])/u) !== undefined;
  if (rule.take(/exists(?![\p{L}\p{N}_])/u)) return { path, isNegated, texts: undefined };
  const verbs = isNegated
    ? "in (a, b) or exists"
    : "in (a, b), not in (a, b), exists or not exists";
  rule.expect(/in(?![\p{L}\p{N}_])/u, `${verbs} behind the path`);
  return { path, isNegated, texts: readList(rule) };
}

/** `PATH in (a, b)`: the only form of `minus`. @throws SalesboardError */
export function readMembership(rule: RuleText): Predicate {
  const path = linePath(rule);
  rule.expect(/in(?![\p{L}\p{N}_])/u, "in (a, b) behind the path");
  return { path, isNegated: false, texts: readList(rule) };
}

function readList(rule: RuleText): string[] {
  rule.expect(/\(/, "a list such as (paid, 'partly paid')");
  const words = readWords(rule, (word, position) => {
    if (word !== "null") return;
    throw rule.error("null is not a text: write exists or not exists", position);
  });
  rule.expect(/\)/, "a comma or a closing parenthesis behind the list");
  return words;
}

/** Words between commas, bare or in quotes, at least one. @throws SalesboardError */
export function readWords(
  rule: RuleText,
  checkBare?: (word: string, position: number) => void,
): string[] {
  const words: string[] = [];
  do {
    const position = rule.position;
    const quotedWord = rule.takeQuoted();
    const word = quotedWord ?? rule.takeExactly(BARE_WORD) ?? rule.fail("a word or a 'text'");
    if (quotedWord === undefined) checkBare?.(word, position);
    rule.skipSpace();
    words.push(word);
    if (words.length > WORDS_MAX) rule.fail(`at most ${WORDS_MAX} words`, position);
  } while (rule.take(/,/));
  return words;
}
