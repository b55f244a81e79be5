/** Bytes ⇄ a sale: the records of the input topic. */

import { formatAmount } from "../domain/money.ts";
import { type Sale, saleSchema } from "../domain/sale.ts";
import { decodeText, isObject, NotJsonError, parseJson, withNumberSources } from "./json.ts";

const encoder = new TextEncoder();

/** The bytes are not a valid sale. The message is the reason that the dead letter carries. */
export class NotASaleError extends Error {
  override readonly name = "NotASaleError";
}

/**
 * The only judge of sales: strict JSON (RFC 8259) in strict UTF-8, then `saleSchema`. The fast path
 * in `native-fold/scanner.cc` accepts only sales that this function accepts, with the same values.
 * @throws NotASaleError
 */
export function decodeSale(bytes: Uint8Array | null): Sale {
  if (bytes === null) throw new NotASaleError("the record has no value");
  const sale = saleSchema.safeParse(parseValue(bytes));
  if (sale.success) return { ...sale.data, timestamp: sale.data.timestamp };
  throw new NotASaleError(sale.error.issues.map((issue) => issue.message).join("; "));
}

/** The form in which the producer writes a sale. The fast path reads this form. */
export function encodeSale({ product, quantity, price }: Omit<Sale, "timestamp">): Uint8Array {
  const name = JSON.stringify(product);
  return encoder.encode(
    `{"product":${name},"quantity":${quantity},"price":${trimmed(formatAmount(price))}}`,
  );
}

function parseValue(bytes: Uint8Array): unknown {
  try {
    const text = decodeText(bytes);
    const value = parseJson(text);
    return isObject(value) ? withNumberSources(value, text) : value;
  } catch (cause) {
    if (!(cause instanceof NotJsonError)) throw cause;
    throw new NotASaleError(cause.message, { cause });
  }
}

function trimmed(amount: string): string {
  return amount.replace(/\.?0+$/, "");
}
