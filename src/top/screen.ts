/** The board as lines of a terminal, of any width and height. */

import { formatAmount, formatQuantity, parseQuantity } from "../domain/money.ts";
import { cut, type Style, visibleText, widthOf } from "../inspect/print-table.ts";
import { counted } from "../lib/text.ts";
import { type RowOrder, type RowsInView, START, withinRows } from "./keys.ts";
import type { ProductTally, Tally } from "./tally.ts";

export interface ScreenSize {
  readonly columns: number;
  /** Undefined = as many as there are products. */
  readonly lines?: number;
}

/** What a masked amount looks like on the pages. */
const MASKED = "•••";
const GAP = "  ";
const PRODUCT_COLUMNS_MIN = 8;
/** As a page calls them. Pages open with today, and programs with all time. */
const PERIODS: Readonly<Record<string, string>> = {
  "7d": "7 days",
  "30d": "30 days",
  all: "all time",
};

/** The head of the table and the sum below stand in each screen. */
const OTHER_LINES = 4;

/** Rows that a screen of so many lines has room for. */
export function roomOf({ lines = Number.POSITIVE_INFINITY }: Pick<ScreenSize, "lines">): number {
  return Math.max(0, lines - OTHER_LINES);
}

/**
 * `trouble`: why nothing comes at the moment. `by`: the dimension; null = products. `period`: as an
 * address has it. `place`: what keys chose.
 */
export function screenLines(
  tally: Tally,
  { columns, lines = Number.POSITIVE_INFINITY }: ScreenSize,
  of: {
    style: Style;
    trouble?: string | undefined;
    by?: string | null;
    period?: string | null;
    place?: RowsInView;
  },
): string[] {
  const { style, trouble, by = null, place: { order, first } = START } = of;
  const rows = tally.rows(order);
  const head = cut(visibleText(trouble ?? stateLine(tally, rows, of)), columns);
  const from = withinRows(first, { rows: rows.length, shown: roomOf({ lines }) });
  const shown = rows.slice(from, from + roomOf({ lines }));
  const all: ProductTally = {
    product: [
      "all",
      ...(shown.length < rows.length ? [rows.length] : []),
      ...(by === null ? ["products"] : []),
      ...(from > 0 && shown.length > 0 ? [`(${from + 1} to ${from + shown.length})`] : []),
    ].join(" "),
    units: unitsOf(rows),
    revenue: rows.some(({ revenue }) => revenue === undefined)
      ? undefined
      : rows.reduce((sum, { revenue = 0n }) => sum + revenue, 0n),
    sales: rows.reduce((sum, { sales }) => sum + sales, 0n),
  };
  // The sum is unknown until the totals have arrived.
  const cells = (tally.isWhole ? [...shown, all] : shown).map(cellsOf);
  const table = tableLines([headsOf(by, order), ...cells], columns);
  const [names = "", ...others] = table;
  const painted = trouble ? style.red(head) : style.bold(head);
  return [painted, "", style.dim(names), ...others].slice(0, lines);
}

/** The column that somebody chose has an arrow, once somebody has. */
function headsOf(by: string | null, order: RowOrder | undefined): string[] {
  const name = (by ?? "product") + (order === "product" ? "↑" : "");
  const numbers = (["units", "sales", "revenue"] as const).map((head) => {
    return head === order ? `${head}↓` : head;
  });
  return [name, ...numbers];
}

/** All units, with every digit; empty if a server has sent more digits than a quantity has. */
function unitsOf(rows: readonly ProductTally[]): string {
  let sum = 0n;
  for (const { units } of rows) {
    const micros = parseQuantity(units);
    if (micros === undefined) return "";
    sum += micros;
  }
  return formatQuantity(sum);
}

function stateLine(
  { heartbeat, isWhole }: Tally,
  rows: readonly ProductTally[],
  { by = null, period }: { by?: string | null; period?: string | null },
): string {
  const { state = "connecting", asOf = null } = heartbeat ?? {};
  const time = asOf === null ? "" : `, as of ${new Date(asOf).toLocaleTimeString("sv")}`;
  const all =
    by === null ? counted(rows.length, "product") : `${counted(rows.length, "row")} by ${by}`;
  const asked = period ?? "all";
  const count = isWhole ? `, ${all}, ${PERIODS[asked] ?? asked}` : "";
  return `Salesboard: ${state}${time}${count}`;
}

function cellsOf({ product, units, sales, revenue }: ProductTally): string[] {
  const money = revenue === undefined ? MASKED : formatAmount(revenue);
  return [visibleText(product), units, String(sales), money];
}

/** A name gives way to the numbers; where these do not fit, columns are left out from the left. */
function tableLines(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths = [1, 2, 3].map((i) => Math.max(...rows.map((row) => widthOf(row[i] ?? ""))));
  const needed = () => widths.reduce((sum, width) => sum + width + GAP.length, 0);
  while (widths.length > 1 && needed() + PRODUCT_COLUMNS_MIN > columns) widths.shift();
  const nameWidth = Math.max(
    PRODUCT_COLUMNS_MIN,
    Math.min(columns - needed(), Math.max(...rows.map((row) => widthOf(row[0] ?? "")))),
  );
  return rows.map((row) => {
    const name = cut(row[0] ?? "", nameWidth);
    const numbers = row.slice(row.length - widths.length);
    const right = numbers.map((cell, i) => GAP + " ".repeat(gapOf(cell, widths[i] ?? 0)) + cell);
    return cut(name + " ".repeat(gapOf(name, nameWidth)) + right.join(""), columns);
  });
}

function gapOf(text: string, width: number): number {
  return Math.max(0, width - widthOf(text));
}
