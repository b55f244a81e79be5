/** The bytes of a JSON record → its value. */

import type { Shape } from "../model/shape.ts";
import { type DecodedValue, UnreadableError } from "../model/value.ts";
import { readJson } from "./json-reader.ts";

/** A byte-order mark stays, and is no JSON. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** What serializers for a schema registry put before the JSON: a byte 0 and the schema's id. */
const REGISTRY_PREFIX_BYTES = 5;

/** @throws UnreadableError when `bytes` are not UTF-8 or not JSON */
export function decodeJson(bytes: Uint8Array, shape: Shape): DecodedValue {
  const text = decodeText(bytes);
  if (text === "") throw new UnreadableError("the value is empty");
  try {
    return readJson(text, shape);
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    const look = looks.find(({ pattern }) => pattern.test(text));
    throw look ? new UnreadableError(`${error.message}: ${look.what}`) : error;
  }
}

/** What a text that is not JSON may be instead; spark/sale.py has the same. */
const looks = [
  { pattern: /^\uFEFF/, what: "it begins with a byte order mark" },
  { pattern: /^[ \t\r\n]*</, what: "it looks like XML" },
  { pattern: /^[ \t\r\n]*[{[][ \t\r\n]*'/, what: "its texts are in single quotes" },
  { pattern: /[:,[][ \t\r\n]*-?(?:NaN|Infinity)[ \t\r\n]*[,}\]]/, what: "NaN is no number" },
];

/** No JSON begins with a byte 0, so the prefix cannot be mistaken. */
export function withoutRegistryPrefix(bytes: Uint8Array): Uint8Array {
  const hasPrefix = bytes[0] === 0 && bytes.length >= REGISTRY_PREFIX_BYTES;
  return hasPrefix ? bytes.subarray(REGISTRY_PREFIX_BYTES) : bytes;
}

/** @throws UnreadableError when `bytes` are not UTF-8 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new UnreadableError("the value is not valid UTF-8");
  }
}
