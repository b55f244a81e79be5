/**
 * The fast path of decoding: reads a sale straight from its bytes, without making an object or a
 * string. It accepts only what it is sure of (the plain form that producers write, and products
 * seen before) and declines everything else, which then costs a microsecond in `codec.ts`. It never
 * rejects: one judge is enough.
 */

import { HASH_BASIS, HASH_PRIME, type ProductIndex } from "./products.ts";
import { QUANTITY_MAX } from "./sale.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const DOT = 0x2e;
const ZERO = 0x30;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Four bytes as one little-endian number: the plain form is recognised by ten such comparisons. */
const word = (text: string) =>
  new DataView(new TextEncoder().encode(text).buffer).getInt32(0, true);
const PLAIN_PRODUCT = [word('{"pr'), word("oduc"), word('t":"')] as const;
const PLAIN_QUANTITY = [word('","q'), word("uant"), word('ity"')] as const;
const PLAIN_PRICE = [word(',"pr'), word('ice"')] as const;
/** Length of `{"product":"x","quantity":1,"price":1}`. */
const PLAIN_BYTES_MIN = 38;

const keyBytes = (name: string) => new TextEncoder().encode(`${name}"`);
const PRODUCT = keyBytes("product");
const QUANTITY = keyBytes("quantity");
const PRICE = keyBytes("price");

/** 15 digits stay below 2^53, so every integer formed of them is exact. */
const DIGITS_MAX = 15;
const MICROS_SCALE = [1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1];

/**
 * Holds the sale it scanned last: fields instead of a result object, for none is made per record.
 */
export class SaleScanner {
  /** Id in the product index. */
  product = -1;
  quantity = 0;
  /** Quantity × unit price in micros: an integer, exact because it is below 2^53. */
  amount = 0;

  #at = 0;
  #price = 0;

  /**
   * Reads the sale at `start` to `end` of `bytes`; `view` is a view of the same bytes.
   * False: declined, and the fields mean nothing.
   */
  scan(
    { bytes, view }: { bytes: Uint8Array; view: DataView },
    start: number,
    end: number,
    products: ProductIndex,
  ): boolean {
    return (
      this.#scanPlain(bytes, view, start, end, products) ||
      this.#scanAny(bytes, view, start, end, products)
    );
  }

  /** The form of `encodeSale`: no white space, this order of fields. Half the time of #scanAny. */
  #scanPlain(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    products: ProductIndex,
  ): boolean {
    if (
      end - start < PLAIN_BYTES_MIN ||
      view.getInt32(start, true) !== PLAIN_PRODUCT[0] ||
      view.getInt32(start + 4, true) !== PLAIN_PRODUCT[1] ||
      view.getInt32(start + 8, true) !== PLAIN_PRODUCT[2] ||
      !this.#name(bytes, view, start + 12, end, products)
    ) {
      return false;
    }
    let at = this.#at - 1;
    if (
      end - at < PLAIN_BYTES_MIN - 13 ||
      view.getInt32(at, true) !== PLAIN_QUANTITY[0] ||
      view.getInt32(at + 4, true) !== PLAIN_QUANTITY[1] ||
      view.getInt32(at + 8, true) !== PLAIN_QUANTITY[2] ||
      bytes[at + 12] !== COLON ||
      !this.#integer(bytes, at + 13, end)
    ) {
      return false;
    }
    at = this.#at;
    if (
      end - at < 11 ||
      view.getInt32(at, true) !== PLAIN_PRICE[0] ||
      view.getInt32(at + 4, true) !== PLAIN_PRICE[1] ||
      bytes[at + 8] !== COLON ||
      !this.#decimal(bytes, at + 9, end)
    ) {
      return false;
    }
    this.amount = this.quantity * this.#price;
    const ends = bytes[this.#at] === CLOSE && this.#at + 1 === end;
    return ends && this.amount <= Number.MAX_SAFE_INTEGER;
  }

  /** Any order of fields, any white space. */
  #scanAny(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    products: ProductIndex,
  ): boolean {
    this.product = -1;
    this.quantity = 0;
    this.#price = -1;
    let at = skipSpace(bytes, start, end);
    if (bytes[at] !== OPEN) return false;
    do {
      at = skipSpace(bytes, at + 1, end);
      if (bytes[at] !== QUOTE || !this.#field(bytes, view, at + 1, end, products)) return false;
      at = skipSpace(bytes, this.#at, end);
    } while (at < end && bytes[at] === COMMA);
    if (at >= end || bytes[at] !== CLOSE || skipSpace(bytes, at + 1, end) !== end) return false;
    this.amount = this.quantity * this.#price;
    const complete = this.product >= 0 && this.quantity > 0 && this.#price >= 0;
    return complete && this.amount <= Number.MAX_SAFE_INTEGER;
  }

  /** Reads `key":value`; leaves `#at` behind it. A field that stands twice is declined. */
  #field(
    bytes: Uint8Array,
    view: DataView,
    at: number,
    end: number,
    products: ProductIndex,
  ): boolean {
    if (matches(bytes, at, PRODUCT)) {
      const value = valueStart(bytes, at + PRODUCT.length, end);
      return (
        this.product < 0 &&
        bytes[value] === QUOTE &&
        this.#name(bytes, view, value + 1, end, products)
      );
    }
    if (matches(bytes, at, QUANTITY)) {
      return (
        this.quantity === 0 &&
        this.#integer(bytes, valueStart(bytes, at + QUANTITY.length, end), end)
      );
    }
    if (matches(bytes, at, PRICE)) {
      return (
        this.#price < 0 && this.#decimal(bytes, valueStart(bytes, at + PRICE.length, end), end)
      );
    }
    return false;
  }

  #name(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    products: ProductIndex,
  ): boolean {
    let hash = HASH_BASIS;
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) return false;
      hash = Math.imul(hash ^ byte, HASH_PRIME);
    }
    // Only names that passed the judge are in the index, so a hit needs no further check.
    this.product = at < end ? products.find(bytes, view, start, at, hash) : -1;
    this.#at = at + 1;
    return this.product >= 0;
  }

  #integer(bytes: Uint8Array, start: number, end: number): boolean {
    const value = this.#digits(bytes, start, end, 0);
    const length = this.#at - start;
    this.quantity = value;
    return (
      length > 0 &&
      length <= 10 &&
      bytes[start] !== ZERO &&
      value <= QUANTITY_MAX &&
      endsNumber(bytes, this.#at, end)
    );
  }

  #decimal(bytes: Uint8Array, start: number, end: number): boolean {
    let value = this.#digits(bytes, start, end, 0);
    const whole = this.#at - start;
    if (whole === 0 || whole + 6 > DIGITS_MAX || (whole > 1 && bytes[start] === ZERO)) return false;
    let decimals = 0;
    if (this.#at < end && bytes[this.#at] === DOT) {
      const first = this.#at + 1;
      value = this.#digits(bytes, first, end, value);
      decimals = this.#at - first;
      if (decimals === 0 || decimals > 6) return false;
    }
    this.#price = value * (MICROS_SCALE[decimals] as number);
    return endsNumber(bytes, this.#at, end);
  }

  /** Appends the digits from `start` on to `before`; leaves `#at` behind them. */
  #digits(bytes: Uint8Array, start: number, end: number, before: number): number {
    let value = before;
    let at = start;
    for (; at < end; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.#at = at;
    return value;
  }
}

function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at] as number;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break;
    at++;
  }
  return at;
}

function valueStart(bytes: Uint8Array, afterKey: number, end: number): number {
  const colon = skipSpace(bytes, afterKey, end);
  // The position of a quote that cannot be: every caller declines at `end`.
  return bytes[colon] === COLON && colon < end ? skipSpace(bytes, colon + 1, end) : end;
}

/**
 * Reading past `end` stays inside the batch, and what is read there is refused by the next check.
 */
function matches(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return false;
  return true;
}

/** A fraction or exponent after what was read means that the number was not read whole. */
function endsNumber(bytes: Uint8Array, at: number, end: number): boolean {
  const byte = at < end ? (bytes[at] as number) : 0;
  return byte === COMMA || byte === CLOSE || byte <= 0x20;
}
