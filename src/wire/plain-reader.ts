/**
 * Reads records in the very form in which Salesboard writes them. A restore reads hundreds of
 * thousands, so this makes no texts and no bigints: it compares bytes and adds up digits. Whatever
 * it cannot read with certainty is left to a schema, which takes several times as long.
 */

import { dayNumber } from "../domain/day.ts";
import type { ExactSums } from "../domain/exact.ts";
import { PRICE_DECIMALS } from "../domain/money.ts";
import { PRODUCT_BYTES_MAX, productProblem } from "../domain/sale.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const [QUOTE, BACKSLASH, MINUS, POINT, ZERO] = [0x22, 0x5c, 0x2d, 0x2e, 0x30] as const;
const [SPACE, DELETE] = [0x20, 0x7f] as const;
const DATE_BYTES = 10;

/** What stands before each of the four numbers of sums. */
export interface SumsLabels {
  quantity: Uint8Array;
  price: Uint8Array;
  sales: Uint8Array;
  returns: Uint8Array;
}

/** What stands before a value, as bytes. */
export function label(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The day that was read last, because nearly all records have the same; `date` is 20261126. */
let last = { date: -1, day: 0 };

/** One reading of one record. After a failure its place is of no use. */
export class PlainReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Takes these very bytes. */
  takes(expected: Uint8Array): boolean {
    const [bytes, start] = [this.#bytes, this.#at];
    for (let i = 0; i < expected.length; i++) {
      if (bytes[start + i] !== expected[i]) return false;
    }
    this.#at += expected.length;
    return true;
  }

  /** Takes the name of a product, which must be `name` and written without an escape. */
  takesName(name: Uint8Array): boolean {
    if (name.length === 0 || name.length > PRODUCT_BYTES_MAX || !this.takes(name)) return false;
    let isAscii = true;
    for (let i = 0; i < name.length; i++) {
      const byte = name[i] as number;
      if (byte === QUOTE || byte === BACKSLASH) return false;
      isAscii &&= byte >= SPACE && byte < DELETE;
    }
    return isAscii || isName(name);
  }

  /** Undefined: they are not there, or one of them is no safe integer of millionths. */
  sums(labels: SumsLabels): ExactSums | undefined {
    const quantity = this.#number(labels.quantity, PRICE_DECIMALS);
    const revenue = this.#number(labels.price, PRICE_DECIMALS);
    const sales = this.#number(labels.sales, 0);
    const returns = this.#number(labels.returns, 0);
    if (Number.isNaN(quantity + revenue + sales + returns)) return undefined;
    return { quantity, revenue, sales, returns };
  }

  /** A date such as 2026-11-26, as a day counted from 1970-01-01. */
  day(): number | undefined {
    const [bytes, start] = [this.#bytes, this.#at];
    let date = 0;
    for (let i = 0; i < DATE_BYTES; i++) {
      const digit = (bytes[start + i] as number) - ZERO;
      if (i === 4 || i === 7) continue;
      if (!(digit >= 0 && digit <= 9)) return undefined;
      date = date * 10 + digit;
    }
    this.#at += DATE_BYTES;
    const isDashed = bytes[start + 4] === MINUS && bytes[start + 7] === MINUS;
    if (!isDashed) return undefined;
    if (date === last.date) return last.day;
    const day = dayNumber(decoder.decode(bytes.subarray(start, this.#at)));
    if (day !== undefined) last = { date, day };
    return day;
  }

  /** Takes a text up to its quote: printable ASCII without an escape. */
  skipText(): boolean {
    const bytes = this.#bytes;
    for (let at = this.#at; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) {
        this.#at = at;
        return true;
      }
      if (byte === BACKSLASH || byte < SPACE || byte >= DELETE) return false;
    }
    return false;
  }

  /**
   * A number behind its label, times 10^`decimals`; NaN when it is not there or no safe integer.
   * Once beyond 2^53, a value stays beyond, so that looking at the last one is enough.
   */
  #number(before: Uint8Array, decimals: number): number {
    if (!this.takes(before)) return Number.NaN;
    const bytes = this.#bytes;
    let at = this.#at;
    const isNegative = decimals > 0 && bytes[at] === MINUS;
    if (isNegative) at++;
    const start = at;
    let value = 0;
    for (let digit = digitAt(bytes, at); digit >= 0; digit = digitAt(bytes, ++at)) {
      value = value * 10 + digit;
    }
    if (at === start || (bytes[start] === ZERO && at > start + 1)) return Number.NaN;
    let places = decimals;
    if (places > 0 && bytes[at] === POINT) {
      for (let digit = digitAt(bytes, ++at); digit >= 0; digit = digitAt(bytes, ++at)) {
        value = value * 10 + digit;
        places--;
      }
      if (places < 0 || places === decimals) return Number.NaN;
    }
    value *= 10 ** places;
    this.#at = at;
    if (!Number.isSafeInteger(value)) return Number.NaN;
    return isNegative ? 0 - value : value;
  }
}

/** −1 = there is none. */
function digitAt(bytes: Uint8Array, at: number): number {
  const digit = at < bytes.length ? (bytes[at] as number) - ZERO : -1;
  return digit <= 9 ? digit : -1;
}

function isName(bytes: Uint8Array): boolean {
  try {
    return productProblem(decoder.decode(bytes)) === undefined;
  } catch {
    return false;
  }
}
