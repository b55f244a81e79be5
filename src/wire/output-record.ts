/** Decodes any record of the output topic: JSON with a schema, and one type of error. */

import { z } from "zod";
import { NumberSource, parseAmount, parseQuantity } from "../domain/money.ts";
import { UnreadableRecordError } from "../lib/errors.ts";
import { decodeText, isObject, parseJson, withNumberSources } from "./json.ts";

/** A record of the output topic that Salesboard cannot have written. */
export class NotATotalError extends UnreadableRecordError {
  override readonly name = "NotATotalError";
}

/** An integer of 0 or more, as a bigint. */
export const wholeNumber = z.instanceof(NumberSource).transform((source, context) => {
  if (/^\d+$/.test(source.text)) return BigInt(source.text);
  context.addIssue(`must be an integer, received ${source.text}`);
  return z.NEVER;
});

export const amount = z.string().transform((text, context) => {
  try {
    return parseAmount(text);
  } catch (error) {
    context.addIssue((error as Error).message);
    return z.NEVER;
  }
});

export const quantityNumber = z.instanceof(NumberSource).transform((source, context) => {
  const micros = parseQuantity(source.text);
  if (micros !== undefined) return micros;
  context.addIssue(`must be a number with at most 6 decimals, received ${source.text}`);
  return z.NEVER;
});

/** The value of a record. @throws NotATotalError */
export function decodeOutput<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
  try {
    const text = decodeText(bytes);
    const value = parseJson(text);
    return schema.parse(isObject(value) ? withNumberSources(value, text) : value);
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new NotATotalError(`Cannot read a record of the output topic: ${reason}`, { cause });
  }
}
