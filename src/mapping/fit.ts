/** Rules against a schema: a path that leads nowhere would make every record a dead letter. */

import { type SalesboardError, usageError } from "../lib/errors.ts";
import { didYouMean } from "../lib/text.ts";
import type { Mapping, Path, Step } from "./model/mapping.ts";
import type { SchemaPart } from "./model/schema.ts";
import { type RulePath, rulePaths } from "./rule-paths.ts";
import { printMapping, printPath } from "./rules/print.ts";

/** Fields that a sentence lists. */
const LISTED_MAX = 20;

/**
 * The first rule that cannot work, as an error with exit status 2 and a caret; undefined = all fit.
 * `schema`: its name in a sentence, such as `schema 7`.
 */
export function misfitOf(
  mapping: Mapping,
  root: readonly SchemaPart[],
  schema: string,
): SalesboardError | undefined {
  const line = mapping.lines ? partsAt(root, mapping.lines) : root;
  for (const place of rulePaths(mapping)) {
    const { kind } = place.path.origin;
    if (kind !== "line" && kind !== "record") continue;
    const isOfLine = kind === "line" && mapping.lines !== undefined && place.rule !== "lines";
    // A rule `lines` that cannot work is said first.
    const start = isOfLine ? line : root;
    if (start === undefined) continue;
    const problem = problemAt(start, place, schema);
    if (problem) return misfit(mapping, place, problem);
  }
  return undefined;
}

/** Undefined = JSON in a text: nobody knows what is in it. */
function partsAt(root: readonly SchemaPart[], path: Path): readonly SchemaPart[] | undefined {
  let parts: readonly SchemaPart[] | undefined = root;
  for (const step of path.steps) parts = parts && next(parts, step);
  return parts;
}

function next(parts: readonly SchemaPart[], step: Step): readonly SchemaPart[] | undefined {
  if (step.kind === "json") return undefined;
  if (step.kind === "key") return parts.flatMap((part) => part.at(step.key));
  return parts.flatMap((part) => part.items ?? []);
}

function problemAt(
  start: readonly SchemaPart[],
  { path, readsValue }: RulePath,
  schema: string,
): string | undefined {
  let parts = start;
  for (const step of path.steps) {
    const found = next(parts, step);
    if (found === undefined) return undefined;
    if (found.length === 0) return nothingAt(parts, step, schema);
    parts = found;
  }
  if (!readsValue || parts.some(({ isValue }) => isValue)) return undefined;
  const names = parts.map(({ name }) => name).join(" or ");
  return `${printPath(path)} is the ${names} of ${schema}, not one value: name a field in it`;
}

function nothingAt(parts: readonly SchemaPart[], step: Step, schema: string): string {
  const names = parts.map(({ name }) => name).join(" or ") || "nothing";
  if (step.kind !== "key") return `the ${names} of ${schema} is no array`;
  const fields = parts.flatMap(({ fields = [] }) => fields);
  const sentence = `the ${names} of ${schema} has no field ${step.key}`;
  if (fields.length === 0) return sentence;
  const hint = didYouMean(step.key, fields);
  return sentence + (hint || `; it has ${fields.slice(0, LISTED_MAX).join(", ")}`);
}

/** The caret stands under the path, in the rule as `salesboard config` prints it. */
export function misfit(
  mapping: Mapping,
  { rule, path }: RulePath,
  problem: string,
): SalesboardError {
  const text = printPath(path);
  const rules = printMapping(mapping).split("\n");
  const start = `${rule}: `;
  const line = rules.find((one) => one.startsWith(start) && placeIn(one, text, start.length) >= 0);
  const shown = line ?? start + text;
  const caret = " ".repeat(placeIn(shown, text, start.length));
  return usageError(`Cannot use the mapping: ${problem}\n  ${shown}\n  ${caret}^`);
}

/** Where a path stands in a rule: not in a longer one, nor in a constant. −1 = nowhere. */
function placeIn(rule: string, path: string, from: number): number {
  const literal = path.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const whole = new RegExp(`(?<![\\p{L}\\p{N}_@$.(\\]])${literal}(?![\\p{L}\\p{N}_@$.[(])`, "gu");
  const constants = path.includes("'") ? /(?!)/g : /'[^']*'/g;
  const bare = rule.replace(constants, (text) => " ".repeat(text.length));
  whole.lastIndex = from;
  return whole.exec(bare)?.index ?? -1;
}
