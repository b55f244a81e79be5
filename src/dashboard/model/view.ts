/** The materialised view of the output topic: the latest totals, and the changes between boards. */

import {
  isAtLeast,
  isNothing,
  isSame,
  minus,
  NO_SUMS,
  plus,
  type Sums,
} from "../../domain/sums.ts";
import { type Moment, momentOf, systemClock } from "../../lib/clock.ts";
import { type Bookkeeping, removedSentences } from "../../wire/bookkeeping.ts";
import type { Period } from "../look/look.ts";
import type { Board, Publication } from "./board.ts";
import type { BoundedPeriod } from "./days/days.ts";
import { OutputPartition } from "./output-partition.ts";
import { PeriodBoards } from "./period-boards.ts";
import { RateMeter } from "./rate-meter.ts";
import { byRevenue, type Row, reorder } from "./rows.ts";
import { connecting, linesOf, type Status } from "./status.ts";
import { type PartitionPlace, placeOf } from "./topic-view.ts";

/** How long the pages report that totals went down. */
const LOWERED_NOTICE_MS = 60 * 60 * 1000;

/** What pages show of a board besides its rows and sentences. What has not changed is identical. */
const SHOWN = [
  "state",
  "partitions",
  "lag",
  "advice",
  "comparison",
  "hours",
  "salesPerMinute",
  "rules",
  "days",
  "filtered",
  "deadLetters",
  "salesPerSecond",
  "isComplete",
] as const satisfies readonly (keyof Board)[];

/** Before the first complete board. */
const notTurned = { days: undefined, hasChanged: false } as const;

/**
 * Reads the records of the output topic. A record replaces the previous one of the same partition
 * and key. The total of a product is the sum over partitions. Integers only, so nothing is rounded.
 */
export class SalesView {
  readonly #partitions = new Map<number, OutputPartition>();
  readonly #filtered = new Map<number, bigint>();
  readonly #deadLetters = new Map<number, bigint>();
  /** Partitions of which retention removed records before they were counted. */
  readonly #removed = new Map<number, Bookkeeping>();
  readonly #rows = new Map<string, Row>();
  /** Includes deleted products, because an id on an open page must not pass to another. */
  readonly #ids = new Map<string, number>();
  readonly #dirty = new Map<string, Sums>();
  readonly #rate: RateMeter;
  readonly #mayLackDays: boolean;
  readonly #periods = new PeriodBoards(
    (product) => this.#idOf(product),
    () => this.#partitions.values(),
  );
  #total = NO_SUMS;
  #hasNews = false;
  /** The moment at which a total last went down. */
  #lowered: Moment | undefined;
  #board: Board = {
    ...connecting,
    isComplete: false,
    period: "all",
    days: undefined,
    rows: [],
    total: NO_SUMS,
    totalEver: NO_SUMS,
    filtered: 0n,
    deadLetters: 0n,
    salesPerSecond: undefined,
    version: 0,
  };

  /**
   * `mayLackDays`: of the embedded broker, whose logs lose their beginnings. `rate`: goes on from
   * the view before.
   */
  constructor({ mayLackDays = false, rate = new RateMeter() } = {}) {
    this.#mayLackDays = mayLackDays;
    this.#rate = rate;
  }

  /** The last published board of all time. */
  get board(): Board {
    return this.#board;
  }

  /**
   * The last published board of a period; undefined = today. It is the board of all time if sales
   * are not counted by days.
   */
  boardOf(period: Period | undefined): Board {
    const { days, isComplete } = this.#board;
    const asked = period ?? (days ? "today" : "all");
    if (asked === "all" || (isComplete && !days)) return this.#board;
    return this.#periods.of(asked, this.#board);
  }

  /** The row of a product. */
  row(product: string): Row | undefined {
    return this.#rows.get(product);
  }

  /** The sums of a period, of one product or of all; undefined if they are not known exactly. */
  sumsOf(period: BoundedPeriod, product: string | undefined): Readonly<Sums> | undefined {
    return this.#board.days && this.#periods.sumsOf(period, product);
  }

  /** A whole transaction was read since the last board. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /**
   * Takes one record; one without a value deletes the total. `timestamp` in epoch milliseconds.
   * @throws NotATotalError
   */
  apply(id: number, key: Uint8Array | null, value: Uint8Array | null, timestamp = 0): void {
    if (key === null) return;
    this.partition(id).apply(key, value, timestamp);
    this.#takeWhole(id);
  }

  /** The partition is read again from its start. The board stays until `markCaughtUp`. */
  restart(id: number): void {
    this.partition(id).restart();
  }

  /** All that the partition held at `restart` is read. */
  markCaughtUp(id: number): void {
    this.partition(id).markCaughtUp();
    this.#takeWhole(id);
  }

  /** The partitions that hold a product, with its totals there. */
  partitionsOf(product: string): (PartitionPlace & { totals: Sums })[] {
    const byId = [...this.#partitions].sort(([a], [b]) => a - b);
    return byId.flatMap(([id, of]) => {
      const totals = of.totalsOf(product);
      return totals ? { ...placeOf(id), totals } : [];
    });
  }

  /** For reading only: records and restarts go through the view. */
  partition(id: number): OutputPartition {
    const partition = this.#partitions.get(id) ?? new OutputPartition(this.#mayLackDays);
    this.#partitions.set(id, partition);
    return partition;
  }

  /** Makes the next board, as of `now`. Returns undefined if only its time would differ. */
  publish(status: Status, now = momentOf(systemClock)): Publication | undefined {
    this.#hasNews = false;
    const before = this.#board;
    const isCurrent = status.state === "live" || status.state === "behind";
    const isComplete = before.isComplete || isCurrent;
    const changed = isComplete ? this.#updateRows(now) : [];
    const { days, hasChanged } = isComplete ? this.#periods.turn(now.date) : notTurned;
    const total = isComplete ? this.#total : before.total;
    const [filtered, deadLetters] = [this.#filtered, this.#deadLetters].map((counts) =>
      isComplete ? [...counts.values()].reduce((sum, count) => sum + count, 0n) : 0n,
    ) as [bigint, bigint];
    const isMeasuring = isComplete && status.state !== "connecting" && status.state !== "restoring";
    const salesPerSecond = isMeasuring ? this.#rate.measure(now.at, total.sales, this) : undefined;
    const notices = [...status.notices, ...this.#loweredNotice(now), ...this.#removedNotices];
    const told = { ...status, notices };
    const figures = { days, filtered, deadLetters, salesPerSecond, isComplete };
    const hasMoved = changed.length > 0 || hasChanged || !isAlike({ ...told, ...figures }, before);
    if (!hasMoved) {
      this.#board = { ...before, asOf: status.asOf };
      return undefined;
    }
    const rows = reorder(before.rows, changed, byRevenue);
    const version = before.version + 1;
    const sums = { rows, total, totalEver: total, ...figures };
    this.#board = { ...told, ...sums, period: "all", version };
    const change = { before, after: this.#board, changed, changedEver: changed };
    return { ...change, periods: this.#periods.publish(change) };
  }

  /** Puts whole transactions on the next board. */
  #takeWhole(id: number): void {
    const partition = this.partition(id);
    if (!partition.isWhole) return;
    this.#hasNews = true;
    this.#filtered.set(id, partition.bookkeeping?.filtered ?? 0n);
    this.#deadLetters.set(id, partition.bookkeeping?.deadLetters ?? 0n);
    const { bookkeeping } = partition;
    if (bookkeeping && bookkeeping.skipped > 0n) this.#removed.set(id, bookkeeping);
    else this.#removed.delete(id);
    this.#periods.take(id, partition);
    for (const { product, from, to } of partition.takeChanges()) {
      const difference = minus(to, from);
      const sum = this.#dirty.get(product) ?? this.#rows.get(product) ?? NO_SUMS;
      this.#dirty.set(product, plus(sum, difference));
      this.#total = plus(this.#total, difference);
    }
  }

  #idOf(product: string): number {
    const id = this.#ids.get(product) ?? this.#ids.size;
    this.#ids.set(product, id);
    return id;
  }

  #loweredNotice({ at }: Moment): string[] {
    if (!this.#lowered || at - this.#lowered.at > LOWERED_NOTICE_MS) return [];
    const time = this.#lowered.date.toISOString();
    return [`Totals went down at ${time}: the output topic was restored or recreated.`];
  }

  /** They stay, because the totals lack these sales for good. */
  get #removedNotices(): string[] {
    const notes = [...this.#removed].map(([id, note]) => [placeOf(id).partition, note] as const);
    return removedSentences(notes);
  }

  #updateRows(now: Moment): Row[] {
    const changed: Row[] = [];
    for (const [product, next] of this.#dirty) {
      const last = this.#rows.get(product) ?? NO_SUMS;
      if (isSame(next, last)) continue;
      if (!isAtLeast(next, last)) this.#lowered = now;
      const row = { id: this.#idOf(product), product, ...next };
      if (isNothing(next)) this.#rows.delete(product);
      else this.#rows.set(product, row);
      changed.push(row);
    }
    this.#dirty.clear();
    return changed;
  }
}

function isAlike(next: Status & Pick<Board, (typeof SHOWN)[number]>, before: Board): boolean {
  return (
    SHOWN.every((key) => next[key] === before[key]) &&
    next.notices.join("\n") === before.notices.join("\n") &&
    linesOf(next) === linesOf(before)
  );
}
