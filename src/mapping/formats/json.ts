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
  return readJson(text, shape);
}

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
