/** Defines a valid sale. */

import { z } from "zod";
import {
  MICROS_PER_UNIT,
  type Micros,
  NumberSource,
  PRICE_DECIMALS,
  parseDecimal,
} from "./money.ts";
import type { Sums } from "./sums.ts";

export const PRODUCT_BYTES_MAX = 256;
export const QUANTITY_MAX = 1_000_000_000;
/** Highest unit price, in whole units of the currency. */
export const PRICE_MAX = 1_000_000_000_000;
/** ECMAScript's range of dates: 100 million days on either side of 1970. */
const EPOCH_MS_MAX = 8_640_000_000_000_000;

/** One sale of `quantity` units at `price` each. */
export interface Sale {
  product: string;
  quantity: number;
  price: Micros;
  /** The time of the sale, epoch milliseconds; undefined = use the record's timestamp. */
  timestamp: number | undefined;
}

/** The total of one product, in one partition or over all. */
export interface ProductTotal extends Sums {
  product: string;
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

/** Checks parsed JSON whose numbers are `NumberSource`. Drops unknown fields. */
export const saleSchema = z.object(
  { product, quantity, price, timestamp: timestamp.optional() },
  { error: (issue) => `a sale must be a JSON object, received ${describe(issue.input)}` },
);

/** Why `name` is not a valid product; undefined = it is valid. */
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
  // Without a zone ECMAScript uses the machine's, and a sale must mean the same on every machine.
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

/** Keeps error headers and logs small, however long the input is. */
function excerpt(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
