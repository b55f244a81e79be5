/** What no rule looks at, and what speaks against a sum: it keeps a proposal from being sure. */

import { isNoSale } from "../names/kinds.ts";
import { isMoneyLike, isOff } from "../names/money-words.ts";
import {
  asideNames,
  chargeNames,
  doneName,
  factorName,
  otherNames,
  saleName,
  sumName,
  wishName,
} from "../names/order-words.ts";
import { means, wordsOf } from "../names/words.ts";
import { hasLines, type LineChoice } from "../roles/lines.ts";
import type { ProposedRule } from "../roles/sureness.ts";
import { numbersOf } from "../sample/numbers.ts";
import { type FieldColumn, textsOf } from "../sample/table.ts";
import { nameOf, partsOf } from "../sample/walk.ts";
import { isTime } from "./context.ts";
import { type Doubt, guess, likely, type Surroundings } from "./doubt.ts";
import { isMostlyUnique } from "./filter-draft.ts";
import { isFlag, isMoment } from "./flags.ts";
import { doubtSums } from "./sums.ts";

export function findDoubts(choice: LineChoice, around: Surroundings): readonly Doubt[] {
  const { table } = choice;
  const columns = [...(table.lines ? table.columns : []), ...around.records];
  const rest = columns.filter((column) => !isUsed(column, choice, around.rules));
  const doubts = [
    notSold(choice, columns),
    notGoods(choice),
    parts(choice),
    units(rest),
    factors(rest),
    currencies(rest),
    ...doubtSums(choice, around),
    wordsInArrays(choice, around),
    otherUnits(choice),
    unexplained(rest, choice, around),
  ];
  return doubts.filter((doubt) => doubt !== undefined);
}

function isUsed(
  { name }: FieldColumn,
  { product, quantity, money }: LineChoice,
  rules: readonly ProposedRule[],
): boolean {
  const used = [...(product?.columns ?? []), quantity?.numbers.column, money?.column];
  return (
    used.some((column) => column?.name === name) || rules.some(({ rule }) => rule.includes(name))
  );
}

const earlierPrice = /^(old|new|previous|prev|former|before|after)$/;

/** Prices that change, goods in a warehouse, and carts have the same fields as a sale. */
function notSold({ table, quantity }: LineChoice, columns: readonly FieldColumn[]) {
  const changed = table.columns.find(
    ({ words }) => means(words, "price") && words.some((word) => earlierPrice.test(word)),
  );
  if (changed && !quantity) {
    return guess(`${changed.name} is beside the money: are those changes of a price?`);
  }
  const isBought = ({ words }: FieldColumn) => /^(purchase order|po)\b/.test(words.join(" "));
  const words = columns.flatMap((column) => (isBought(column) ? [] : column.words));
  const other = words.find((word) => otherNames.has(word));
  if (other !== undefined && !words.some((word) => saleName.test(word))) {
    return guess(`there is a ${other}, and no order: are those sales?`);
  }
  const wish = words.find((word) => wishName.test(word));
  if (wish === undefined || words.some((word) => doneName.test(word))) return undefined;
  return guess(`there is a ${wish}, and no order: are those sales?`);
}

/** Of a sample with more products, names tell enough. */
const PRODUCTS_MAX = 1_000;

/** Taxes, deliveries and sums as lines of their own. */
function notGoods({ product }: LineChoice) {
  const [column] = product?.columns ?? [];
  const texts = [...((column && textsOf(column, PRODUCTS_MAX)?.keys()) ?? [])];
  const sum = texts.find((text) => sumName.test(wordsOf(text).join(" ")));
  if (sum !== undefined) return guess(`${column?.name} is also ${sum}: the sum of other lines?`);
  const isCharge = (text: string) =>
    wordsOf(text)
      .slice(0, 2)
      .some((one) => chargeNames.has(one));
  const charge = texts.find(isCharge);
  return charge === undefined
    ? undefined
    : likely(`${column?.name} is also ${charge}: is that sold?`);
}

/** Parts of a bundle are lines of their own, and so is the bundle. */
function parts({ table: { lines, columns, rows } }: LineChoice) {
  const parent = columns.find(({ words }) => words[0] === "parent" || words[0] === "bundle");
  if (!lines || !parent || parent.present === rows.length) return undefined;
  return guess(`${parent.name} is in ${parent.present}: are those counted twice?`);
}

const unitName =
  /^(uom|einheit|unidad|unite|(quantity |qty )?units?|unit (of measure|code)|measure)$/;

function units(columns: readonly FieldColumn[]) {
  const column = columns.find(({ words }) => unitName.test(words.join(" ")));
  const texts = [...((column && textsOf(column, KINDS_MAX)?.keys()) ?? [])];
  const areTexts = texts.length > 1 && texts.every((text) => /^\p{L}/u.test(text));
  return areTexts ? likely(`${column?.name} is ${texts.join(", ")}: a price for each?`) : undefined;
}

const otherUnit = /^(shipped|delivered|invoiced|fulfilled|picked|sold|ordered|billed)$/;

/** `qty_shipped` that is not `qty_ordered`: which of them is paid? */
function otherUnits({ table, quantity }: LineChoice) {
  const own = quantity?.numbers;
  const column = table.columns.find((one) => {
    const isNamed =
      means(one.words, "quantityFirst") && one.words.some((word) => otherUnit.test(word));
    if (!isNamed || one === own?.column) return false;
    const sizes = numbersOf(one)?.micros ?? [];
    return sizes.some(
      (size, row) => size !== undefined && size !== 0n && size !== own?.micros[row],
    );
  });
  return column && likely(`${column.name} is not ${own?.column.name ?? "1"} in some lines`);
}

/** What else could stand between a price and a sum: `units_per_case`, `factor`. */
function factors(columns: readonly FieldColumn[]) {
  const column = columns.find(({ words, ...rest }) => {
    const isPer = words.includes("per") && means(words, "quantity");
    const isNamed = isPer || words.some((word) => factorName.test(word));
    if (!isNamed || means(words, "tax") || isOff(words) || isMoneyLike(words)) return false;
    const sizes = numbersOf({ words, ...rest })?.micros ?? [];
    return sizes.some((size) => size !== undefined && size !== 1_000_000n);
  });
  return column && likely(`${column.name} is not multiplied by`);
}

const codes = new Set(Intl.supportedValuesOf("currency"));

/** Currencies in a field that is not named like one. */
function currencies(columns: readonly FieldColumn[]) {
  for (const column of columns) {
    const texts = [...(textsOf(column, KINDS_MAX)?.keys() ?? [])];
    if (texts.length < 2 || !texts.every((text) => codes.has(text))) continue;
    if (means(column.words, "currency") || isMoneyLike(column.words)) continue;
    return guess(`${column.name} is ${texts.join(", ")}: are those currencies?`);
  }
  return undefined;
}

/** `history[].status` of an order that was cancelled in the end. */
function wordsInArrays({ table: { lines } }: LineChoice, { roots, rules }: Surroundings) {
  const own = nameOf(lines ?? []);
  const sales = lines ? roots.filter((root) => hasLines(root, lines)) : roots;
  for (const { root } of sales.slice(0, LOOKED_INTO_MAX)) {
    for (const { steps, value } of partsOf(root, { entersArrays: true })) {
      if (typeof value !== "string" || value.length > WORD_LENGTH_MAX || !isNoSale(value)) continue;
      const name = nameOf(steps);
      const isAside = !steps.some(({ kind }) => kind === "each") || steps.at(-1)?.kind === "json";
      const isUsed = rules.some(({ rule }) => rule.replaceAll("[0]", "[]").includes(name));
      if (isAside || isUsed || (lines && name.startsWith(own))) continue;
      return likely(`${name} is also ${value}: are those sales?`);
    }
  }
  return undefined;
}

/** Records that are looked into. */
const LOOKED_INTO_MAX = 200;
const KINDS_MAX = 12;
const WORD_LENGTH_MAX = 24;
/** Fields that a remark names. */
const NAMED_MAX = 3;

/** Fields with few values and an unknown name: they may mark a return, or a test. */
function unexplained(
  columns: readonly FieldColumn[],
  { table }: LineChoice,
  { records, counts }: Surroundings,
) {
  const isOfRecord = (column: FieldColumn) => !table.lines || records.includes(column);
  const names = columns
    .filter((column) => isUnexplained(column, isOfRecord(column) ? counts : () => true))
    .map(({ name }) => name);
  if (names.length === 0) return undefined;
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : "";
  return likely(`no rule looks at ${names.slice(0, NAMED_MAX).join(", ")}${more}: are all sales?`);
}

function isUnexplained(column: FieldColumn, counts: (row: number) => boolean): boolean {
  const { words } = column;
  if (words.length === 0 || isTime(column) || isFlag(column) || isMoment(column)) return false;
  const counted = column.values.filter((_, row) => counts(row));
  if (
    isExplained(
      words,
      counted.some((value) => typeof value === "boolean"),
    )
  )
    return false;
  const texts = textsOf({ ...column, values: counted }, KINDS_MAX);
  if (!texts || texts.size === 0 || isMostlyUnique(texts)) return false;
  const isAlike = texts.size === 1 && !counted.includes(undefined);
  if (isAlike) return false;
  return [...texts.keys()].every((text) => /^(\p{L}[\p{L}_ -]{0,23}|\d{1,2})?$/u.test(text));
}

const ofAnything = ["tax", "delivery", "kind"] as const;
const ofTexts = [
  ...(["product", "name", "text", "quantity", "price", "total", "cents", "less"] as const),
  ...(["notMoney", "notProduct", "time", "currency", "category"] as const),
] as const;

/** A `code` alone explains nothing, and `gift_card: true` tells more than a card's name. */
function isExplained(words: readonly string[], isFlag: boolean): boolean {
  const meanings = isFlag ? ofAnything : [...ofAnything, ...ofTexts];
  return (
    meanings.some((meaning) => means(words, meaning)) ||
    words.some((word) => asideNames.has(word)) ||
    /^(id|no|nr|num|number|ref|\p{L}{3,}(nr|nummer))$/u.test(words.at(-1) ?? "")
  );
}
