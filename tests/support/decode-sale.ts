/**
 * The judge of flat sales of the builds before mappings. Tests hold the present judge and the
 * scanner against it.
 */

import { type Sale, saleSchema } from "../../src/domain/sale.ts";
import {
  decodeText,
  isObject,
  NotJsonError,
  parseJson,
  withNumberSources,
} from "../../src/wire/json.ts";

/** The bytes are not a valid sale. The message is the reason that the dead letter carries. */
export class NotASaleError extends Error {
  override readonly name = "NotASaleError";
}

/**
 * Strict JSON (RFC 8259) in strict UTF-8, then `saleSchema`, in which a wrong timestamp refuses the sale.
 * @throws NotASaleError
 */
export function decodeSale(bytes: Uint8Array | null): Sale {
  if (bytes === null) throw new NotASaleError("the record has no value");
  const sale = saleSchema.safeParse(parseValue(bytes));
  if (sale.success) return { ...sale.data, timestamp: sale.data.timestamp };
  throw new NotASaleError(sale.error.issues.map((issue) => issue.message).join("; "));
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
