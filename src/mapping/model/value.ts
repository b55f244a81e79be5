/** What a decoder of any format hands to the judge, and how a reason names it. */

import { NumberSource } from "../../domain/money.ts";

/**
 * A decoded value. Numbers are their digits, never floats; an object's keys are unique. Of parts
 * that no rule needs, only what kind they are is kept: an empty object or array.
 */
export type DecodedValue =
  | null
  | boolean
  | string
  | NumberSource
  | Uint8Array
  | readonly DecodedValue[]
  | ReadonlyMap<string, DecodedValue>;

/** What is read as one value, such as money, and has parts that rules name: its currency. */
export class ValueWithParts extends Map<string, DecodedValue> {
  readonly whole: DecodedValue;
  /** Keys of parts that `whole` tells. */
  readonly told: { has(key: string): boolean };

  constructor(
    whole: DecodedValue,
    parts: Iterable<[string, DecodedValue]>,
    told: ValueWithParts["told"],
  ) {
    super(parts);
    this.whole = whole;
    this.told = told;
  }
}

export const EMPTY_OBJECT: DecodedValue = new Map();
export const EMPTY_ARRAY: DecodedValue = [];

/** A record cannot be read at all, or one part of it; the message is fit for a dead letter. */
export class UnreadableError extends Error {
  override readonly name = "UnreadableError";
}

/** Error headers and logs must stay small, however long the input was. */
const EXCERPT_MAX = 40;

/** `value` as a dead letter's reason says what was received. */
export function describe(value: DecodedValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "string") return `the string ${quotedExcerpt(value)}`;
  if (typeof value === "boolean") return String(value);
  if (value instanceof NumberSource) return excerpt(value.text);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return value instanceof Map ? "an object" : "an array";
}

/** In quotes, cut, and without characters that a terminal obeys. */
export function quotedExcerpt(text: string): string {
  // JSON leaves DEL and C1 as they are.
  return JSON.stringify(excerpt(text)).replace(
    /[\x7f-\x9f]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function excerpt(text: string): string {
  return text.length <= EXCERPT_MAX ? text : `${text.slice(0, EXCERPT_MAX)}…`;
}
