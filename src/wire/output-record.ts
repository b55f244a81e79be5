/** What all records of the output topic have in common: JSON by a schema, and one kind of error. */

import { z } from "zod";
import { NumberSource } from "../domain/money.ts";
import { UnreadableRecordError } from "../lib/errors.ts";
import { decodeText, isObject, parseJson, withNumberSources } from "./json.ts";

/** A record of the output topic that no Salesboard writes. */
export class NotATotalError extends UnreadableRecordError {
  override readonly name = "NotATotalError";
}

/** The digits of an integer from 0 on, as a bigint. */
export const wholeNumber = z.instanceof(NumberSource).transform((source, context) => {
  if (/^\d+$/.test(source.text)) return BigInt(source.text);
  context.addIssue(`must be an integer, received ${source.text}`);
  return z.NEVER;
});

/** The value of a record by its schema, or by `plain` where that knows the text. @throws NotATotalError */
export function decodeOutput<T>(
  bytes: Uint8Array,
  schema: z.ZodType<T>,
  plain?: (text: string) => T | undefined,
): T {
  try {
    const text = decodeText(bytes);
    const known = plain?.(text);
    if (known !== undefined) return known;
    const value = parseJson(text);
    return schema.parse(isObject(value) ? withNumberSources(value, text) : value);
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new NotATotalError(`Cannot read a record of the output topic: ${reason}`, { cause });
  }
}
