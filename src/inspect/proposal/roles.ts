/** Which column is the product, and which one the quantity. */

import { scalarText } from "../../mapping/plan/choices.ts";
import { type NumberColumn, numbersOf } from "./numbers.ts";
import type { Sureness } from "./sureness.ts";
import type { FieldColumn, LineTable } from "./table.ts";
import { keysOf, means } from "./words.ts";

/** A name is expected before a code, a code before a description. */
const tiers = { name: 1, product: 2, code: 3, text: 4, kind: 5 } as const;

export interface ProductRole {
  /** The first that is there counts. */
  readonly columns: readonly FieldColumn[];
  readonly sureness: Sureness;
  readonly because: string;
}

export function findProduct(table: LineTable): ProductRole | undefined {
  const ranked = table.columns
    .map((column) => ({ column, tier: productTier(column) }))
    .filter((one): one is { column: FieldColumn; tier: number } => one.tier !== undefined)
    .sort((a, b) => a.tier - b.tier || rank(b.column, table) - rank(a.column, table));
  const [best] = ranked;
  if (!best) return undefined;
  const language = /^[a-z]{2}([-_][A-Za-z]{2})?$/;
  const isTranslated = language.test(keysOf(best.column.steps).at(-1) ?? "");
  const next = ranked.find(
    ({ column }) =>
      column !== best.column &&
      !(isTranslated && language.test(keysOf(column.steps).at(-1) ?? "")) &&
      best.column.values.some((value, i) => value === undefined && column.values[i] !== undefined),
  );
  const others = ranked.filter(({ column }) => column !== best.column && column !== next?.column);
  const columns = next ? [best.column, next.column] : [best.column];
  const also = others.map(({ column }) => column.name).slice(0, 3);
  const isSure = !next && also.length === 0 && best.tier <= tiers.code;
  return {
    columns,
    sureness: isSure ? "sure" : best.tier >= tiers.text ? "guess" : "likely",
    because:
      `${best.column.name} is named like a product` +
      (next ? `, and ${next.column.name} is there where it is not` : "") +
      (also.length > 0 ? `; ${also.join(", ")} would do too` : ""),
  };
}

/** Among equals: what more rows have, English before other languages, a short path. */
function rank({ present, name, steps }: FieldColumn, { rows }: LineTable): number {
  const isEnglish = /^en\b/i.test(keysOf(steps).at(-1) ?? "");
  return (isEnglish ? 2 : 0) + present / Math.max(1, rows.length) - name.length / 1_000;
}

function productTier(column: FieldColumn): number | undefined {
  const { words } = column;
  const isProduct = means(words, "product");
  const isDenied = words.some((word) => means([word], "notProduct") && !means([word], "product"));
  if (words.includes("category") && !isBoolean(column)) return tiers.kind;
  if (isDenied || means(words, "quantityFirst") || means(words, "total")) return undefined;
  if (means(words, "price") || means(words, "tax") || means(words, "less")) return undefined;
  if (isBoolean(column) || hasFractions(column)) return undefined;
  if (words.length === 0) return undefined;
  const plainName = words.length <= 2 && means(words, "name");
  if ((isProduct && means(words, "name")) || (plainName && !words.includes("order"))) {
    return tiers.name;
  }
  const isCode = means(words, "code");
  if (isProduct && !isCode) return isNumeric(column) ? tiers.code : productWord(words);
  if (isCode && (isProduct || ownCode.test(words.join(" ")))) return tiers.code;
  return means(words, "text") && words.length === 1 ? tiers.text : undefined;
}

const ownCode = /^(stock ?)?(sku|ean|gtin|upc|barcode|isbn|asin|plu|code|stockcode)$/;

/** `product` alone is a name; with words that are not known, such as `item_type`, less surely. */
function productWord(words: readonly string[]): number {
  return words.every((word) => means([word], "product")) ? tiers.product : tiers.text;
}

function isBoolean({ values }: FieldColumn): boolean {
  return values.every((value) => value === undefined || typeof value === "boolean");
}

function isNumeric(column: FieldColumn): boolean {
  return numbersOf(column) !== undefined;
}

function hasFractions(column: FieldColumn): boolean {
  const numbers = numbersOf(column);
  return numbers !== undefined && !numbers.isWhole;
}

export interface QuantityRole {
  readonly numbers: NumberColumn;
  readonly sureness: Sureness;
  readonly because: string;
  /** Rows of the table without one, although others have it. */
  readonly missing: number;
}

export function findQuantity(table: LineTable): QuantityRole | undefined {
  const found = table.columns
    .filter(({ words }) => means(words, "quantity") && !isOtherCount(words))
    .flatMap((column) => numbersOf(column) ?? [])
    .sort((a, b) => quantityRank(b, table) - quantityRank(a, table));
  const [best] = found;
  if (!best) return undefined;
  const others = found.filter((one) => one !== best && differs(one, best));
  const isPlain = means(best.column.words, "quantityFirst");
  const missing = table.rows.length - best.column.present;
  const { name } = best.column;
  return {
    numbers: best,
    sureness: others.length > 0 || !isPlain ? "likely" : "sure",
    because:
      `${name} is a number and named like a quantity` +
      (others.length > 0 ? `; so is ${others[0]?.column.name}, with other values` : ""),
    missing,
  };
}

function isOtherCount(words: readonly string[]): boolean {
  const plain = words.filter((word) => !means([word], "quantity"));
  const isCounted = words.some((word) => /^(ordered|tickets|pieces|pcs|pezzi)$/.test(word));
  return means(plain, "notQuantity") && !isCounted;
}

function quantityRank({ column }: NumberColumn, { rows }: LineTable): number {
  const share = column.present / Math.max(1, rows.length);
  const isFirst = means(column.words, "quantityFirst") ? 2 : 0;
  return isFirst + share - column.words.length / 10 - column.steps.length / 100;
}

function differs(a: NumberColumn, b: NumberColumn): boolean {
  return a.micros.some((value, i) => value !== undefined && value !== b.micros[i]);
}

/** The texts of a column, for evidence that compares rows. */
export function textAt(column: FieldColumn, row: number): string | undefined {
  return scalarText(column.values[row]);
}
