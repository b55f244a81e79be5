/** What a value that Salesboard cannot read looks like, in words for its producer. */

/** Of a value: what a format begins with stands there. */
const TEXT_BYTES_MAX = 4_096;

const beginnings: readonly (readonly [string, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["text in UTF-16", [0xff, 0xfe]],
  ["text in UTF-16", [0xfe, 0xff]],
  ["an object of Java", [0xac, 0xed, 0x00, 0x05]],
];

/** In the order in which they explain most. */
const texts: readonly (readonly [string, RegExp])[] = [
  ["JSON behind a byte-order mark", /^\uFEFF\s*[[{]/],
  ["XML", /^\uFEFF?\s*</],
  ["several JSON texts in one value", /^\s*\{[^\n]*\}\s*\n\s*\{/],
  ["JSON with single quotes, as Python prints objects", /^\s*[[{]\s*'/],
  ["JSON with NaN or Infinity, which JSON does not have", /^\s*[[{].*[:,[]\s*-?(NaN|Infinity)\b/s],
  ["JSON with comments", /^\s*[[{].*(\/\*|^\s*\/\/|[,{[]\s*\/\/)/s],
  ["JSON with a comma behind the last value", /^\s*[[{].*,\s*[\]}]/s],
  ["JSON that is not strict, or cut", /^\s*[[{]/],
  ["JSON in base64", /^(eyJ|W3si)[\w+/-]+=*$/],
  ["csv with ; between the columns", /^[^,;\n]*(;[^;\n]*){2,}$/],
  ["csv with tabs between the columns", /^[^\t\n]*(\t[^\t\n]*){2,}$/],
];

const STRICT = "write strict JSON (RFC 8259)";
/** What the producer of such values can do, by the word that tells them. */
const mends: readonly (readonly [RegExp, string])[] = [
  [/^(gzip|zstd)/, "let Kafka's client compress (compression.type), and not the value"],
  [/UTF-16/, "write UTF-8"],
  [/byte-order mark/, "write the JSON without the mark"],
  [/several JSON/, "send each of them as a record"],
  [/single quotes/, "print them by json.dumps"],
  [/NaN/, "write null instead"],
  [/base64/, "send the bytes as they are"],
  [/inside of a JSON text/, "serialize each record only once"],
  [/csv with/, "write commas, and decimals with a point"],
  [/^JSON/, STRICT],
];

/** The end of a sentence about `looks`. */
export function mendOf(looks: string | undefined): string {
  const known = mends.find(([words]) => looks !== undefined && words.test(looks));
  return known?.[1] ?? "write JSON, csv, Avro or Protobuf";
}

/** Undefined where nothing tells. */
export function looksLike(value: Uint8Array): string | undefined {
  const found = beginnings.find(([, bytes]) => bytes.every((byte, i) => value[i] === byte));
  if (found) return found[0];
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
    value.subarray(0, TEXT_BYTES_MAX),
  );
  if (text.includes("\uFFFD") || text.includes("\0")) return undefined;
  return texts.find(([, pattern]) => pattern.test(text.trimEnd()))?.[0];
}
