/** Bytes ⇄ the total of a product: what stands in a record of the output topic. */

import { z } from "zod";
import { formatAmount, parseAmount } from "../domain/money.ts";
import { type ProductTotal, productProblem } from "../domain/sale.ts";
import { quoted } from "../lib/text.ts";
import { decodeOutput, NotATotalError, wholeNumber } from "./output-record.ts";

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The value of a product's record: totals of the partition that it stands on. */
export interface TotalRecord extends ProductTotal {
  /** ISO 8601, UTC. */
  updatedAt: string;
}

export function encodeTotal(total: TotalRecord): Uint8Array {
  return encoder.encode(
    `{"product":${JSON.stringify(total.product)},"totalQuantity":${total.quantity},` +
      `"totalPrice":"${formatAmount(total.revenue)}","sales":${total.sales},` +
      `"updatedAt":"${total.updatedAt}"}`,
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

const totalSchema = z
  .object({
    product: z.string(),
    totalQuantity: wholeNumber,
    totalPrice: amount,
    sales: wholeNumber,
    updatedAt: z.string(),
  })
  .transform(
    ({ totalQuantity, totalPrice, ...rest }): TotalRecord => ({
      ...rest,
      quantity: totalQuantity,
      revenue: totalPrice,
    }),
  );

/** What `encodeTotal` writes, unless the product's name must be escaped. */
const PLAIN_TOTAL = new RegExp(
  [
    String.raw`^\{"product":"([^"\\\p{Cc}]*)","totalQuantity":(0|[1-9]\d*)`,
    String.raw`"totalPrice":"(-?\d+\.\d{1,6})","sales":(0|[1-9]\d*),"updatedAt":"([\dTZ:.-]*)"\}$`,
  ].join(),
  "u",
);

/** @throws NotATotalError */
export function decodeTotal(bytes: Uint8Array): TotalRecord {
  return decodeOutput(bytes, totalSchema, plainTotal);
}

/** A restore reads totals by the hundred thousand; the schema takes five times as long. */
function plainTotal(text: string): TotalRecord | undefined {
  const [, product, quantity, revenue, sales, updatedAt] = PLAIN_TOTAL.exec(text) ?? [];
  if (product === undefined) return undefined;
  return {
    product,
    quantity: BigInt(quantity as string),
    revenue: parseAmount(revenue as string),
    sales: BigInt(sales as string),
    updatedAt: updatedAt as string,
  };
}

/**
 * A record of a product: its name, and its total unless that is gone. The key must be the name, as
 * a sale may have it: keys are what records are told apart by.
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
    // Not a name: said below.
  }
  const problem = product === undefined ? "product must be UTF-8" : productProblem(product);
  if (problem === undefined) return product as string;
  throw new NotATotalError(
    `Cannot read a record of the output topic: its key is invalid: ${problem}`,
  );
}
