/** Whether a column of money counts units or cents, by its name, an exponent, or a currency. */

import { NumberSource } from "../../domain/money.ts";
import type { DecodedValue } from "../../mapping/model/value.ts";
import { keysOf, means, wordsOf } from "../names/words.ts";
import type { NumberColumn } from "../sample/numbers.ts";
import type { FieldColumn, LineTable } from "../sample/table.ts";
import { nameOf, partsOf } from "../sample/walk.ts";
import type { Sureness } from "./sureness.ts";

/** Whole numbers from here on could as well be cents. */
const MAYBE_CENTS_MICROS = 100_000_000n;

export interface MoneyScale {
  /** Behind the path: ` / 100`; empty for units. */
  readonly divisor: string;
  readonly sureness: Sureness;
  /** Empty where nothing is to be said. */
  readonly because: string;
}

/** Words for smaller parts of a unit than cents, and their decimals. */
const fractions: readonly (readonly [RegExp, number, string])[] = [
  [/^micros?$/, 6, "millionths"],
  [/^(mills?|millis|thousandths)$/, 3, "thousandths"],
];

export function scaleOf(numbers: NumberColumn, table: LineTable): MoneyScale {
  const { column } = numbers;
  const exponent = siblingOf(column, table, (words) => exponentName.test(words.join(" ")));
  if (exponent && numbers.isWhole && areExponents(exponent)) {
    const because = `${exponent.name} beside it tells where the point is`;
    const isPlain = column.steps.length > 1 || /digits|exponent/.test(exponent.words.join(" "));
    return { divisor: ` / 10^${exponent.name}`, sureness: isPlain ? "sure" : "guess", because };
  }
  const currency = currencyBeside(column, table);
  const code = currency?.values.find((value) => typeof value === "string");
  const places = typeof code === "string" ? decimalsOf(code) : 2;
  const divisor = places === 0 ? "" : ` / 1${"0".repeat(places)}`;
  if (means(column.words, "cents") && numbers.isWhole) {
    const isKnown = code !== undefined || !column.words.includes("minor");
    const because = "the name says cents";
    return { divisor, sureness: isKnown ? "sure" : "likely", because };
  }
  const fraction = fractions.find(([words]) => column.words.some((word) => words.test(word)));
  if (fraction && numbers.isWhole) {
    const [, places, name] = fraction;
    return { divisor: ` / 10^${places}`, sureness: "sure", because: `the name says ${name}` };
  }
  const leaf = keysOf(column.steps).at(-1) ?? "";
  if (!numbers.isWhole || numbers.hasPoint) {
    const isTold = code !== undefined && places === 3;
    const isParted = !isTold && areThousands(column);
    const because = isParted ? "each text has 3 decimals: does the point part thousands?" : "";
    return { divisor: "", sureness: isParted ? "guess" : "sure", because };
  }
  if (currency && /^(amount|value)(_|$)/i.test(leaf)) {
    const isNamed = column.words.includes("money");
    const because = `whole numbers beside ${currency.name}: taken for its smallest unit`;
    return { divisor, sureness: isNamed ? "likely" : "guess", because };
  }
  const board = code ?? currencyAround(table);
  if (typeof board === "string" && areCents(numbers, board)) {
    const because = `whole numbers, and ${board.toUpperCase()} has cents: taken for those`;
    return { divisor: ` / 1${"0".repeat(decimalsOf(board))}`, sureness: "guess", because };
  }
  const sizes = numbers.micros.filter((size) => size !== undefined && size !== 0n);
  const isLarge = sizes.every((size = 0n) => size * size >= MAYBE_CENTS_MICROS ** 2n);
  const because = "all are whole numbers: if they are cents, append / 100";
  return { divisor: "", sureness: isLarge ? "guess" : "likely", because };
}

const exponentName = new RegExp(
  "^((fraction|currency|minor|decimal|amount|price|unit) )*" +
    "(digits|exponent|scale|decimals|precision)$",
);
/** No currency has more decimals. */
const EXPONENT_MAX = 18;

/** Not the number of a pair of scales, and not the last digits of a card. */
function areExponents({ values }: FieldColumn): boolean {
  return values.every((value) => {
    const text = value instanceof NumberSource ? value.text : value;
    return value === undefined || (/^\d{1,2}$/.test(String(text)) && Number(text) <= EXPONENT_MAX);
  });
}

/** Texts such as `1.234`, not `12.500` in all of them. */
function areThousands({ values }: FieldColumn): boolean {
  const texts = values.filter((value) => value !== undefined);
  const isParted = (value: DecodedValue | undefined) =>
    typeof value === "string" && /^-?\d{1,3}\.\d{3}$/.test(value);
  return texts.every(isParted) && texts.some((text) => !String(text).endsWith("0"));
}

/** Of the record, or of an object around the line. */
function currencyAround({ rows: [row] }: LineTable): string | undefined {
  if (!row) return undefined;
  for (const object of [...row.around].reverse()) {
    for (const { steps, value } of partsOf(object, { entersArrays: false })) {
      const isNamed = means(wordsOf(keysOf(steps).at(-1) ?? ""), "currency");
      if (isNamed && typeof value === "string" && /^[A-Za-z]{3}$/.test(value)) return value;
    }
  }
  return undefined;
}

/** Currencies whose prices are hardly ever whole. */
const withCents = new Set(
  "AED AUD BHD BRL CAD CHF DKK EUR GBP ILS JOD KWD NOK NZD OMR PLN SAR SEK SGD USD".split(" "),
);
const DISTINCT_MIN = 2;
/** In their smallest unit: nothing is sold for less, and few prices end in two zeros. */
const CENTS_MIN_MICROS = 50_000_000n;
const ROUND_MICROS = 100_000_000n;

function areCents({ micros }: NumberColumn, currency: string): boolean {
  if (!withCents.has(currency.toUpperCase())) return false;
  const sizes = new Set(micros.flatMap((size) => (size ? [size < 0n ? -size : size] : [])));
  const odd = [...sizes].filter((size) => size % ROUND_MICROS !== 0n).length;
  return (
    sizes.size >= DISTINCT_MIN &&
    odd * 2 >= sizes.size &&
    [...sizes].every((size) => size >= CENTS_MIN_MICROS)
  );
}

function currencyBeside(column: FieldColumn, table: LineTable): FieldColumn | undefined {
  return siblingOf(column, table, (words) => means(words, "currency"));
}

/** A column in the same object whose own key `fits`. */
function siblingOf(
  { steps }: FieldColumn,
  { columns }: LineTable,
  fits: (words: readonly string[]) => boolean,
): FieldColumn | undefined {
  const parent = nameOf(steps.slice(0, -1));
  if (steps.length < 2 && columns.length === 0) return undefined;
  return columns.find(
    (other) =>
      other.steps.length === steps.length &&
      nameOf(other.steps.slice(0, -1)) === parent &&
      fits(wordsOf(keysOf(other.steps).at(-1) ?? "")),
  );
}

/** Of a currency by its code: 2 for USD, 0 for JPY; 2 for what is no code. */
export function decimalsOf(code: string): number {
  try {
    const format = new Intl.NumberFormat("en", { style: "currency", currency: code });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** `value` beside `scale`, as Debezium writes decimals whose scale differs from row to row. */
export function scaleBeside(column: FieldColumn, table: LineTable): FieldColumn | undefined {
  return siblingOf(column, table, (words) => words.join(" ") === "scale");
}

/** Base64 of a decimal's integer, as Debezium and Connect write it. */
export function isPackedDecimal(column: FieldColumn): boolean {
  const texts = column.values.filter((value) => value !== undefined);
  const isPacked = (value: DecodedValue | undefined) =>
    typeof value === "string" && /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(value);
  return texts.length > 0 && texts.every((text) => isPacked(text) && text !== "");
}

/** The scale that the schema in a Connect envelope gives the field, if it has one. */
export function packedScale(
  column: FieldColumn,
  roots: readonly DecodedValue[],
): number | undefined {
  const leaf = keysOf(column.steps).at(-1);
  const [root] = roots;
  const schema = root instanceof Map ? (root.get("schema") as DecodedValue | undefined) : undefined;
  const find = (at: DecodedValue | undefined): number | undefined => {
    if (Array.isArray(at)) {
      for (const item of at as readonly DecodedValue[]) {
        const found = find(item);
        if (found !== undefined) return found;
      }
    }
    if (!(at instanceof Map)) return undefined;
    const parameters = at.get("parameters") as DecodedValue | undefined;
    const scale = parameters instanceof Map ? parameters.get("scale") : undefined;
    if (at.get("field") === leaf && scale !== undefined) {
      return Number(scale instanceof NumberSource ? scale.text : scale);
    }
    return find(at.get("fields") as DecodedValue | undefined);
  };
  return find(schema);
}
