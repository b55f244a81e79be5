/** A mapping in its normal form: what the parser reads again as the same mapping. */

import type {
  Alternatives,
  Mapping,
  NumberRule,
  Origin,
  Path,
  Predicate,
  Step,
  Term,
  TextRule,
  TimeRule,
} from "../model/mapping.ts";
import { BARE_WORD } from "./conditions.ts";
import { BARE_HEADER, BARE_KEY } from "./paths.ts";

/** One rule a line, in a fixed order, defaults too; no line break at the end. */
export function printMapping(mapping: Mapping): string {
  const { columns, lines, product, quantity, money, time, currency, only, minus, by } = mapping;
  return [
    ...(columns ? [`columns: ${columns.map(printWord).join(", ")}`] : []),
    ...(lines ? [`lines: ${printLines(lines)}`] : []),
    `product: ${printText(product)}`,
    `quantity: ${printNumber(quantity)}`,
    `${money.kind}: ${printNumber(money.rule)}`,
    ...(time ? [`time: ${printTime(time)}`] : []),
    ...(currency ? [`currency: ${printText(currency)}`] : []),
    ...only.map((condition) => `only: ${printCondition(condition)}`),
    ...(minus ? [`minus: ${printCondition(minus)}`] : []),
    `returns: ${mapping.returns}`,
    ...by.map(({ name, text }) => `by ${name}: ${printText(text)}`),
  ].join("\n");
}

export function printCondition({ path, isNegated, texts }: Predicate): string {
  const verb = texts ? `in (${texts.map(printWord).join(", ")})` : "exists";
  return `${printPath(path)} ${isNegated ? "not " : ""}${verb}`;
}

export function printTerm({ choice, decimal, shift }: Term): string {
  const sources = printChoice(choice, (text) => text);
  const places = decimal === undefined ? "" : ` decimal ${decimal}`;
  if (!shift) return `${sources}${places}`;
  const divisor = shift.kind === "path" ? `10^${printPath(shift.path)}` : printPower(shift.places);
  return `${sources}${places} / ${divisor}`;
}

/** As a user writes the path of a rule, or as a dead letter names a place. */
export function printPath({ origin, steps }: Path): string {
  let text = printOrigin(origin);
  for (const step of steps) text = appendStep(text, step);
  return text;
}

/** Zeros can be counted up to a million. */
function printPower(places: number): string {
  return places <= 6 ? `1${"0".repeat(places)}` : `10^${places}`;
}

function printLines(path: Path): string {
  const isRecord = path.origin.kind === "record";
  return printPath(isRecord ? { origin: { kind: "line" }, steps: path.steps } : path);
}

function printNumber({ terms, round }: NumberRule): string {
  const sum = terms
    .map((term, i) => `${i === 0 ? "" : term.isNegative ? " - " : " + "}${printTerm(term)}`)
    .join("");
  return round === undefined ? sum : `${sum} round ${round}`;
}

function printText(parts: TextRule): string {
  return parts.map((choice) => printChoice(choice, printQuoted)).join(" + ");
}

function printTime({ parts, unit }: TimeRule): string {
  return unit ? `${printText(parts)} ${unit}` : printText(parts);
}

function printChoice(choice: Alternatives, constant: (text: string) => string): string {
  return choice
    .map((source) => (source.kind === "path" ? printPath(source.path) : constant(source.text)))
    .join(" else ");
}

function printOrigin(origin: Origin): string {
  if (origin.kind === "line") return "";
  if (origin.kind === "record") return "$";
  if (origin.kind !== "header") return `$${origin.kind}`;
  return isWhole(BARE_HEADER, origin.name)
    ? `$header.${origin.name}`
    : `$header[${printQuoted(origin.name)}]`;
}

function appendStep(before: string, step: Step): string {
  if (step.kind === "json") return `json(${before})`;
  if (step.kind === "each") return `${before}[]`;
  if (step.kind === "index") return `${before}[${step.index}]`;
  if (before === "" && /^[$\p{Nd}]/u.test(step.key)) return `[${printQuoted(step.key)}]`;
  if (!isWhole(BARE_KEY, step.key)) return `${before}[${printQuoted(step.key)}]`;
  return before === "" ? step.key : `${before}.${step.key}`;
}

/** The word `null` means nothing in a list. */
/** A text of a list, or the name of a column. */
export function printWord(word: string): string {
  return isWhole(BARE_WORD, word) && word !== "null" ? word : printQuoted(word);
}

function printQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function isWhole(pattern: RegExp, text: string): boolean {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags).test(text);
}
