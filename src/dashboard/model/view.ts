/**
 * The materialised view of the output topic: the latest totals, and what changed since the last
 * look.
 */

import {
  isAtLeast,
  isNothing,
  isSame,
  minus,
  NO_SUMS,
  plus,
  type Sums,
} from "../../domain/sums.ts";
import { OutputPartition } from "./output-partition.ts";
import { RateMeter } from "./rate-meter.ts";
import { byRevenue, type Row, reorder } from "./rows.ts";
import { connecting, linesOf, type Status } from "./status.ts";

/** How long the pages say that totals went down. */
const LOWERED_NOTICE_MS = 60 * 60 * 1000;

/** All a page shows, at one moment; never changed. */
export interface Board extends Status {
  /**
   * False until the view was live for the first time: sums of what is not read to its end were
   * never committed, so that there are no rows and no total before.
   */
  readonly isComplete: boolean;
  /** By descending price, then name. */
  readonly rows: readonly Row[];
  readonly total: Readonly<Sums>;
  /** Records that are not about a sale. */
  readonly filtered: bigint;
  readonly deadLetters: bigint;
  /** Over the last ten seconds, one decimal; undefined before the view is live. */
  readonly salesPerSecond: number | undefined;
  /** 1 for the first board that was published, then one more each time. */
  readonly version: number;
}

export interface BoardChange {
  readonly before: Board;
  readonly after: Board;
  /** Rows that are new or different; those that are gone have no lines. */
  readonly changed: readonly Row[];
}

/**
 * Folds records of the output topic. A record replaces the earlier one of the same partition and
 * key; the total of a product is the sum over partitions. Integers only: nothing is ever rounded.
 */
export class SalesView {
  readonly #partitions = new Map<number, OutputPartition>();
  readonly #filtered = new Map<number, bigint>();
  readonly #deadLetters = new Map<number, bigint>();
  readonly #rows = new Map<string, Row>();
  /** Also of products that are gone: an id on an open page must not change hands. */
  readonly #ids = new Map<string, number>();
  readonly #dirty = new Map<string, Sums>();
  readonly #rate = new RateMeter();
  #total = NO_SUMS;
  #hasNews = false;
  /** When a total last went down, epoch milliseconds. */
  #loweredAt = Number.NEGATIVE_INFINITY;
  #board: Board = {
    ...connecting,
    isComplete: false,
    rows: [],
    total: NO_SUMS,
    filtered: 0n,
    deadLetters: 0n,
    salesPerSecond: undefined,
    version: 0,
  };

  /** As last published. */
  get board(): Board {
    return this.#board;
  }

  /** A product's line on the board. */
  row(product: string): Row | undefined {
    return this.#rows.get(product);
  }

  /** Something whole was read since the last board. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /**
   * Takes one record; without a value the total is forgotten. `timestamp` in epoch milliseconds.
   * @throws NotATotalError
   */
  apply(id: number, key: Uint8Array | null, value: Uint8Array | null, timestamp = 0): void {
    if (key === null) return;
    this.partition(id).apply(key, value, timestamp);
    this.#takeWhole(id);
  }

  /** The partition is read from its start; the board keeps what it had until `caughtUp`. */
  restart(id: number): void {
    this.partition(id).restart();
  }

  /** All that stood in the partition at `restart` is read. */
  markCaughtUp(id: number): void {
    this.partition(id).markCaughtUp();
    this.#takeWhole(id);
  }

  /** The partitions on which a product stands, with its totals there. */
  partitionsOf(product: string): { partition: number; totals: Sums }[] {
    const found = [...this.#partitions].flatMap(([partition, of]) => {
      const totals = of.totalsOf(product);
      return totals ? { partition, totals } : [];
    });
    return found.sort((a, b) => a.partition - b.partition);
  }

  /** To look at; records and restarts go by way of the view. */
  partition(id: number): OutputPartition {
    const partition = this.#partitions.get(id) ?? new OutputPartition();
    this.#partitions.set(id, partition);
    return partition;
  }

  /**
   * Makes the next board; undefined when it would look the same, but for its time. `now` in epoch
   * milliseconds.
   */
  publish(status: Status, now = Date.now()): BoardChange | undefined {
    this.#hasNews = false;
    const before = this.#board;
    const isCurrent = status.state === "live" || status.state === "behind";
    const isComplete = before.isComplete || isCurrent;
    const changed = isComplete ? this.#updateRows(now) : [];
    const total = isComplete ? this.#total : before.total;
    const [filtered, deadLetters] = [this.#filtered, this.#deadLetters].map((counts) =>
      isComplete ? [...counts.values()].reduce((sum, count) => sum + count, 0n) : 0n,
    ) as [bigint, bigint];
    const isMeasuring = isComplete && status.state !== "connecting" && status.state !== "restoring";
    const salesPerSecond = isMeasuring ? this.#rate.measure(now, total.sales) : undefined;
    const notices = [...status.notices, ...this.#lowered(now)];
    const isSame =
      changed.length === 0 &&
      filtered === before.filtered &&
      deadLetters === before.deadLetters &&
      salesPerSecond === before.salesPerSecond &&
      isComplete === before.isComplete &&
      status.state === before.state &&
      status.partitions === before.partitions &&
      status.lag === before.lag &&
      notices.join("\n") === before.notices.join("\n") &&
      linesOf(status) === linesOf(before);
    if (isSame) {
      this.#board = { ...before, asOf: status.asOf };
      return undefined;
    }
    const rows = reorder(before.rows, changed, byRevenue);
    const version = before.version + 1;
    const figures = { rows, total, filtered, deadLetters, salesPerSecond };
    this.#board = { ...status, notices, ...figures, isComplete, version };
    return { before, after: this.#board, changed };
  }

  /** What is whole goes on the next board, all of it at once. */
  #takeWhole(id: number): void {
    const partition = this.partition(id);
    if (!partition.isWhole) return;
    this.#hasNews = true;
    this.#filtered.set(id, partition.bookkeeping?.filtered ?? 0n);
    this.#deadLetters.set(id, partition.bookkeeping?.deadLetters ?? 0n);
    for (const { product, from, to } of partition.takeChanges()) {
      const difference = minus(to, from);
      const sum = this.#dirty.get(product) ?? this.#rows.get(product) ?? NO_SUMS;
      this.#dirty.set(product, plus(sum, difference));
      this.#total = plus(this.#total, difference);
    }
  }

  #lowered(now: number): string[] {
    if (now - this.#loweredAt > LOWERED_NOTICE_MS) return [];
    const time = new Date(this.#loweredAt).toISOString();
    return [`Totals went down at ${time}: the output topic was restored or recreated.`];
  }

  #updateRows(now: number): Row[] {
    const changed: Row[] = [];
    for (const [product, next] of this.#dirty) {
      const last = this.#rows.get(product) ?? NO_SUMS;
      if (isSame(next, last)) continue;
      if (!isAtLeast(next, last)) this.#loweredAt = now;
      const id = this.#ids.get(product) ?? this.#ids.size;
      const row = { id, product, ...next };
      this.#ids.set(product, id);
      if (isNothing(next)) this.#rows.delete(product);
      else this.#rows.set(product, row);
      changed.push(row);
    }
    this.#dirty.clear();
    return changed;
  }
}
