/** Bytes ⇄ the total of a product: the records of the output topic. */

import { z } from "zod";
import { dayNumber } from "../domain/day.ts";
import type { DayEntry } from "../domain/days.ts";
import { type ExactSums, exactOf } from "../domain/exact.ts";
import { formatAmount, formatQuantity } from "../domain/money.ts";
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
import { label, PlainReader } from "./plain-reader.ts";

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

/** As in the record, or with numbers where they fit. */
interface WrittenTotal extends ExactSums {
  product: string;
  day?: (ExactSums & { date: string }) | undefined;
  updatedAt: string;
}

export function encodeTotal(total: WrittenTotal): Uint8Array {
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

/** @throws NotATotalError */
export function decodeTotal(bytes: Uint8Array): TotalRecord {
  return decodeOutput(bytes, totalSchema);
}

/** What a product has sold in all and on its latest day. */
export interface TotalSums extends ExactSums {
  /** Undefined = no day is known. */
  readonly day: DayEntry | undefined;
}

const PRODUCT = label('{"product":"');
const TOTAL = {
  quantity: label('","totalQuantity":'),
  price: label(',"totalPrice":"'),
  sales: label('","sales":'),
  returns: label(',"returns":'),
};
const DAY = label(',"day":"');
const OF_DAY = {
  quantity: label('","dayQuantity":'),
  price: label(',"dayPrice":"'),
  sales: label('","daySales":'),
  returns: label(',"dayReturns":'),
};
const UPDATED_AT = label(',"updatedAt":"');
const END = label('"}');

/** Undefined = not as `encodeTotal` writes it, with the name in `key`. */
function plainTotal(key: Uint8Array, value: Uint8Array): TotalSums | undefined {
  const reader = new PlainReader(value);
  if (!reader.takes(PRODUCT) || !reader.takesName(key)) return undefined;
  const total = reader.sums(TOTAL);
  if (!total) return undefined;
  let entry: DayEntry | undefined;
  if (reader.takes(DAY)) {
    const day = reader.day();
    const sums = reader.sums(OF_DAY);
    if (day === undefined || !sums) return undefined;
    const { quantity, revenue, sales, returns } = sums;
    entry = { day, quantity, revenue, sales, returns };
  }
  const isWhole = reader.takes(UPDATED_AT) && reader.skipText() && reader.takes(END);
  if (!isWhole || !reader.isAtEnd) return undefined;
  const { quantity, revenue, sales, returns } = total;
  return { quantity, revenue, sales, returns, day: entry };
}

/**
 * A product's record; null for a deleted total. The key must be the name, because compaction and
 * readers tell records apart by their keys.
 * @throws NotATotalError
 */
export function decodeTotalRecord(key: Uint8Array, value: Uint8Array | null): TotalSums | null {
  const plain = value && plainTotal(key, value);
  if (plain) return plain;
  const product = decodeProduct(key);
  if (value === null) return null;
  const { day, ...total } = decodeTotal(value);
  if (total.product !== product) {
    const names = `names ${quoted(product)}, but the value names ${quoted(total.product)}`;
    throw new NotATotalError(`the key ${names}`);
  }
  const entry = day && { day: dayNumber(day.date) as number, ...exactOf(day) };
  return { ...exactOf(total), day: entry };
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
  throw new NotATotalError(`its key is no name of a product: ${problem}`);
}
