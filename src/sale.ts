/** What a sale is, and exact money. Imports nothing of ours. */

import { z } from "zod";

/** An amount of money in millionths of the currency's unit: 20 999.58 is 20 999 580 000. */
export type Micros = bigint;

export const PRODUCT_BYTES_MAX = 256;
export const QUANTITY_MAX = 1_000_000_000;
/** Highest unit price, in whole units of the currency. */
export const PRICE_MAX = 1_000_000_000_000;
const PRICE_DECIMALS = 6;
const MICROS_PER_UNIT = 1_000_000n;
/** ECMAScript's range of dates: 100 million days on either side of 1970. */
const EPOCH_MS_MAX = 8_640_000_000_000_000;

/** A number as it stood in the JSON text: parsing it into a float would round it. */
export class NumberSource {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** One sale of `quantity` units at `price` each. */
export interface Sale {
  product: string;
  quantity: number;
  price: Micros;
  /** When it was sold, epoch milliseconds; undefined: the record's own timestamp counts. */
  timestamp: number | undefined;
}

/** Totals of one product: of one partition, or summed over all. */
export interface ProductTotal {
  product: string;
  totalQuantity: bigint;
  totalPrice: Micros;
  sales: bigint;
}

const product = z
  .string({ error: (issue) => `product must be a string, received ${describe(issue.input)}` })
  .superRefine((name, context) => {
    const problem = productProblem(name);
    if (problem) context.addIssue({ code: "custom", message: problem });
  });

const quantity = numberSource("quantity").transform((source, context) => {
  const value = parseDecimal(source.text, { decimals: 0, max: BigInt(QUANTITY_MAX) });
  if (value !== undefined && value >= 1n) return Number(value);
  context.addIssue(
    `quantity must be an integer from 1 to ${QUANTITY_MAX}, received ${excerpt(source.text)}`,
  );
  return z.NEVER;
});

const price = numberSource("price").transform((source, context) => {
  const max = BigInt(PRICE_MAX) * MICROS_PER_UNIT;
  const value = parseDecimal(source.text, { decimals: PRICE_DECIMALS, max });
  if (value !== undefined) return value;
  context.addIssue(
    `price must be from 0 to ${PRICE_MAX} with at most ${PRICE_DECIMALS} decimals, ` +
      `received ${excerpt(source.text)}`,
  );
  return z.NEVER;
});

const isoTime = z.union([z.iso.datetime({ offset: true, local: true }), z.iso.date()]);

const timestamp = z.unknown().transform((input, context) => {
  const value = epochMs(input);
  if (value !== undefined) return value;
  context.addIssue(
    `timestamp must be epoch milliseconds or an ISO 8601 time, received ${describe(input)}`,
  );
  return z.NEVER;
});

/** A sale as parsed from JSON, with its numbers as `NumberSource`; other fields are dropped. */
export const saleSchema = z.object(
  { product, quantity, price, timestamp: timestamp.optional() },
  { error: (issue) => `a sale must be a JSON object, received ${describe(issue.input)}` },
);

/**
 * "20999.58": at least two decimals, no trailing zeros beyond them.
 * Never rounds; a number must be an integer below 2^53 on either side of 0.
 */
export function formatAmount(micros: Micros | number): string {
  const sign = micros < 0 ? "-" : "";
  const digits = String(micros < 0 ? -micros : micros).padStart(PRICE_DECIMALS + 1, "0");
  const point = digits.length - PRICE_DECIMALS;
  let end = digits.length;
  while (end > point + 2 && digits[end - 1] === "0") end--;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point, end)}`;
}

/** The inverse of `formatAmount`. @throws RangeError when `text` is not a plain decimal */
export function parseAmount(text: string): Micros {
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) throw new RangeError(`Cannot read amount: must be a decimal, received ${text}`);
  const [, sign, whole = "0", decimals = ""] = match;
  const micros = BigInt(whole + decimals.padEnd(PRICE_DECIMALS, "0"));
  return sign ? -micros : micros;
}

/** Why `name` cannot be a product, or undefined when it can. */
export function productProblem(name: string): string | undefined {
  if (name.length === 0) return "product must not be empty";
  if (!name.isWellFormed()) return "product must not contain a lone surrogate";
  const bytes = Buffer.byteLength(name);
  if (bytes > PRODUCT_BYTES_MAX) {
    return `product must have at most ${PRODUCT_BYTES_MAX} bytes of UTF-8, received ${bytes}`;
  }
  if (/\p{Cc}/u.test(name)) return "product must not contain control characters";
  return undefined;
}

/**
 * The value of a JSON number times 10^`decimals`, or undefined when it is negative, above `max`
 * or has more decimals. `1e3`, `-0` and `1.2300` are plain values here. Exact at any length:
 * digits and exponent are kept apart, so `1e400` costs no more than `1`.
 */
export function parseDecimal(
  text: string,
  { decimals, max }: { decimals: number; max: bigint },
): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const significant = stripZeros(whole + fraction);
  if (significant.digits === "") return 0n;
  if (sign) return undefined;
  // A saturated exponent is as wrong as the true one: no record is long enough to bring it back.
  const power = Math.max(-1e15, Math.min(1e15, Number(exponent)));
  const zeros = power - fraction.length + significant.trailing + decimals;
  if (zeros < 0 || significant.digits.length + zeros > max.toString().length) return undefined;
  const value = BigInt(significant.digits) * 10n ** BigInt(zeros);
  return value <= max ? value : undefined;
}

function stripZeros(digits: string): { digits: string; trailing: number } {
  let start = 0;
  let end = digits.length;
  while (start < end && digits[start] === "0") start++;
  while (end > start && digits[end - 1] === "0") end--;
  return { digits: digits.slice(start, end), trailing: digits.length - end };
}

function epochMs(input: unknown): number | undefined {
  if (input instanceof NumberSource) {
    const negative = input.text.startsWith("-");
    const size = parseDecimal(negative ? input.text.slice(1) : input.text, {
      decimals: 0,
      max: BigInt(EPOCH_MS_MAX),
    });
    return size === undefined ? undefined : Number(negative ? -size : size);
  }
  const text = isoTime.safeParse(input);
  if (!text.success) return undefined;
  // Without a zone ECMAScript would take the machine's; the same sale must mean the same anywhere.
  const zoned = /(Z|[+-]\d\d:?\d\d)$|^[^T]*$/.test(text.data) ? text.data : `${text.data}Z`;
  const time = Date.parse(zoned);
  return Number.isNaN(time) ? undefined : time;
}

function numberSource(field: string) {
  return z.instanceof(NumberSource, {
    error: (issue) => `${field} must be a JSON number, received ${describe(issue.input)}`,
  });
}

function describe(input: unknown): string {
  if (input === undefined) return "nothing";
  if (input === null) return "null";
  if (input instanceof NumberSource) return excerpt(input.text);
  if (Array.isArray(input)) return "an array";
  return typeof input === "string" ? `the string ${JSON.stringify(excerpt(input))}` : typeof input;
}

/** Error headers and logs must stay small, however long the input was. */
function excerpt(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
