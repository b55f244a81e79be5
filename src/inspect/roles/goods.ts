/** Which column is the product, and which one the quantity. */

import type { DecodedValue } from "../../mapping/model/value.ts";
import { scalarText } from "../../mapping/plan/choices.ts";
import { kindOfText } from "../names/kinds.ts";
import { isMoneyLike, isOtherMoney, kindByName } from "../names/money-words.ts";
import { keysOf, means, wordsOf } from "../names/words.ts";
import { parsed } from "../sample/decode.ts";
import { agree, type NumberColumn, numbersOf, times } from "../sample/numbers.ts";
import { type FieldColumn, type LineTable, textsOf } from "../sample/table.ts";
import type { Sureness } from "./sureness.ts";

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
  if (!best) return productById(table);
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
  // Of a line item, the only text there is tells what was sold.
  const isOnly = best.tier === tiers.text && table.lines !== undefined && !next;
  return {
    columns,
    sureness: isSure ? "sure" : best.tier >= tiers.text && !isOnly ? "guess" : "likely",
    because:
      `${best.column.name} is named like a product` +
      (next ? `, and ${next.column.name} is there where it is not` : "") +
      (also.length > 0 ? `; ${also.join(", ")} would do too` : ""),
  };
}

/** Without any name: an `id` that comes again in other lines is one of the product. */
function productById({ columns, lines }: LineTable): ProductRole | undefined {
  const id = columns.find(
    ({ words, values, present }) =>
      lines !== undefined &&
      /^(\w+ )?id$/.test(words.join(" ")) &&
      new Set(values.map(scalarText)).size < present,
  );
  if (!id) return undefined;
  const because = `${id.name} comes again in other lines, as a product does`;
  return { columns: [id], sureness: "guess", because };
}

/** Among equals: what more rows have, English before other languages, a title, a short path. */
function rank({ present, name, steps }: FieldColumn, { rows }: LineTable): number {
  const key = keysOf(steps).at(-1) ?? "";
  const isEnglish = /^en\b/i.test(key);
  // Beside it, a name has the variant in it, as in Shopify's orders.
  const isTitle = /^title$/i.test(key);
  const share = present / Math.max(1, rows.length);
  return (isEnglish ? 2 : 0) + share + (isTitle ? 0.002 : 0) - name.length / 1_000;
}

function productTier(column: FieldColumn): number | undefined {
  const { words } = column;
  const isProduct = means(words, "product");
  const isDenied = words.some((word) => means([word], "notProduct") && !means([word], "product"));
  if (words.includes("category") && !isBoolean(column)) return tiers.kind;
  // `operation_name` is of what happened.
  if (isDenied || (means(words, "kind") && !isProduct)) return undefined;
  if (means(words, "quantityFirst") || means(words, "total")) return undefined;
  if (means(words, "price") || means(words, "tax") || means(words, "less")) return undefined;
  if (isBoolean(column) || hasFractions(column)) return undefined;
  if (words.length === 0 || column.values.some(isJson)) return undefined;
  if (isEvent(column)) return undefined;
  const plainName = words.length <= 2 && means(words, "name");
  if ((isProduct && means(words, "name")) || (plainName && !words.includes("order"))) {
    return tiers.name;
  }
  const isCode = means(words, "code");
  // `ItemDescription` beside `ItemCode` is what a receipt has for a name; so is `Item.description`.
  const isOfProduct =
    isProduct || keysOf(column.steps).some((key) => means(wordsOf(key), "product"));
  if (isOfProduct && means(words, "text") && areShort(column)) return tiers.product;
  if (isProduct && !isCode) return isNumeric(column) ? tiers.code : productWord(words);
  if (isCode && (isProduct || ownCode.test(words.join(" ")))) return tiers.code;
  return means(words, "text") && words.length === 1 ? tiers.text : undefined;
}

/** A list as JSON in a text, such as `ec_items`. */
function isJson(value: DecodedValue | undefined): boolean {
  return typeof value === "string" && /^\s*[[{]/.test(value) && parsed(value) !== undefined;
}

/** Texts of a field that names what happened, not what was sold. */
const EVENTS_MAX = 12;

/** `name` of an event: all its texts say that something was sold, or was not. */
function isEvent(column: FieldColumn): boolean {
  if (column.words.join(" ") !== "name") return false;
  const texts = [...(textsOf(column, EVENTS_MAX)?.keys() ?? [])];
  return texts.length > 0 && texts.every((text) => kindOfText(text) !== "unknown");
}

const ownCode =
  /^(.* content id|content id|(stock ?)?(sku|ean|gtin|upc|barcode|isbn|asin|plu|code|stockcode))$/;

/** Of a name, not of a description for a shop's page. */
const NAME_LENGTH_MAX = 80;

function areShort({ values }: FieldColumn): boolean {
  return values.every((value) => (scalarText(value)?.length ?? 0) <= NAME_LENGTH_MAX);
}

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
}

export function findQuantity(table: LineTable): QuantityRole | undefined {
  const named = table.columns
    .filter(({ words }) => isQuantity(words) && !isOtherCount(words))
    .flatMap((column) => numbersOf(column) ?? [])
    .sort((a, b) => quantityRank(b, table) - quantityRank(a, table));
  const counted = countedBy(table, named);
  if (counted) return counted;
  const [best] = named;
  if (!best) return countedByAmount(table);
  const others = named.filter((one) => one !== best && differs(one, best));
  const isPlain = means(best.column.words, "quantityFirst");
  const { name } = best.column;
  return {
    numbers: best,
    sureness: others.length > 0 || !isPlain ? "likely" : "sure",
    because:
      `${name} is a number and named like a quantity` +
      (others.length > 0 ? `; so is ${others[0]?.column.name}, with other values` : ""),
  };
}

function isQuantity(words: readonly string[]): boolean {
  return means(words, "quantity") || words.join(" ") === "num";
}

/** Columns that arithmetic looks at: each is tried with each pair of others. */
const NUMBERS_MAX = 30;
/** Rows with another quantity than 1 that have to agree. */
const TELLING_MIN = 2;

/**
 * The column by which money of a unit becomes money of a line, in every line: what else is named
 * like a quantity, or, without such a name, any column.
 */
function countedBy(table: LineTable, named: readonly NumberColumn[]): QuantityRole | undefined {
  const numbers = table.columns.flatMap((column) => numbersOf(column) ?? []).slice(0, NUMBERS_MAX);
  const money = numbers.filter(
    ({ column: { words } }) => isMoneyLike(words) && !isOtherMoney(words),
  );
  const find = (among: readonly NumberColumn[]) => {
    for (const one of among) {
      for (const total of money) {
        const unit = money.find((other) => isCount(one, other, total));
        if (unit) return { one, unit, total };
      }
    }
    return undefined;
  };
  // What the name says is right: nothing is to be found.
  if (find(named)?.one === named[0] && named.length > 0) return undefined;
  const others = numbers.filter(({ column: { words } }) =>
    named.length > 0 ? means(words, "quantity") : !isRate(words),
  );
  const found = find(named) ?? find(others);
  if (!found) return undefined;
  const { one, unit, total } = found;
  return {
    numbers: one,
    sureness: named.includes(one) ? "sure" : "likely",
    because: `${one.column.name} × ${unit.column.name} is ${total.column.name} in every line`,
  };
}

function isCount(one: NumberColumn, unit: NumberColumn, total: NumberColumn): boolean {
  if (one === unit || one === total || unit === total) return false;
  const sizes = new Set<bigint>();
  let telling = 0;
  for (const [row, size] of one.micros.entries()) {
    const [u, t] = [unit.micros[row], total.micros[row]];
    if (size === undefined || u === undefined || t === undefined) continue;
    if (!agree(t, times(size, u))) return false;
    if (!agree(t, u)) telling++;
    sizes.add(size);
  }
  return telling >= TELLING_MIN && sizes.size > 1;
}

/** A rate of exchange makes an amount of an amount, too. */
function isRate(words: readonly string[]): boolean {
  return words.some((word) =>
    /^(rate|percent|percentage|pct|factor|ratio|exchange|fx)$/.test(word),
  );
}

/** From here on, a whole number is an amount rather than a count. */
const COUNT_MAX_MICROS = 1_000_000_000n;

/** `amount` counts units where it is whole and small, and a price beside it is not whole. */
function countedByAmount(table: LineTable): QuantityRole | undefined {
  const numbers = table.columns.flatMap((column) => numbersOf(column) ?? []);
  const amount = numbers.find(
    ({ column: { words }, isWhole, hasPoint, micros }) =>
      words.join(" ") === "amount" &&
      isWhole &&
      !hasPoint &&
      micros.every((size) => size === undefined || size <= COUNT_MAX_MICROS),
  );
  const price = numbers.find(
    ({ column: { words }, isWhole }) =>
      !isWhole && kindByName(words) === "unit" && isMoneyLike(words) && !isOtherMoney(words),
  );
  if (!amount || !price) return undefined;
  const because = `${amount.column.name} is whole, and ${price.column.name} is not: taken for units`;
  return { numbers: amount, sureness: "guess", because };
}

function isOtherCount(words: readonly string[]): boolean {
  // How many orders there were is not how many goods.
  if (words.includes("count") && words.some((word) => ofOrders.test(word))) return true;
  const isPlain = means(words, "quantityFirst");
  const plain = words.filter(
    (word) => !means([word], "quantity") && !(isPlain && word === "total"),
  );
  const isCounted = words.some((word) => /^(ordered|tickets|pieces|pcs|pezzi)$/.test(word));
  return means(plain, "notQuantity") && !isCounted;
}

const ofOrders = /^(orders?|transactions?|customers?|visitors?|users?|sessions?)$/;

function quantityRank({ column }: NumberColumn, { rows }: LineTable): number {
  const share = column.present / Math.max(1, rows.length);
  const isFirst = means(column.words, "quantityFirst") ? 2 : 0;
  return isFirst + share - column.words.length / 10 - column.steps.length / 100;
}

function differs(a: NumberColumn, b: NumberColumn): boolean {
  return a.micros.some((value, i) => value !== undefined && value !== b.micros[i]);
}
