/** An input partition that this instance owns: totals, history, counts and position. */

import type { ProductDay } from "../domain/days.ts";
import { linesIn } from "../domain/sums.ts";
import { Totals } from "../domain/totals.ts";
import type { History, SealedHistory } from "../history/history.ts";
import type { Position } from "../kafka/kafka.ts";
import type { Bookkeeping } from "../wire/bookkeeping.ts";
import type { HistoryBookkeeping } from "../wire/history-record.ts";
import { daysNoteOf, daysStateOf } from "./days-note.ts";
import type { Restored } from "./totals-log.ts";

/** Where the sales of the totals come from, as the bookkeeping has it. */
export type InputOrigin = Pick<Bookkeeping, "inputTopic" | "inputTopicId" | "clusterId">;

/** Counts that commit and roll back together with the totals. */
interface Counts {
  position: number;
  epoch: number | undefined;
  counted: bigint;
  filtered: bigint;
  deadLetters: bigint;
  untimed: bigint;
  skipped: bigint;
  skippedAt: string | undefined;
  sequence: number;
}

/** The ends of the logs that hold the committed state of a partition. */
export interface LogEnds {
  output: number;
  /** 0 = no history is kept. */
  history: number;
  /** Of each dimension. */
  dimensions: readonly number[];
}

/** What one transaction writes of one set of totals. */
export interface SealedTotals {
  readonly totals: Totals;
  /** Products whose totals changed. */
  readonly touched: readonly number[];
  /** Ended days that changed. */
  readonly days: Iterable<ProductDay>;
}

/** What one transaction writes for a partition. */
export interface SealedPartition {
  partition: OwnedPartition;
  products: SealedTotals;
  /** One for each dimension. */
  dimensions: readonly SealedTotals[];
  history: SealedHistory | undefined;
}

export class OwnedPartition {
  readonly id: number;
  readonly totals: Totals;
  /** The same lines by the values of each dimension of the mapping, in its order. */
  readonly dimensions: readonly Totals[];
  /** Undefined = no history is kept. */
  readonly history: History | undefined;
  readonly origin: InputOrigin;
  /** The next input offset to fold. */
  position: number;
  /** The leader epoch of the record before; undefined = unknown. */
  epoch: number | undefined;
  /** Records with lines in the totals. */
  counted: bigint;
  /** Records that are not about a sale. */
  filtered: bigint;
  deadLetters: bigint;
  /** Lines whose time could not be read. */
  untimed: bigint;
  /** Records that retention removed before they were read, and when the last were missed. */
  skipped: bigint;
  skippedAt: string | undefined;
  #sequence: number;
  #committed: Counts;
  #sealed: Counts;
  /** The writer of the committed state. */
  writer: string | undefined;
  /**
   * Where the next record of this process must stand in the output: behind the last one. If it
   * stands elsewhere, somebody else has written there.
   */
  tail: number;
  /** The committed state includes everything below these ends; undefined = unknown. */
  #ends: LogEnds | undefined;
  #endsSealed: LogEnds | undefined;
  #endsSeen: LogEnds | undefined;
  /** The logs have grown since `noteEnds`. */
  isSealedSinceNote = false;

  constructor(
    id: number,
    {
      totals = new Totals(),
      dimensions = [],
      history,
      from,
      ends,
      origin = {},
      tail = 0,
    }: {
      totals?: Totals;
      dimensions?: readonly Pick<Restored, "totals" | "bookkeeping">[];
      history?: History | undefined;
      from: Bookkeeping | number;
      ends?: LogEnds | undefined;
      origin?: InputOrigin;
      tail?: number;
    },
  ) {
    this.id = id;
    this.totals = totals;
    this.dimensions = dimensions.map(({ totals }) => totals);
    this.history = history;
    this.#ends = ends;
    this.origin = origin;
    this.tail = tail;
    const fresh = typeof from === "number";
    this.position = fresh ? from : from.inputOffset;
    this.epoch = fresh ? undefined : from.inputEpoch;
    this.counted = fresh ? 0n : from.counted;
    this.filtered = fresh ? 0n : from.filtered;
    this.deadLetters = fresh ? 0n : from.deadLetters;
    this.untimed = fresh ? 0n : from.untimed;
    this.skipped = fresh ? 0n : from.skipped;
    this.skippedAt = fresh ? undefined : from.skippedAt;
    this.#sequence = fresh ? 0 : from.sequence;
    this.writer = fresh ? undefined : from.writer;
    if (!fresh) totals.days.resume(daysStateOf(from.days, totals));
    for (const { totals, bookkeeping } of dimensions) {
      if (bookkeeping) totals.days.resume(daysStateOf(bookkeeping.days, totals));
    }
    this.#committed = this.#progress();
    this.#sealed = this.#committed;
  }

  get next(): Position {
    return { partition: this.id, offset: this.position, epoch: this.epoch };
  }

  /** True when there is something to commit beyond the last seal. */
  get moved(): boolean {
    return this.position !== this.#sealed.position;
  }

  /**
   * Advances over records `first` to `next`, exclusive. `epoch`: the leader epoch of the last one.
   * @throws Error if they were folded before
   */
  advance(first: number, next: number, epoch?: number): void {
    if (first < this.position) {
      throw new Error(
        `Cannot fold partition ${this.id} from offset ${first}: it is folded up to ` +
          `${this.position} already`,
      );
    }
    this.position = next;
    this.epoch = epoch;
  }

  /** Retention removed all records before `offset`, and they were not folded. */
  skipTo(offset: number, now: Date): void {
    this.skipped += BigInt(offset - this.position);
    this.skippedAt = now.toISOString();
    this.returnTo(offset);
  }

  /** The next record to fold is at `offset`. Which leader wrote the record before is not known. */
  returnTo(offset: number): void {
    this.position = offset;
    this.epoch = undefined;
  }

  /**
   * Freezes the folded state for one transaction. Returns the changed totals, and the history to
   * write. `refreshes`: see `History.seal`.
   */
  seal({ refreshes = false } = {}): SealedPartition {
    this.#sequence++;
    this.#sealed = this.#progress();
    this.#endsSealed = this.#endsSeen;
    this.#endsSeen = undefined;
    this.isSealedSinceNote = true;
    const products = sealed(this.totals);
    const dimensions = this.dimensions.map(sealed);
    const revenue = (id: number) => this.totals.revenue(id);
    const sales = linesIn(this.totals);
    this.history?.choose({ products: this.totals.products.count, sales, revenue });
    return { partition: this, products, dimensions, history: this.history?.seal({ refreshes }) };
  }

  /** The sealed state is committed by `writer`. */
  commit(writer: string): void {
    this.totals.commit();
    for (const totals of this.dimensions) totals.commit();
    this.history?.commit();
    if (this.#committed !== this.#sealed) {
      this.writer = writer;
      this.#ends = this.#endsSealed ?? this.#ends;
    }
    this.#committed = this.#sealed;
  }

  rollback(): void {
    this.totals.rollback();
    for (const totals of this.dimensions) totals.rollback();
    this.history?.rollback();
    const { sequence, ...counts } = this.#committed;
    Object.assign(this, counts satisfies Partial<OwnedPartition>);
    this.#sequence = sequence;
    this.#sealed = this.#committed;
  }

  /**
   * Notes the ends of the logs. Only the owner of a partition can commit to it. If this instance
   * seals and commits after this call, it was the owner all the time, so everything below `ends`
   * was committed here.
   */
  noteEnds(ends: LogEnds): void {
    this.#endsSeen = ends;
    this.isSealedSinceNote = false;
  }

  get ends(): LogEnds | undefined {
    return this.#ends;
  }

  /** Some instance has committed this partition at least once. */
  get isInLogs(): boolean {
    return this.#committed.sequence > 0;
  }

  /** The bookkeeping record of the sealed state. `totals`: those that stand beside the record. */
  bookkeeping(
    by: Pick<Bookkeeping, "group" | "writer" | "mapping">,
    totals: Totals = this.totals,
  ): Bookkeeping {
    const { position: inputOffset, epoch: inputEpoch, ...counts } = this.#sealed;
    const { sales, returns } = totals;
    const records = counts.counted + counts.filtered + counts.deadLetters;
    const days = daysNoteOf(totals.days.state);
    const place = { inputOffset, inputEpoch };
    return { ...by, ...this.origin, ...counts, ...place, sales, returns, records, days };
  }

  /** The bookkeeping record of the sealed history. */
  historyBookkeeping(history: History, group: string): HistoryBookkeeping {
    return { ...history.state, group, inputOffset: this.#sealed.position };
  }

  #progress(): Counts {
    const { position, epoch, counted, filtered, deadLetters, untimed, skipped, skippedAt } = this;
    const sequence = this.#sequence;
    return {
      ...{ position, epoch, counted, filtered, deadLetters, untimed },
      ...{ skipped, skippedAt, sequence },
    };
  }
}

function sealed(totals: Totals): SealedTotals {
  const touched = totals.seal();
  return { totals, touched, days: totals.days.changed };
}
