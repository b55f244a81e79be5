/** Decodes any record of the output topic: JSON with a schema, and one type of error. */

import { z } from "zod";
import { NumberSource, parseAmount, parseQuantity } from "../domain/money.ts";
import { UnreadableRecordError } from "../lib/errors.ts";
import { quoted } from "../lib/text.ts";
import { decodeText, isObject, parseJson, withNumberSources } from "./json.ts";

/**
 * A record of the output topic that Salesboard cannot have written. The message is a clause: what
 * is odd about the record.
 */
export class NotATotalError extends UnreadableRecordError {
  override readonly name: string = "NotATotalError";
}

/** A record that a later version has written. Only this version cannot read it. */
export class LaterVersionError extends NotATotalError {
  override readonly name = "LaterVersionError";
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
  let value: unknown;
  try {
    const text = decodeText(bytes);
    value = parseJson(text);
    return schema.parse(isObject(value) ? withNumberSources(value, text) : value);
  } catch (cause) {
    const isOfSchema = cause instanceof z.ZodError;
    const reason = isOfSchema ? oddityOf(value, cause) : (cause as Error).message;
    throw new NotATotalError(reason, { cause });
  }
}

/** What is odd about a value, in a clause; the words of the schema are those of a programmer. */
function oddityOf(value: unknown, { issues }: z.ZodError): string {
  if (!isObject(value)) return "the value is no JSON object";
  const [{ path = [], message = "" } = {}] = issues;
  if (path.length === 0) return message;
  const name = path.join(".");
  const found = path.reduce(
    (at: unknown, key) => (at as Record<PropertyKey, unknown>)?.[key],
    value,
  );
  if (found === undefined) return `the value has no ${name}`;
  const received = quoted(JSON.stringify(found));
  if (!message.startsWith("must")) return `${name} is ${received}`;
  return `${name} ${message}${message.includes("received") ? "" : `, received ${received}`}`;
}
