/** One tree for each meaning: spellings that mean the same become the same. */

import { formatDecimal, parseNumber } from "../exact/decimal.ts";
import type {
  Alternatives,
  Dimension,
  Mapping,
  NumberRule,
  Path,
  Predicate,
  Source,
  Term,
  TextRule,
  TimeRule,
} from "../model/mapping.ts";
import { printCondition, printTerm } from "./print.ts";

export function normalized(mapping: Mapping): Mapping {
  const hasLines = mapping.lines !== undefined;
  const path = (path: Path) => normalPath(path, hasLines);
  const only = new Map(
    mapping.only
      .map((condition) => normalCondition(condition, path))
      .map((condition) => [printCondition(condition), condition]),
  );
  return {
    columns: mapping.columns,
    // The path of the lines begins at the record: there is no line yet.
    lines: mapping.lines && normalLines(mapping.lines),
    product: normalText(mapping.product, path),
    quantity: normalNumber(mapping.quantity, path),
    money: { kind: mapping.money.kind, rule: normalNumber(mapping.money.rule, path) },
    time: mapping.time && normalTime(mapping.time, path),
    currency: mapping.currency && normalText(mapping.currency, path),
    only: [...only.keys()].sort().flatMap((text) => only.get(text) ?? []),
    minus: mapping.minus && normalCondition(mapping.minus, path),
    returns: mapping.returns,
    by: mapping.by
      .map(({ name, text }): Dimension => ({ name, text: normalText(text, path) }))
      .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name))),
  };
}

type PathMap = (path: Path) => Path;

function normalPath(path: Path, hasLines: boolean): Path {
  if (hasLines || path.origin.kind !== "record") return path;
  return { origin: { kind: "line" }, steps: path.steps };
}

function normalLines(path: Path): Path {
  if (path.origin.kind !== "line") return path;
  return { origin: { kind: "record" }, steps: path.steps };
}

function normalCondition(condition: Predicate, path: PathMap): Predicate {
  const texts = condition.texts && [...new Set(condition.texts)].sort();
  return { path: path(condition.path), isNegated: condition.isNegated, texts };
}

function normalText(parts: TextRule, path: PathMap): TextRule {
  return parts.map((choice) => normalChoice(choice, path, (text) => text));
}

function normalTime({ parts, unit }: TimeRule, path: PathMap): TimeRule {
  return { parts: normalText(parts, path), unit };
}

function normalNumber({ terms, round }: NumberRule, path: PathMap): NumberRule {
  const sorted = terms
    .map((term) => normalTerm(term, path))
    .map((term) => ({ term, key: `${term.isNegative ? 1 : 0}${printTerm(term)}` }))
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  return { terms: sorted.map(({ term }) => term), round };
}

function normalTerm({ choice, isNegative, decimal, shift }: Term, path: PathMap): Term {
  const places = shift?.kind === "places" && shift.places === 0;
  const normalShift = shift?.kind === "path" ? { ...shift, path: path(shift.path) } : shift;
  return {
    choice: normalChoice(choice, path, canonicalNumber),
    isNegative,
    decimal,
    shift: places ? undefined : normalShift,
  };
}

function normalChoice(
  choice: Alternatives,
  path: PathMap,
  constant: (text: string) => string,
): Alternatives {
  return choice.map(
    (source): Source =>
      source.kind === "path"
        ? { kind: "path", path: path(source.path) }
        : { kind: "text", text: constant(source.text) },
  );
}

/** `'007.50'` and `7.5` are one number. */
function canonicalNumber(text: string): string {
  const number = parseNumber(text);
  return typeof number === "object" ? formatDecimal(number) : text;
}
