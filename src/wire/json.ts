/** Parses strict JSON (RFC 8259) in strict UTF-8, and keeps numbers as they are written. */

import { NumberSource } from "../domain/money.ts";

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes are not JSON. The message is the reason that a dead letter carries. */
export class NotJsonError extends Error {
  override readonly name = "NotJsonError";
}

/** @throws NotJsonError for bytes that are not strict UTF-8 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    throw new NotJsonError("the value is not valid UTF-8");
  }
}

/** @throws NotJsonError */
export function parseJson(text: string): unknown {
  if (text === "") throw new NotJsonError("the value is empty");
  try {
    return JSON.parse(text);
  } catch {
    throw new NotJsonError("the value is not JSON");
  }
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fields of the object, with every number as it was written. */
export function withNumberSources(value: object, text: string): object {
  const sources = numberSources(text);
  const fields = Object.entries(value).map(([key, field]) => [
    key,
    typeof field === "number" ? new NumberSource(sources.get(key) ?? "") : field,
  ]);
  return Object.fromEntries(fields);
}

/**
 * The source text of the numbers on the first level of a JSON object, by key; the last one wins
 * when a key repeats. The text must be valid JSON. A reviver of `JSON.parse` could see the source
 * too, but it overflows the stack on deep nesting.
 */
function numberSources(text: string): Map<string, string> {
  const sources = new Map<string, string>();
  const number = /[-+.\deE]+/y;
  let depth = 0;
  let key = "";
  let expectsKey = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (char === '"') {
      const end = stringEnd(text, at);
      if (depth === 1 && expectsKey) key = JSON.parse(text.slice(at, end));
      at = end - 1;
    } else if (char === "{" || char === "[") expectsKey = ++depth === 1;
    else if (char === "}" || char === "]") depth--;
    else if (depth !== 1) continue;
    else if (char === ",") expectsKey = true;
    else if (char === ":") expectsKey = false;
    else if (char === "-" || (char >= "0" && char <= "9")) {
      number.lastIndex = at;
      const source = number.exec(text)?.[0] ?? char;
      sources.set(key, source);
      at += source.length - 1;
    }
  }
  return sources;
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
}

/** A number of sixteen digits may be too large to be exact; at most six are decimals. */
const LONG_NUMBER = /\d{16}|\d{10}\.\d/;

/** Parses JSON that Salesboard wrote. A number that would be rounded becomes a `NumberSource`. */
export function parseWithLongNumbers(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  const keepExact = (_key: string, value: unknown, context?: { source: string }) => {
    if (typeof value !== "number") return value;
    const source = context?.source ?? "";
    // A float can round decimals away and be an integer then.
    const isExact = Number.isSafeInteger(value) && /^-?\d+$/.test(source);
    return isExact ? value : new NumberSource(source);
  };
  return JSON.parse(text, keepExact);
}
