/** The books of one partition, kept twice: from its sales as sent, and from the output topic. */

import { DaysLedger } from "./days-ledger.ts";
import type { PartitionLog } from "./log.ts";

/** A line of a record. */
export interface Sale {
  product: string;
  quantity: number;
  isReturn: boolean;
  /** Of one unit, in cents. */
  cents: number;
  /** When it happened as it says itself, epoch milliseconds. */
  timestamp: number | undefined;
  /** The timestamp of its record; −1: it has none. */
  recordMs: number;
  /** What it counts under, by dimension. */
  by?: Readonly<Record<string, string>>;
}

/**
 * A record of the input topic: its lines, none if it is filtered. Skipped: retention removed it
 * before it was read.
 */
export type Sent = readonly Sale[] | "poison" | "skipped";

interface Total {
  quantity: number;
  cents: number;
  sales: number;
  returns: number;
}

interface Note {
  offset: number;
  sales: number;
  returns: number;
  counted: number;
  filtered: number;
  deadLetters: number;
}

/** A key that is no product's name. */
const BOOKKEEPING = "bookkeeping";
const decoder = new TextDecoder();

export class Ledger {
  readonly #expected = new Map<string, Total>();
  readonly #note: Note = {
    offset: 0,
    sales: 0,
    returns: 0,
    counted: 0,
    filtered: 0,
    deadLetters: 0,
  };
  /** The latest committed record of each key, as text to compare. */
  readonly #found = new Map<string, string>();
  readonly #days = new DaysLedger();
  #position = 0;
  readonly #changed = new Set<string>();
  #skipped = 0;

  /** How far the sales are folded. */
  get folded(): number {
    return this.#note.offset;
  }

  /** How many records the output topic says were skipped. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Goes on to the input offset `to`. */
  fold(sent: readonly Sent[], to: number): void {
    const note = this.#note;
    if (to > note.offset) this.#changed.add(BOOKKEEPING);
    for (; note.offset < to; note.offset++) {
      const lines = sent[note.offset];
      if (lines === "poison") note.deadLetters++;
      if (!lines || lines === "poison" || lines === "skipped") continue;
      if (lines.length === 0) note.filtered++;
      else note.counted++;
      for (const line of lines) this.#add(line);
    }
  }

  #add(line: Sale): void {
    const { product, quantity, cents, isReturn } = line;
    this.#days.add(line);
    const none = { quantity: 0, cents: 0, sales: 0, returns: 0 };
    const total = this.#expected.get(product) ?? none;
    this.#expected.set(product, total);
    const units = isReturn ? -quantity : quantity;
    total.quantity += units;
    total.cents += units * cents;
    for (const counts of [total, this.#note]) counts[isReturn ? "returns" : "sales"]++;
    this.#changed.add(product);
  }

  /** Goes on to the end of what a committed reader may read. */
  read(log: PartitionLog): void {
    const { entries, position } = log.read(this.#position, Number.POSITIVE_INFINITY);
    this.#position = position;
    for (const { record, keyText } of entries) {
      if (!record?.value) continue;
      const value = JSON.parse(decoder.decode(record.value));
      this.#days.take(keyText, value);
      if (keyText.startsWith("\0day\0")) this.#changed.add(BOOKKEEPING);
      else if (record.key?.[0] === 0) {
        const { inputOffset: offset, skipped, ...counts } = value;
        this.#skipped = Number(skipped);
        this.#found.set(BOOKKEEPING, noteText({ offset, ...counts }));
        this.#changed.add(BOOKKEEPING);
      } else {
        const { totalQuantity: quantity, totalPrice, sales, returns } = value;
        const cents = Math.round(Number(totalPrice) * 100);
        this.#found.set(keyText, totalText({ quantity, cents, sales, returns }));
        this.#changed.add(keyText);
      }
    }
  }

  /** Of what has changed since they were asked for last. */
  differences(): { key: string; is: string | undefined; must: string | undefined }[] {
    const differences = this.#changed.size > 0 ? this.#days.differences() : [];
    for (const key of this.#changed) {
      const is = this.#found.get(key);
      const must = this.#must(key);
      if (is !== must) differences.push({ key, is, must });
    }
    this.#changed.clear();
    return differences;
  }

  #must(key: string): string | undefined {
    if (key === BOOKKEEPING) return this.#note.offset > 0 ? noteText(this.#note) : undefined;
    const total = this.#expected.get(key);
    return total && totalText(total);
  }
}

/** The same records, their lines under the values of a dimension, at the offsets `from` to `to`. */
export function linesBy(
  dimension: string,
  sent: readonly Sent[],
  { from, to }: { from: number; to: number },
): readonly Sent[] {
  const same: Sent[] = [];
  for (let at = from; at < to; at++) {
    const lines = sent[at];
    if (typeof lines === "string") same[at] = lines;
    else if (lines) {
      same[at] = lines.map((line) => ({ ...line, product: line.by?.[dimension] ?? "" }));
    }
  }
  return same;
}

function totalText({ quantity, cents, sales, returns }: Total): string {
  return `${sales} sales, ${returns} returns, ${quantity} units, ${cents} cents`;
}

function noteText({ offset, sales, returns, ...records }: Note): string {
  const { counted, filtered, deadLetters } = records;
  const outcomes = `${counted} counted, ${filtered} filtered, ${deadLetters} dead letters`;
  return `offset ${offset}, ${sales} sales, ${returns} returns, ${outcomes}`;
}
