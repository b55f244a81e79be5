/** A sale → bytes: the records that the producer writes to the input topic. */

import { formatAmount } from "../domain/money.ts";
import type { Sale } from "../domain/sale.ts";

const encoder = new TextEncoder();

/** The form in which the producer writes a sale. The fast path reads this form. */
export function encodeSale({ product, quantity, price }: Omit<Sale, "timestamp">): Uint8Array {
  const name = JSON.stringify(product);
  return encoder.encode(
    `{"product":${name},"quantity":${quantity},"price":${trimmed(formatAmount(price))}}`,
  );
}

function trimmed(amount: string): string {
  return amount.replace(/\.?0+$/, "");
}
