/** Bytes ⇄ slots of history and their bookkeeping: the records of the history topic. */

import {
  formatAmount,
  formatQuantity,
  NumberSource,
  parseAmount,
  parseQuantity,
} from "../domain/money.ts";
import { productProblem } from "../domain/sale.ts";
import { NO_SUMS, type Sums } from "../domain/sums.ts";
import type { HistoryState } from "../history/history-state.ts";
import { NO_HEAD, type Place, placeOf, RING_NAMES, RINGS, type Ring } from "../history/rings.ts";
import { type CompactSums, HISTORY_PRODUCTS_MAX, REST, type Slot } from "../history/slot.ts";
import { UnreadableRecordError } from "../lib/errors.ts";
import { BOOKKEEPING_KEY } from "./bookkeeping.ts";
import { parseWithLongNumbers } from "./json.ts";

/** The key of the record that says how to read the slots of a partition. */
export const HISTORY_BOOKKEEPING_KEY = BOOKKEEPING_KEY;

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A record of the history topic that Salesboard cannot have written. */
export class NotAHistoryError extends UnreadableRecordError {
  override readonly name = "NotAHistoryError";
}

/** The bookkeeping record of a partition: its history without the slots. */
export interface HistoryBookkeeping extends HistoryState {
  group: string;
  /** The next input offset: that of the totals in the same transaction. */
  inputOffset: number;
}

/** A slot in a record. It counts while its ring reaches it; see `reachAt`. */
export interface HistorySlot {
  ring: Ring;
  /** The number of the span since 1970, in the ring's unit. */
  index: number;
  products: (Sums & { product: string })[];
  rest: Sums;
}

/** "second/417". A slot that takes the place of another replaces its record. */
export function historyKey({ ring, place }: Place): Uint8Array {
  return encoder.encode(`${ring}/${place}`);
}

export function encodeHistorySlot(slot: Slot, nameOf: (id: number) => string): Uint8Array {
  const { seconds } = RINGS[slot.ring];
  const start = timeText(slot.index * seconds);
  let products = "";
  let rest = "";
  slot.forEach((id, sums) => {
    if (id === REST) rest = `,"rest":[${sumsText(sums)}]`;
    else {
      const separator = products === "" ? "" : ",";
      products += `${separator}[${JSON.stringify(nameOf(id))},${sumsText(sums)}]`;
    }
  });
  return encoder.encode(
    `{"start":"${start}","seconds":${seconds},"products":[${products}]${rest}}`,
  );
}

/**
 * The slot in a record. The key must be the place of the slot.
 * @throws NotAHistoryError
 */
export function decodeHistorySlot(key: Uint8Array, value: Uint8Array): HistorySlot {
  const { ring, place } = decodeHistoryKey(key);
  return reading(() => {
    const fields = objectOf(parseWithLongNumbers(strictDecoder.decode(value)));
    const index = secondOf(fields.start) / RINGS[ring].seconds;
    if (!Number.isInteger(index) || placeOf(ring, index) !== place) {
      throw new Error(`the key is ${ring}/${place}, but the slot starts at ${fields.start}`);
    }
    if (Number(fields.seconds) !== RINGS[ring].seconds) {
      throw new Error(`seconds must be ${RINGS[ring].seconds}, received ${fields.seconds}`);
    }
    const products = listOf(fields.products).map(decodeEntry);
    if (products.length > HISTORY_PRODUCTS_MAX) {
      throw new Error(
        `a slot must have at most ${HISTORY_PRODUCTS_MAX} products, received ${products.length}`,
      );
    }
    const rest = fields.rest === undefined ? NO_SUMS : sumsOf(listOf(fields.rest));
    return { ring, index, products, rest };
  });
}

/** The place that a key names. @throws NotAHistoryError */
export function decodeHistoryKey(key: Uint8Array): Place {
  return reading(() => {
    const text = strictDecoder.decode(key);
    const [, name, number] = /^([a-z]+)\/(0|[1-9]\d{0,4})$/.exec(text) ?? [];
    const ring = RING_NAMES.find((each) => each === name);
    const place = Number(number);
    if (ring && place < RINGS[ring].slots) return { ring, place };
    throw new Error(`the key must be the place of a slot, received ${JSON.stringify(text)}`);
  });
}

export function encodeHistoryBookkeeping(note: HistoryBookkeeping): Uint8Array {
  const head = note.head === NO_HEAD ? "null" : `"${timeText(note.head)}"`;
  return encoder.encode(
    `{"version":1,"group":${JSON.stringify(note.group)},"inputOffset":${note.inputOffset},` +
      `"head":${head},"sales":${note.sales},"returns":${note.returns},"older":[${sumsText(note.older)}],` +
      `"late":${note.late},"untimed":${note.untimed},"ahead":${note.ahead},` +
      `"unrecorded":${note.unrecorded}}`,
  );
}

/** @throws NotAHistoryError */
export function decodeHistoryBookkeeping(value: Uint8Array): HistoryBookkeeping {
  return reading(() => {
    const fields = objectOf(parseWithLongNumbers(strictDecoder.decode(value)));
    if (fields.version !== 1) throw new Error(`version must be 1, received ${fields.version}`);
    if (typeof fields.group !== "string") throw new Error("group must be a string");
    const count = (name: string) => Number(integerOf(fields[name]));
    return {
      group: fields.group,
      inputOffset: count("inputOffset"),
      head: fields.head === null ? NO_HEAD : secondOf(fields.head),
      sales: count("sales"),
      // Builds without mappings wrote none.
      returns: fields.returns === undefined ? 0 : count("returns"),
      older: sumsOf(listOf(fields.older)),
      late: count("late"),
      untimed: count("untimed"),
      ahead: count("ahead"),
      unrecorded: count("unrecorded"),
    };
  });
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new NotAHistoryError(reasonOf(cause), { cause });
  }
}

/** The words of the parser, which can also run out of stack, are those of a programmer. */
function reasonOf(cause: unknown): string {
  const { message } = cause as Error;
  if (cause instanceof SyntaxError || message.includes("call stack"))
    return "the value is not JSON";
  return cause instanceof TypeError ? "it is not valid UTF-8" : message;
}

function decodeEntry(entry: unknown): Sums & { product: string } {
  const [product, ...sums] = listOf(entry);
  if (typeof product !== "string") throw new Error("product must be a string");
  const problem = productProblem(product);
  if (problem) throw new Error(problem);
  return { product, ...sumsOf(sums) };
}

function sumsOf([quantity, revenue, sales, returns = 0, ...more]: unknown[]): Sums {
  if (typeof revenue !== "string" || more.length > 0) {
    throw new Error(
      'sums must be [quantity, "revenue", sales] or [quantity, "revenue", sales, returns]',
    );
  }
  return {
    quantity: quantityOf(quantity),
    revenue: parseAmount(revenue),
    sales: integerOf(sales),
    returns: integerOf(returns),
  };
}

/** `returns` is left out where there are none: that is the form of builds without mappings. */
function sumsText({ quantity, revenue, sales, returns }: CompactSums): string {
  const text = `${formatQuantity(quantity)},"${formatAmount(revenue)}",${sales}`;
  return Number(returns) === 0 ? text : `${text},${returns}`;
}

function quantityOf(value: unknown): bigint {
  const text = value instanceof NumberSource ? value.text : JSON.stringify(value);
  const micros = parseQuantity(text ?? "");
  if (micros !== undefined && typeof value !== "string") return micros;
  throw new Error(`must be a number with at most 6 decimals, received ${text}`);
}

function integerOf(value: unknown): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (value instanceof NumberSource && /^\d+$/.test(value.text)) return BigInt(value.text);
  const received = value instanceof NumberSource ? value.text : JSON.stringify(value);
  throw new Error(`must be an integer, received ${received}`);
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`must be a list, received ${JSON.stringify(value)}`);
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new Error(`must be an object, received ${JSON.stringify(value)}`);
}

/** ISO 8601, UTC, whole seconds. */
function timeText(second: number): string {
  return new Date(second * 1_000).toISOString().replace(".000Z", "Z");
}

function secondOf(text: unknown): number {
  const isTime = typeof text === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text);
  const second = isTime ? Date.parse(text) / 1_000 : Number.NaN;
  if (second >= 0) return second;
  throw new Error(`must be a time such as 2026-11-25T06:38:12Z, received ${JSON.stringify(text)}`);
}
