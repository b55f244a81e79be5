/** A sale → bytes: the records that the producer writes to the input topic. */

import { formatAmount } from "../domain/money.ts";
import type { Sale } from "../domain/sale.ts";

const encoder = new TextEncoder();

/**
 * The form in which the producer writes a sale. The fast path reads this form. A sale without a
 * time has that of its record.
 */
export function encodeSale(sale: Omit<Sale, "timestamp"> & Partial<Sale>): Uint8Array {
  const { product, quantity, price, timestamp } = sale;
  const name = JSON.stringify(product);
  const time = timestamp === undefined ? "" : `,"timestamp":${timestamp}`;
  return encoder.encode(
    `{"product":${name},"quantity":${quantity},"price":${trimmed(formatAmount(price))}${time}}`,
  );
}

function trimmed(amount: string): string {
  return amount.replace(/\.?0+$/, "");
}
