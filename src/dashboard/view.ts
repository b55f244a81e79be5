/**
 * The materialised view of the output topic: the latest totals, and what changed since the last
 * look.
 */

import { decodeBookkeeping, decodeTotal, isBookkeepingKey } from "../codec.ts";
import type { ProductTotal } from "../sale.ts";

/** Time over which sales per second are measured, milliseconds. */
export const RATE_WINDOW_MS = 10_000;
/** A rate that changes more often than once a second cannot be read. */
const RATE_SAMPLE_MS = 1000;

export type Totals = Omit<ProductTotal, "product">;

/**
 * A product's line, never changed: a new total is a new row. `id` is its own, harmless in markup.
 */
export interface Row extends Readonly<ProductTotal> {
  readonly id: number;
}

/** Where the view stands: `connecting` to Kafka, `restoring` what is there, `live`, or `stale`. */
export interface Status {
  readonly state: "connecting" | "restoring" | "live" | "stale";
  /** 0 while the topic does not exist. */
  readonly partitions: number;
  /** Records of the topic not read yet; undefined = not known. */
  readonly lag: number | undefined;
}

/** All a page shows, at one moment; never changed. */
export interface Board extends Status {
  /** By descending price, then name. */
  readonly rows: readonly Row[];
  readonly total: Readonly<Totals>;
  readonly deadLetters: bigint;
  /** Over the last ten seconds, one decimal; undefined before the view is live. */
  readonly salesPerSecond: number | undefined;
  /** 1 for the first board that was published, then one more each time. */
  readonly version: number;
}

export interface Change {
  readonly before: Board;
  readonly after: Board;
  /** Rows that are new or different; those that are gone have no sales. */
  readonly changed: readonly Row[];
}

const nothing: Totals = { totalQuantity: 0n, totalPrice: 0n, sales: 0n };
const connecting: Status = { state: "connecting", partitions: 0, lag: undefined };
const keyDecoder = new TextDecoder();

/**
 * Folds records of the output topic. A record replaces the earlier one of the same partition and
 * key; the total of a product is the sum over partitions. Integers only: nothing is ever rounded.
 */
export class SalesView {
  readonly #partitions = new Map<number, Map<string, Totals>>();
  readonly #deadLetters = new Map<number, bigint>();
  readonly #rows = new Map<string, Row>();
  /** Also of products that are gone: an id on an open page must not change hands. */
  readonly #ids = new Map<string, number>();
  readonly #dirty = new Map<string, Totals>();
  readonly #rate = new RateMeter();
  #total = nothing;
  #board: Board = {
    ...connecting,
    rows: [],
    total: nothing,
    deadLetters: 0n,
    salesPerSecond: undefined,
    version: 0,
  };

  /** As last published. */
  get board(): Board {
    return this.#board;
  }

  /** Takes one record; without a value the total is forgotten. @throws NotATotalError */
  apply(partition: number, key: Uint8Array | null, value: Uint8Array | null): void {
    if (key === null) return;
    if (isBookkeepingKey(key)) {
      this.#deadLetters.set(partition, value === null ? 0n : decodeBookkeeping(value).deadLetters);
    } else {
      this.#set(partition, keyDecoder.decode(key), value === null ? undefined : decodeTotal(value));
    }
  }

  /** Forgets a partition: its topic was deleted and made again. */
  forget(partition: number): void {
    this.#deadLetters.delete(partition);
    for (const product of [...(this.#partitions.get(partition)?.keys() ?? [])]) {
      this.#set(partition, product, undefined);
    }
  }

  /** Makes the next board; undefined when it would look the same. `now` in epoch milliseconds. */
  publish(status: Status, now = Date.now()): Change | undefined {
    const before = this.#board;
    const changed = this.#updateRows();
    const deadLetters = [...this.#deadLetters.values()].reduce((sum, count) => sum + count, 0n);
    const isMeasuring = status.state === "live" || status.state === "stale";
    const salesPerSecond = isMeasuring ? this.#rate.measure(now, this.#total.sales) : undefined;
    const isSame =
      changed.length === 0 &&
      deadLetters === before.deadLetters &&
      salesPerSecond === before.salesPerSecond &&
      status.state === before.state &&
      status.partitions === before.partitions &&
      status.lag === before.lag;
    if (isSame) return undefined;
    const rows = changed.length === 0 ? before.rows : this.#order(before.rows, changed);
    const { state, partitions, lag } = status;
    const total = this.#total;
    const version = before.version + 1;
    const after = { rows, total, deadLetters, salesPerSecond, version, state, partitions, lag };
    this.#board = after;
    return { before, after, changed };
  }

  #set(partition: number, product: string, next: Totals | undefined): void {
    const products = this.#partitions.get(partition) ?? new Map<string, Totals>();
    this.#partitions.set(partition, products);
    const last = products.get(product) ?? nothing;
    if (next) products.set(product, next);
    else products.delete(product);
    const difference = subtract(next ?? nothing, last);
    const sum = this.#dirty.get(product) ?? this.#rows.get(product) ?? nothing;
    this.#dirty.set(product, add(sum, difference));
    this.#total = add(this.#total, difference);
  }

  #updateRows(): Row[] {
    const changed: Row[] = [];
    for (const [product, { totalQuantity, totalPrice, sales }] of this.#dirty) {
      const last = this.#rows.get(product);
      if (isEqual({ totalQuantity, totalPrice, sales }, last ?? nothing)) continue;
      const id = this.#ids.get(product) ?? this.#ids.size;
      const row = { id, product, totalQuantity, totalPrice, sales };
      this.#ids.set(product, id);
      if (sales === 0n) this.#rows.delete(product);
      else this.#rows.set(product, row);
      changed.push(row);
    }
    this.#dirty.clear();
    return changed;
  }

  /**
   * New rows in the old order where that still holds: sorting thousands of them each time costs.
   */
  #order(before: readonly Row[], changed: readonly Row[]): Row[] {
    const known = new Set(before.map((row) => row.product));
    const rows = [
      ...before.flatMap((row) => this.#rows.get(row.product) ?? []),
      ...changed.filter((row) => row.sales !== 0n && !known.has(row.product)),
    ];
    const isOrdered = rows.every((row, i) => i === 0 || compare(rows[i - 1] as Row, row) < 0);
    return isOrdered ? rows : rows.sort(compare);
  }
}

/** Sales per second over the last `RATE_WINDOW_MS`. */
class RateMeter {
  /** At most one for each `RATE_SAMPLE_MS` of the window, and the last one before it. */
  readonly #samples: { at: number; sales: bigint }[] = [];
  #rate = 0;

  measure(now: number, sales: bigint): number {
    const samples = this.#samples;
    const last = samples.at(-1);
    if (last && now - last.at < RATE_SAMPLE_MS) return this.#rate;
    samples.push({ at: now, sales });
    while ((samples[1]?.at ?? now) <= now - RATE_WINDOW_MS) samples.shift();
    const first = samples[0] ?? { at: now, sales };
    const seconds = Math.max(now - first.at, RATE_SAMPLE_MS) / 1000;
    this.#rate = Math.max(0, Math.round((Number(sales - first.sales) / seconds) * 10) / 10);
    return this.#rate;
  }
}

function compare(a: Row, b: Row): number {
  if (a.totalPrice !== b.totalPrice) return a.totalPrice > b.totalPrice ? -1 : 1;
  if (a.product === b.product) return 0;
  return a.product < b.product ? -1 : 1;
}

function add(a: Totals, b: Totals): Totals {
  return {
    totalQuantity: a.totalQuantity + b.totalQuantity,
    totalPrice: a.totalPrice + b.totalPrice,
    sales: a.sales + b.sales,
  };
}

function subtract(a: Totals, b: Totals): Totals {
  return {
    totalQuantity: a.totalQuantity - b.totalQuantity,
    totalPrice: a.totalPrice - b.totalPrice,
    sales: a.sales - b.sales,
  };
}

function isEqual(a: Totals, b: Totals): boolean {
  return (
    a.totalQuantity === b.totalQuantity && a.totalPrice === b.totalPrice && a.sales === b.sales
  );
}
