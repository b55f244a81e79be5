/**
 * Bytes ⇄ what a product has sold on a day that has ended. The day on which it has sold last stands
 * in its total's record.
 */

import { z } from "zod";
import { DAY_PLACES, dayNumber } from "../domain/day.ts";
import type { DayEntry } from "../domain/days.ts";
import { exactOf } from "../domain/exact.ts";
import { formatAmount, formatQuantity } from "../domain/money.ts";
import type { Sums } from "../domain/sums.ts";
import {
  amount,
  decodeOutput,
  NotATotalError,
  quantityNumber,
  wholeNumber,
} from "./output-record.ts";
import { label, PlainReader } from "./plain-reader.ts";

const encoder = new TextEncoder();

/** How all keys begin. No product can start with their first byte. */
const KEY_START = encoder.encode("\0day\0");
/** Two digits, and the byte that ends them. */
const PLACE_BYTES = 3;
const ZERO = 0x30;

/** The sums of one product on one day, in the record's partition. */
export interface DayRecord extends Sums {
  product: string;
  /** "2026-11-26", a local date. */
  day: string;
}

/** "2026-11-26", a day that exists. */
export const dateText = z
  .string()
  .refine((text) => dayNumber(text) !== undefined, "must be a date such as 2026-11-26");

export function isDayKey(key: Uint8Array | null): boolean {
  // Nearly all keys are names, which begin otherwise.
  return key?.[0] === 0 && KEY_START.every((byte, i) => key[i] === byte);
}

/** `product`: UTF-8. @throws RangeError when `day` is no date */
export function dayKey(product: Uint8Array, day: string): Uint8Array {
  const number = dayNumber(day);
  if (number === undefined) throw new RangeError(`Cannot write a day: ${day} is no date`);
  const place = String(number % DAY_PLACES).padStart(2, "0");
  const start = encoder.encode(`\0day\0${place}\0`);
  const key = new Uint8Array(start.length + product.length);
  key.set(start);
  key.set(product, start.length);
  return key;
}

export function encodeDay({ product, day, ...sums }: DayRecord): Uint8Array {
  return encoder.encode(
    `{"product":${JSON.stringify(product)},"day":"${day}",` +
      `"quantity":${formatQuantity(sums.quantity)},"price":"${formatAmount(sums.revenue)}",` +
      `"sales":${sums.sales},"returns":${sums.returns}}`,
  );
}

const daySchema = z
  .object({
    product: z.string(),
    day: dateText,
    quantity: quantityNumber,
    price: amount,
    sales: wholeNumber,
    returns: wholeNumber,
  })
  .transform(({ price, ...rest }): DayRecord => ({ ...rest, revenue: price }));

const PRODUCT = label('{"product":"');
const DAY = label('","day":"');
const SUMS = {
  quantity: label('","quantity":'),
  price: label(',"price":"'),
  sales: label('","sales":'),
  returns: label(',"returns":'),
};
const END = label("}");

/** Undefined = not as `encodeDay` writes it, with the product and the place in `key`. */
function plainDay(key: Uint8Array, value: Uint8Array): DayEntry | undefined {
  const reader = new PlainReader(value);
  if (!reader.takes(PRODUCT) || !reader.takesName(productOfDayKey(key))) return undefined;
  const day = reader.takes(DAY) ? reader.day() : undefined;
  if (day === undefined || placeIn(key) !== day % DAY_PLACES) return undefined;
  const sums = reader.sums(SUMS);
  return sums && reader.takes(END) && reader.isAtEnd ? { day, ...sums } : undefined;
}

/**
 * The record of an ended day. The key must be that of its product and day, because compaction and
 * readers tell records apart by their keys.
 * @throws NotATotalError
 */
export function decodeDay(key: Uint8Array, value: Uint8Array): DayEntry {
  const plain = plainDay(key, value);
  if (plain) return plain;
  const day = decodeOutput(value, daySchema);
  const expected = dayKey(encoder.encode(day.product), day.day);
  if (Buffer.compare(expected, key) === 0) {
    return { day: dayNumber(day.day) as number, ...exactOf(day) };
  }
  throw new NotATotalError(`its key is not that of ${day.product} on ${day.day}`);
}

/** The place of a day's key: that of each day with this number, modulo `DAY_PLACES`. */
export function placeOfDayKey(key: Uint8Array): number {
  const place = placeIn(key);
  if (place >= 0 && place < DAY_PLACES) return place;
  throw new NotATotalError(`the place of its day is invalid: ${place}`);
}

/** Two digits; NaN where they are none, or no byte 0 ends them. */
function placeIn(key: Uint8Array): number {
  const start = KEY_START.length;
  const [tens, ones] = [(key[start] as number) - ZERO, (key[start + 1] as number) - ZERO];
  const isPlace = tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 && key[start + 2] === 0;
  return isPlace ? tens * 10 + ones : Number.NaN;
}

/** The product of a day's key, in UTF-8: a view of the key. */
export function productOfDayKey(key: Uint8Array): Uint8Array {
  return key.subarray(KEY_START.length + PLACE_BYTES);
}
