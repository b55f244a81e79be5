/** Where the lines are: the array that has product, quantity and money, or the record itself. */

import type { Step } from "../../mapping/model/mapping.ts";
import { kindOfText } from "../names/kinds.ts";
import { means } from "../names/words.ts";
import {
  arraysOf,
  type FieldColumn,
  type LineTable,
  lineTable,
  type RootRow,
  recordTable,
  textsOf,
} from "../sample/table.ts";
import { nameOf, valuesAt } from "../sample/walk.ts";
import { findProduct, findQuantity, type ProductRole, type QuantityRole } from "./goods.ts";
import { findMoney, type MoneyRole } from "./money.ts";
import type { Sureness } from "./sureness.ts";

export interface LineChoice {
  readonly table: LineTable;
  readonly product: ProductRole | undefined;
  readonly quantity: QuantityRole | undefined;
  readonly money: MoneyRole | undefined;
  readonly sureness: Sureness;
  readonly because: string;
  /** Goods stand in an array of returns alone, as in a topic of refunds. */
  readonly areReturns?: boolean;
}

interface Ranked extends LineChoice {
  readonly score: number;
}

/** Undefined when nothing in the sample looks like a sale. */
export function chooseLines(roots: readonly RootRow[]): LineChoice | undefined {
  const records = recordTable(roots);
  const sales = salesAmong(records, roots);
  const arrays = arraysOf(roots).map((steps) => ranked(lineTable(roots, steps), sales));
  const tables = [...arrays, ranked(records, sales)];
  const counted = tables.filter((one) => one.money || one.quantity);
  const all = (counted.length > 0 ? counted : tables.filter(isSoldAlone)).sort(
    (a, b) => b.score - a.score,
  );
  const [best, next] = all;
  const returned = best?.product ? undefined : chooseReturns(roots, sales);
  if (returned) return returned;
  if (!best || best.score <= 0) return undefined;
  const isNested = nameOf(best.table.lines ?? []).startsWith(nameOf(next?.table.lines ?? []));
  const isRivalled =
    !isNested &&
    next?.table.lines !== undefined &&
    best.table.lines !== undefined &&
    next.score > best.score / 2;
  const has = [
    best.quantity ? "a quantity" : "",
    best.money ? "money" : "",
    best.product ? "a product" : "",
  ].filter((text) => text !== "");
  const where = best.table.lines ? nameOf(best.table.lines) : "the record";
  const rival = isRivalled ? `; so has ${nameOf(next.table.lines ?? [])}` : "";
  return {
    ...best,
    sureness: isRivalled || !best.money ? "guess" : best.quantity ? "sure" : "likely",
    because: `${where} has ${has.join(", ")}${rival}`,
  };
}

function chooseReturns(
  roots: readonly RootRow[],
  sales: ReadonlySet<RootRow>,
): LineChoice | undefined {
  const [best] = arraysOf(roots, { withReturns: true })
    .map((steps) => ranked(lineTable(roots, steps), sales))
    .filter(({ product, quantity, money }) => product && (quantity || money))
    .sort((a, b) => b.score - a.score);
  if (!best) return undefined;
  const because = `goods stand in ${nameOf(best.table.lines ?? [])} alone`;
  return { ...best, sureness: "guess", because, areReturns: true };
}

/** Without those whose kind says that they are no sales, because their goods were not sold. */
function salesAmong({ columns }: LineTable, roots: readonly RootRow[]): ReadonlySet<RootRow> {
  const none = new Set<RootRow | undefined>();
  for (const column of columns.filter(({ words }) => means(words, "kind"))) {
    for (const [text, rows] of textsOf(column, EVENTS_MAX) ?? []) {
      if (kindOfText(text) === "none") for (const row of rows) none.add(roots[row]);
    }
  }
  const sales = roots.filter((root) => !none.has(root));
  return new Set(sales.length > 0 ? sales : roots);
}

/** Only what was sold is there: `{"order_id": 7, "item_id": 3}`. */
function isSoldAlone({ table, product }: Ranked): boolean {
  const isProduct = product?.columns.some(({ words }) => means(words, "product")) ?? false;
  const isNamed = ({ words }: FieldColumn) => words.some((word) => saleName.test(word));
  const says = (column: FieldColumn) =>
    means(column.words, "kind") &&
    [...(textsOf(column, EVENTS_MAX)?.keys() ?? [])].some((text) => kindOfText(text) === "sale");
  return isProduct && table.columns.some((column) => isNamed(column) || says(column));
}

/** Of a field that says what happened. */
const EVENTS_MAX = 40;
const saleName =
  /^(orders?|purchases?|purchased|sales?|sold|transactions?|receipt|invoice|basket)$/;

function ranked(table: LineTable, sales: ReadonlySet<RootRow>): Ranked {
  const product = findProduct(table);
  const quantity = findQuantity(table);
  const money = findMoney({ table, quantity: quantity?.numbers, product: product?.columns[0] });
  const worth = (product ? 2 : 0) + (quantity ? 3 : 0) + (money ? 3 : 0);
  const countable = table.rows.filter((_, i) => isCountable(i, { quantity, money, product }));
  const records = new Set(countable.flatMap(({ of }) => (sales.has(of) ? [of] : []))).size;
  const share = records / Math.max(1, sales.size);
  // An order's own total is not what its lines are, so lines come first where they have enough.
  const isArray = table.lines !== undefined;
  const enough = isArray ? (product && (quantity || money) ? 2 : -2) : 0;
  const depth = (table.lines?.length ?? 0) / 10;
  const score = (worth + enough - depth) * (0.25 + share);
  return { table, product, quantity, money, score, sureness: "sure", because: "" };
}

type Roles = Pick<LineChoice, "quantity" | "money" | "product">;

/** Whether a row has what is counted: its money, or its quantity where there is no money. */
export function isCountable(row: number, { quantity, money, product }: Roles): boolean {
  const needed = money?.column ?? quantity?.numbers.column ?? product?.columns[0];
  const name = product?.columns.some(({ values }) => values[row] !== undefined) ?? true;
  return needed?.values[row] !== undefined && name;
}

/** Whether the array of the lines is in the record: without it the record is a dead letter. */
export function hasLines(root: RootRow | undefined, lines: readonly Step[]): boolean {
  if (!root) return false;
  const first = lines.findIndex(({ kind }) => kind === "each");
  return valuesAt(root.root, lines.slice(0, first)).some((value) => Array.isArray(value));
}
