/**
 * What a mapping makes of a record, said a second time from docs/mapping.md alone: nothing of
 * src/ stands in it. It reads the tree of a mapping, not its text. Slow and small.
 */

import type { Joined, Origin, Place, Question, RuleSet, Sum, Summand } from "./mapping-rules.ts";
import { csvFields } from "./oracle-csv.ts";
import { decimalOf, type Fraction, microsOf, numberOf } from "./oracle-numbers.ts";
import { type Instants, timeOfText } from "./oracle-time.ts";
import { isExactNumber, type Json, Parser, utf8 } from "./strict-json.ts";

export interface InputRecord {
  topic: string;
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers: { name: string; value: Uint8Array | null }[];
}

export interface OracleLine {
  product: string;
  /** In millionths, as the amount. */
  quantity: bigint;
  amount: bigint;
  timestamp: number | undefined;
  isReturn: boolean;
  /** Its value in each dimension. */
  by: readonly string[] | undefined;
}

export type Outcome = "filtered" | "dead letter" | { lines: OracleLine[]; untimed: number };

/** A part that must be readable and is not: the record is a dead letter. */
class Broken extends Error {}

interface Spot {
  record: InputRecord;
  root: Json | undefined;
  line: Json | undefined;
}

const LINES_MAX = 10_000;
const UNIT = 10n ** 6n;

export class MappingOracle {
  readonly #rules: RuleSet;
  readonly #currency: string;
  readonly #instants: Instants;
  readonly #subtracts: boolean;

  constructor(rules: RuleSet, currency: string, instants: Instants) {
    this.#rules = rules;
    this.#currency = currency;
    this.#instants = instants;
    this.#subtracts = (rules.returns ?? (rules.minus ? "subtract" : "reject")) === "subtract";
  }

  judge(record: InputRecord): Outcome {
    if (record.value === null) return "filtered";
    try {
      return this.#judge(record, record.value);
    } catch (error) {
      if (error instanceof Broken) return "dead letter";
      throw error;
    }
  }

  #judge(record: InputRecord, value: Uint8Array): Outcome {
    const { only, columns, lines } = this.#rules;
    const outside = only.filter(({ place: { from } }) => from !== "line" && from !== "record");
    const nowhere = { record, root: undefined, line: undefined };
    if (outside.some((question) => answer(question, nowhere) === false)) return "filtered";
    const root = columns ? csv(value, columns) : json(value);
    const spot: Spot = { record, root, line: root };
    const isOfRecord = ({ place }: Question) => !lines || place.from !== "line";
    if (!all(only.filter(isOfRecord), spot)) return "filtered";
    const found = lines ? linesOf(root, lines) : [root];
    if (found.length > LINES_MAX) throw new Broken();
    const counted: OracleLine[] = [];
    let untimed = 0;
    for (const line of found) {
      const here = { record, root, line };
      if (!all(lines ? only.filter((question) => !isOfRecord(question)) : [], here)) continue;
      const read = this.#line(here);
      if (this.#rules.time && read.timestamp === undefined) untimed++;
      counted.push(read);
    }
    return counted.length === 0 ? "filtered" : { lines: counted, untimed };
  }

  #line(spot: Spot): OracleLine {
    const { product, quantity, money, isPrice, minus, currency } = this.#rules;
    if (currency && upper(joined(currency, spot)) !== upper(this.#currency)) throw new Broken();
    const name = joined(product, spot);
    if (!isProduct(name)) throw new Broken();
    const units = quantity ? micros(quantity, spot, 10n ** 9n) : UNIT;
    const given = micros(money, spot, 10n ** 12n);
    const isNegative = units < 0n || given < 0n;
    if (isNegative && !this.#subtracts) throw new Broken();
    if (isPrice && (units * given) % UNIT !== 0n) throw new Broken();
    const amount = isPrice ? (units * given) / UNIT : given;
    const isReturn = isNegative || (minus !== undefined && needed(answer(minus, spot)));
    return {
      product: name,
      quantity: isReturn ? -size(units) : units,
      amount: isReturn ? -size(amount) : amount,
      timestamp: this.#time(spot),
      isReturn,
      by: this.#rules.by.length > 0 ? this.#rules.by.map((one) => value(one, spot)) : undefined,
    };
  }

  #time(spot: Spot): number | undefined {
    const { time } = this.#rules;
    if (!time) return undefined;
    try {
      return timeOfText(joined(time.parts, spot), time.unit, this.#instants);
    } catch (error) {
      if (error instanceof Broken) return undefined;
      throw error;
    }
  }
}

/** What could be the name of a product, or else the word for nothing. */
function value(parts: Joined, spot: Spot): string {
  try {
    const text = joined(parts, spot);
    return isProduct(text) ? text : "(none)";
  } catch (error) {
    if (error instanceof Broken) return "(none)";
    throw error;
  }
}

/** Undefined: nothing is there. @throws Broken */
function at(place: Place, spot: Spot): Json | undefined {
  let value = start(place, spot);
  for (const hop of place.hops) {
    if (value === undefined || value === null) return undefined;
    value = step(value, hop);
  }
  return value;
}

function step(value: Json, hop: Place["hops"][number]): Json | undefined {
  if (hop === "json") {
    if (typeof value !== "string") throw new Broken();
    return parsed(Array.from({ length: value.length }, (_, i) => value.charCodeAt(i)));
  }
  if (hop === "each") throw new Error("a path of one value has no []");
  if ("index" in hop) return Array.isArray(value) ? value[hop.index] : undefined;
  return value instanceof Map ? value.get(hop.key) : undefined;
}

function start({ from }: Place, { record, root, line }: Spot): Json | undefined {
  if (from === "line") return line;
  if (from === "record") return root;
  if (from === "topic") return record.topic;
  if (from === "key") return outer(record.key);
  return outer(record.headers.findLast(({ name }) => name === from.header)?.value);
}

function outer(bytes: Uint8Array | null | undefined): string | undefined {
  if (!bytes) return undefined;
  const units = utf8(bytes);
  if (!units) throw new Broken();
  return String.fromCharCode(...units);
}

function linesOf(root: Json, hops: Place["hops"]): (Json | undefined)[] {
  let found: (Json | undefined)[] = [root];
  let isFirst = true;
  for (const hop of hops) {
    if (hop !== "each") {
      found = found.map((value) =>
        value === undefined || value === null ? undefined : step(value, hop),
      );
      continue;
    }
    found = found.flatMap((value) => {
      if (Array.isArray(value)) return value;
      if ((value !== undefined && value !== null) || isFirst) throw new Broken();
      return [];
    });
    isFirst = false;
  }
  return found;
}

/** All of them hold; a no decides, even beside one that cannot be read. */
function all(questions: Question[], spot: Spot): boolean {
  const answers = questions.map((question) => answer(question, spot));
  if (answers.includes(false)) return false;
  return answers.every((answer) => needed(answer));
}

/** Undefined: it cannot be read. */
function answer({ place, isNegated, words }: Question, spot: Spot): boolean | undefined {
  try {
    const value = at(place, spot);
    const text = textOf(value);
    const holds = words
      ? text !== undefined && words.includes(text)
      : value !== undefined && value !== null;
    return holds !== isNegated;
  } catch (error) {
    if (error instanceof Broken) return undefined;
    throw error;
  }
}

/** @throws Broken where there is nothing */
function needed<T>(found: T | undefined): T {
  if (found === undefined) throw new Broken();
  return found;
}

function first(sources: Origin[], spot: Spot): { value?: Json; isConstant?: boolean } {
  for (const source of sources) {
    if ("constant" in source) return { value: source.constant, isConstant: true };
    const value = at(source.place, spot);
    if (value !== undefined && value !== null) return { value };
  }
  return {};
}

function joined(parts: Joined, spot: Spot): string {
  return parts.map((sources) => needed(textOf(first(sources, spot).value))).join("");
}

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "true" : "false";
  return isExactNumber(value) ? value.source : undefined;
}

/** In millionths, at most `max` units on either side of 0. */
function micros({ summands, round }: Sum, spot: Spot, max: bigint): bigint {
  const terms = summands.map((summand) => termOf(summand, spot));
  const found = needed(microsOf(terms, round));
  if (size(found) > max * UNIT) throw new Broken();
  return found;
}

function termOf({ sources, isSubtracted, decimal, divisor }: Summand, spot: Spot): Fraction {
  const { value, isConstant } = first(sources, spot);
  // A constant is the number that is written there.
  const isEncoded = decimal !== undefined && !isConstant;
  const found = needed(isEncoded ? decimalOf(value, decimal) : numberOf(value));
  const places = divisor === undefined ? 0n : placesOf(divisor, spot);
  return { units: isSubtracted ? -found.units : found.units, scale: found.scale + places };
}

function placesOf(divisor: number | Place, spot: Spot): bigint {
  if (typeof divisor === "number") return BigInt(divisor);
  const { units, scale } = needed(numberOf(at(divisor, spot)));
  const places = units / 10n ** scale;
  if (units % 10n ** scale !== 0n || places < 0n || places > 38n) throw new Broken();
  return places;
}

function json(bytes: Uint8Array): Json {
  const hasPrefix = bytes.length >= 5 && bytes[0] === 0;
  return parsed(utf8(hasPrefix ? bytes.subarray(5) : bytes));
}

function parsed(units: number[] | undefined): Json {
  return needed(new Parser(needed(units)).document());
}

/** With or without a line break at its end. */
function csv(bytes: Uint8Array, columns: string[]): Json {
  const text = String.fromCharCode(...needed(utf8(bytes)));
  const fields = needed(csvFields(text.replace(/\r\n$|\n$/, "")));
  if (fields.length !== columns.length) throw new Broken();
  return new Map(columns.map((name, i) => [name, fields[i] ?? null]));
}

/** Upper case of the letters that codes of currencies are made of. */
function upper(text: string): string {
  return text.replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 32));
}

function isProduct(name: string): boolean {
  const points = [...name].map((char) => char.codePointAt(0) as number);
  if (points.some((point) => point >= 0xd800 && point < 0xe000)) return false;
  if (points.some((point) => point < 0x20 || (point >= 0x7f && point < 0xa0))) return false;
  const size = (point: number) => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);
  const bytes = points.reduce((sum, point) => sum + size(point), 0);
  return bytes >= 1 && bytes <= 256;
}

function size(value: bigint): bigint {
  return value < 0n ? -value : value;
}
