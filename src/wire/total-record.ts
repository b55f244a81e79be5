/** Bytes ⇄ the total of a product: the records of the output topic. */

import { z } from "zod";
import {
  formatAmount,
  formatQuantity,
  NumberSource,
  parseAmount,
  parseQuantity,
} from "../domain/money.ts";
import { type ProductTotal, productProblem } from "../domain/sale.ts";
import { quoted } from "../lib/text.ts";
import { decodeOutput, NotATotalError, wholeNumber } from "./output-record.ts";

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The value of a product's record: its total in the record's partition. */
export interface TotalRecord extends ProductTotal {
  /** ISO 8601, UTC. */
  updatedAt: string;
}

export function encodeTotal(total: TotalRecord): Uint8Array {
  return encoder.encode(
    `{"product":${JSON.stringify(total.product)},"totalQuantity":${formatQuantity(total.quantity)},` +
      `"totalPrice":"${formatAmount(total.revenue)}","sales":${total.sales},` +
      `"returns":${total.returns},"updatedAt":"${total.updatedAt}"}`,
  );
}

const amount = z.string().transform((text, context) => {
  try {
    return parseAmount(text);
  } catch (error) {
    context.addIssue((error as Error).message);
    return z.NEVER;
  }
});

const quantityNumber = z.instanceof(NumberSource).transform((source, context) => {
  const micros = parseQuantity(source.text);
  if (micros !== undefined) return micros;
  context.addIssue(`must be a number with at most 6 decimals, received ${source.text}`);
  return z.NEVER;
});

const totalSchema = z
  .object({
    product: z.string(),
    totalQuantity: quantityNumber,
    totalPrice: amount,
    sales: wholeNumber,
    // Builds without mappings wrote none.
    returns: wholeNumber.optional(),
    updatedAt: z.string(),
  })
  .transform(
    ({ totalQuantity, totalPrice, returns = 0n, ...rest }): TotalRecord => ({
      ...rest,
      returns,
      quantity: totalQuantity,
      revenue: totalPrice,
    }),
  );

/** The text that `encodeTotal` writes, unless the product's name needs an escape. */
const PLAIN_TOTAL = new RegExp(
  [
    String.raw`^\{"product":"([^"\\\p{Cc}]*)","totalQuantity":(-?(?:0|[1-9]\d*)(?:\.\d{1,6})?)`,
    String.raw`"totalPrice":"(-?\d+\.\d{1,6})","sales":(0|[1-9]\d*)(?:,"returns":(0|[1-9]\d*))?`,
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
  const [, product, quantity, revenue, sales, returns, updatedAt] = PLAIN_TOTAL.exec(text) ?? [];
  if (product === undefined) return undefined;
  return {
    product,
    quantity: parseQuantity(quantity as string) as bigint,
    revenue: parseAmount(revenue as string),
    sales: BigInt(sales as string),
    returns: returns === undefined ? 0n : BigInt(returns),
    updatedAt: updatedAt as string,
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
