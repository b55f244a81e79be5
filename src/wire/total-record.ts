/** Bytes ⇄ the total of a product: the records of the output topic. */

import { z } from "zod";
import { dayNumber } from "../domain/day.ts";
import type { ExactSums } from "../domain/exact.ts";
import { formatAmount, formatQuantity, parseAmount, parseQuantity } from "../domain/money.ts";
import { type ProductTotal, productProblem } from "../domain/sale.ts";
import type { Sums } from "../domain/sums.ts";
import { quoted } from "../lib/text.ts";
import { dateText } from "./day-record.ts";
import {
  amount,
  decodeOutput,
  NotATotalError,
  quantityNumber,
  wholeNumber,
} from "./output-record.ts";

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What of a total was sold on one day. */
export interface DaySums extends Sums {
  /** "2026-11-26", a local date. */
  date: string;
}

/** The value of a product's record: its total in the record's partition. */
export interface TotalRecord extends ProductTotal {
  /** The latest day on which the product was sold; undefined = no day of it is known. */
  day?: DaySums | undefined;
  /** ISO 8601, UTC. */
  updatedAt: string;
}

/** `day`: as in the record, or with numbers where they fit. */
export function encodeTotal(
  total: Omit<TotalRecord, "day"> & { day?: (ExactSums & { date: string }) | undefined },
): Uint8Array {
  return encoder.encode(
    `{"product":${JSON.stringify(total.product)},"totalQuantity":${formatQuantity(total.quantity)},` +
      `"totalPrice":"${formatAmount(total.revenue)}","sales":${total.sales},` +
      `"returns":${total.returns},${total.day ? dayFields(total.day) : ""}` +
      `"updatedAt":"${total.updatedAt}"}`,
  );
}

function dayFields(day: ExactSums & { date: string }): string {
  const { date, quantity, revenue, sales, returns } = day;
  return (
    `"day":"${date}","dayQuantity":${formatQuantity(quantity)},` +
    `"dayPrice":"${formatAmount(revenue)}","daySales":${sales},"dayReturns":${returns},`
  );
}

const totalSchema = z
  .object({
    product: z.string(),
    totalQuantity: quantityNumber,
    totalPrice: amount,
    sales: wholeNumber,
    // Builds without mappings wrote none.
    returns: wholeNumber.optional(),
    updatedAt: z.string(),
    // All of them or none: a total without history has no days.
    day: dateText.optional(),
    dayQuantity: quantityNumber.optional(),
    dayPrice: amount.optional(),
    daySales: wholeNumber.optional(),
    dayReturns: wholeNumber.optional(),
  })
  .transform((record, context): TotalRecord => {
    const { product, totalQuantity, totalPrice, sales, returns = 0n, updatedAt } = record;
    const total = { product, sales, returns, quantity: totalQuantity, revenue: totalPrice };
    const { day: date, dayQuantity, dayPrice, daySales, dayReturns } = record;
    if (date === undefined) return { ...total, updatedAt };
    const figures = [dayQuantity, dayPrice, daySales, dayReturns];
    const [quantity, revenue, sold, returned] = figures;
    if (quantity === undefined || revenue === undefined) return lacking(context);
    if (sold === undefined || returned === undefined) return lacking(context);
    return {
      ...total,
      updatedAt,
      day: { date, quantity, revenue, sales: sold, returns: returned },
    };
  });

function lacking(context: z.RefinementCtx): never {
  context.addIssue("a day must have dayQuantity, dayPrice, daySales and dayReturns");
  return z.NEVER;
}

/** The rest of the day follows, if there is one. */
const DAY_START = String.raw`(?:,"day":"(\d{4}-\d\d-\d\d)"`;
/** The text that `encodeTotal` writes, unless the product's name needs an escape. */
const PLAIN_TOTAL = new RegExp(
  [
    String.raw`^\{"product":"([^"\\\p{Cc}]*)","totalQuantity":(-?(?:0|[1-9]\d*)(?:\.\d{1,6})?)`,
    String.raw`"totalPrice":"(-?\d+\.\d{1,6})","sales":(0|[1-9]\d*)(?:,"returns":(0|[1-9]\d*))?${DAY_START}`,
    String.raw`"dayQuantity":(-?(?:0|[1-9]\d*)(?:\.\d{1,6})?),"dayPrice":"(-?\d+\.\d{1,6})"`,
    String.raw`"daySales":(0|[1-9]\d*),"dayReturns":(0|[1-9]\d*))?`,
    String.raw`"updatedAt":"([\dTZ:.-]*)"\}$`,
  ].join(),
  "u",
);

/** @throws NotATotalError */
export function decodeTotal(bytes: Uint8Array): TotalRecord {
  return decodeOutput(bytes, totalSchema, plainTotal);
}

/** A restore reads hundreds of thousands of totals, and the schema is five times as slow. */
function plainTotal(text: string): TotalRecord | undefined {
  const match = PLAIN_TOTAL.exec(text);
  if (!match) return undefined;
  const [, product, quantity, revenue, sales, returns, date] = match;
  const [dayQuantity, dayRevenue, daySales, dayReturns, updatedAt] = match.slice(7);
  // The schema says what is wrong with the date.
  if (date !== undefined && dayNumber(date) === undefined) return undefined;
  return {
    product: product as string,
    quantity: parseQuantity(quantity as string) as bigint,
    revenue: parseAmount(revenue as string),
    sales: BigInt(sales as string),
    returns: returns === undefined ? 0n : BigInt(returns),
    updatedAt: updatedAt as string,
    ...(date !== undefined && {
      day: {
        date,
        quantity: parseQuantity(dayQuantity as string) as bigint,
        revenue: parseAmount(dayRevenue as string),
        sales: BigInt(daySales as string),
        returns: BigInt(dayReturns as string),
      },
    }),
  };
}

/**
 * A product's record: the name, and the total or null for a deleted one. The key must be the name,
 * because compaction and readers tell records apart by their keys.
 * @throws NotATotalError
 */
export function decodeTotalRecord(
  key: Uint8Array,
  value: Uint8Array | null,
): { product: string; total: TotalRecord | null } {
  const product = decodeProduct(key);
  const total = value === null ? null : decodeTotal(value);
  if (total && total.product !== product) {
    const names = `names ${quoted(product)}, but the value names ${quoted(total.product)}`;
    throw new NotATotalError(`Cannot read a record of the output topic: the key ${names}`);
  }
  return { product, total };
}

function decodeProduct(key: Uint8Array): string {
  let product: string | undefined;
  try {
    product = strictDecoder.decode(key);
  } catch {
    // The error below reports it.
  }
  const problem = product === undefined ? "product must be UTF-8" : productProblem(product);
  if (problem === undefined) return product as string;
  throw new NotATotalError(
    `Cannot read a record of the output topic: its key is invalid: ${problem}`,
  );
}
