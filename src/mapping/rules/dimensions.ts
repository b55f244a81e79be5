/** `by NAME: TEXT`: what a board of its own adds up by. */

import { quoted } from "../../lib/text.ts";
import { DIMENSION_NAME, DIMENSIONS_MAX, type Dimension } from "../model/mapping.ts";
import type { RuleText } from "./rule-text.ts";
import { readTextRule } from "./values.ts";

const WORD = /[\p{L}\p{N}_-]+/u;

/** What stands behind `by`. `before`: the dimensions that stand before. @throws SalesboardError */
export function readDimension(rule: RuleText, before: readonly Dimension[]): Dimension {
  const accepts =
    "a name such as store behind by (a to z first, then a to z, 0 to 9, _ and -, " +
    "at most 32 characters)";
  const position = rule.position;
  const name = rule.expect(WORD, accepts);
  if (!new RegExp(`^${DIMENSION_NAME.source}$`).test(name)) rule.fail(accepts, position);
  if (before.some((other) => other.name === name)) {
    throw rule.error(`the rule by ${quoted(name)} must stand there only once`, position);
  }
  if (before.length === DIMENSIONS_MAX) {
    const sentence = `a mapping must have at most ${DIMENSIONS_MAX} rules that begin with by`;
    throw rule.error(sentence, 0);
  }
  rule.expect(/:/, `a colon behind by ${name}`);
  return { name, text: readTextRule(rule) };
}
