/** Bytes ⇄ sales, totals and bookkeeping: what stands in the records of the topics. */

import { z } from "zod";
import { quoted, UnreadableRecordError } from "./errors.ts";
import {
  formatAmount,
  NumberSource,
  type ProductTotal,
  parseAmount,
  productProblem,
  type Sale,
  saleSchema,
} from "./sale.ts";

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** First byte of the keys of bookkeeping records: no product can start with it. */
const BOOKKEEPING_MARK = 0x00;
export const BOOKKEEPING_KEY = encoder.encode("\0bookkeeping");

/** The bytes are no sale; the message says why, in words fit for a dead letter's header. */
export class NotASaleError extends Error {
  override readonly name = "NotASaleError";
}

/** A record of the output topic that no Salesboard writes. */
export class NotATotalError extends UnreadableRecordError {
  override readonly name = "NotATotalError";
}

/** The value of a product's record: totals of the partition that it stands on. */
export interface TotalRecord extends ProductTotal {
  /** ISO 8601, UTC. */
  updatedAt: string;
}

/**
 * What each transaction notes for each input partition it moved: with it a restore can tell whether
 * offsets and totals belong together.
 */
export interface Bookkeeping {
  group: string;
  /** 1 for the first transaction of the partition, then one more each time. */
  sequence: number;
  /** Next input offset: equals the group's committed offset. */
  inputOffset: number;
  /** Sales in the totals of this partition: equals the sum over its products. */
  sales: bigint;
  deadLetters: bigint;
  /** Records that retention removed before they were read. */
  skipped: bigint;
  /** The `transactional.id` of the process; undefined in what older versions wrote. */
  writer?: string | undefined;
}

/**
 * The judge of what is a sale: strict JSON (RFC 8259) in strict UTF-8, then `saleSchema`.
 * The fast path in `native/scanner.cc` accepts only what this accepts, with the same value.
 * @throws NotASaleError
 */
export function decodeSale(bytes: Uint8Array | null): Sale {
  if (bytes === null) throw new NotASaleError("the record has no value");
  const text = decodeText(bytes);
  const value = parseJson(text);
  const sale = saleSchema.safeParse(isObject(value) ? withNumberSources(value, text) : value);
  if (sale.success) return { ...sale.data, timestamp: sale.data.timestamp };
  throw new NotASaleError(sale.error.issues.map((issue) => issue.message).join("; "));
}

/** The form in which Salesboard's producer writes a sale, and which the fast path reads. */
export function encodeSale({ product, quantity, price }: Omit<Sale, "timestamp">): Uint8Array {
  const name = JSON.stringify(product);
  return encoder.encode(
    `{"product":${name},"quantity":${quantity},"price":${trimmed(formatAmount(price))}}`,
  );
}

export function encodeTotal(total: TotalRecord): Uint8Array {
  return encoder.encode(
    `{"product":${JSON.stringify(total.product)},"totalQuantity":${total.totalQuantity},` +
      `"totalPrice":"${formatAmount(total.totalPrice)}","sales":${total.sales},` +
      `"updatedAt":"${total.updatedAt}"}`,
  );
}

const wholeNumber = z.instanceof(NumberSource).transform((source, context) => {
  if (/^\d+$/.test(source.text)) return BigInt(source.text);
  context.addIssue(`must be an integer, received ${source.text}`);
  return z.NEVER;
});

const amount = z.string().transform((text, context) => {
  try {
    return parseAmount(text);
  } catch (error) {
    context.addIssue((error as Error).message);
    return z.NEVER;
  }
});

const totalSchema = z.object({
  product: z.string(),
  totalQuantity: wholeNumber,
  totalPrice: amount,
  sales: wholeNumber,
  updatedAt: z.string(),
});

/** What `encodeTotal` writes, unless the product's name must be escaped. */
const PLAIN_TOTAL = new RegExp(
  [
    String.raw`^\{"product":"([^"\\\p{Cc}]*)","totalQuantity":(0|[1-9]\d*)`,
    String.raw`"totalPrice":"(-?\d+\.\d{1,6})","sales":(0|[1-9]\d*),"updatedAt":"([\dTZ:.-]*)"\}$`,
  ].join(),
  "u",
);

/** @throws NotATotalError */
export function decodeTotal(bytes: Uint8Array): TotalRecord {
  return decodeOutput(bytes, totalSchema, plainTotal);
}

/** A restore reads totals by the hundred thousand; the schema takes five times as long. */
function plainTotal(text: string): TotalRecord | undefined {
  const [, product, quantity, price, sales, updatedAt] = PLAIN_TOTAL.exec(text) ?? [];
  if (product === undefined) return undefined;
  return {
    product,
    totalQuantity: BigInt(quantity as string),
    totalPrice: parseAmount(price as string),
    sales: BigInt(sales as string),
    updatedAt: updatedAt as string,
  };
}

/**
 * A record of a product: its name, and its total unless that is gone. The key must be the name, as
 * a sale may have it: keys are what records are told apart by.
 * @throws NotATotalError
 */
export function decodeTotalRecord(
  key: Uint8Array,
  value: Uint8Array | null,
): { product: string; total: TotalRecord | null } {
  const product = decodeProduct(key);
  const total = value === null ? null : decodeTotal(value);
  if (total && total.product !== product) {
    const names = `${quoted(product)} has the total of ${quoted(total.product)}`;
    throw new NotATotalError(`Cannot read a record of the output topic: the key ${names}`);
  }
  return { product, total };
}

function decodeProduct(key: Uint8Array): string {
  let product: string | undefined;
  try {
    product = strictDecoder.decode(key);
  } catch {
    // Not a name: said below.
  }
  const problem = product === undefined ? "product must be UTF-8" : productProblem(product);
  if (problem === undefined) return product as string;
  throw new NotATotalError(
    `Cannot read a record of the output topic: its key is wrong: ${problem}`,
  );
}

export function isBookkeepingKey(key: Uint8Array | null): boolean {
  return key !== null && key[0] === BOOKKEEPING_MARK;
}

export function encodeBookkeeping(note: Bookkeeping): Uint8Array {
  const writer = note.writer === undefined ? "" : `,"writer":${JSON.stringify(note.writer)}`;
  return encoder.encode(
    `{"version":1,"group":${JSON.stringify(note.group)},"sequence":${note.sequence},` +
      `"inputOffset":${note.inputOffset},"sales":${note.sales},` +
      `"deadLetters":${note.deadLetters},"skipped":${note.skipped}${writer}}`,
  );
}

const bookkeepingSchema = z
  .object({
    version: wholeNumber.refine((version) => version === 1n, "must be 1"),
    group: z.string(),
    sequence: wholeNumber.transform(Number),
    inputOffset: wholeNumber.transform(Number),
    sales: wholeNumber,
    deadLetters: wholeNumber,
    skipped: wholeNumber,
    writer: z.string().optional(),
  })
  .transform(({ version: _, ...note }): Bookkeeping => note);

/** @throws NotATotalError */
export function decodeBookkeeping(bytes: Uint8Array): Bookkeeping {
  return decodeOutput(bytes, bookkeepingSchema);
}

function decodeOutput<T>(
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

function decodeText(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    throw new NotASaleError("the value is not valid UTF-8");
  }
}

function parseJson(text: string): unknown {
  if (text === "") throw new NotASaleError("the value is empty");
  try {
    return JSON.parse(text);
  } catch {
    throw new NotASaleError("the value is not JSON");
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object's own fields, with every number as it was written. */
function withNumberSources(value: object, text: string): object {
  const sources = numberSources(text);
  const fields = Object.entries(value).map(([key, field]) => [
    key,
    typeof field === "number" ? new NumberSource(sources.get(key) ?? "") : field,
  ]);
  return Object.fromEntries(fields);
}

/**
 * The source text of the numbers on the first level of a JSON object; of a key that stands twice,
 * the last. The text is known to be valid, so one walk is enough; `JSON.parse`'s own access to the
 * source goes through a reviver, which overflows the stack on deep nesting.
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

function trimmed(amount: string): string {
  return amount.replace(/\.?0+$/, "");
}
