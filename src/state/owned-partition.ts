/**
 * An input partition that this instance owns: its totals, history and counts, and how far it is
 * read.
 */

import { linesIn } from "../domain/sums.ts";
import { Totals } from "../domain/totals.ts";
import type { History, SealedHistory } from "../history/history.ts";
import type { Position } from "../kafka/kafka.ts";
import type { Bookkeeping } from "../wire/bookkeeping.ts";
import type { HistoryBookkeeping } from "../wire/history-record.ts";

/** What moves together with the totals, and is rolled back with them. */
interface Counts {
  position: number;
  counted: bigint;
  filtered: bigint;
  deadLetters: bigint;
  untimed: bigint;
  skipped: bigint;
  sequence: number;
}

/** Offsets of the logs in Kafka that hold what is committed of a partition. */
export interface LogEnds {
  output: number;
  /** 0: none is kept. */
  history: number;
}

/** What one transaction writes of a partition. */
export interface SealedPartition {
  partition: OwnedPartition;
  /** Products whose totals changed. */
  touched: readonly number[];
  history: SealedHistory | undefined;
}

export class OwnedPartition {
  readonly id: number;
  readonly totals: Totals;
  /** Undefined: none is kept. */
  readonly history: History | undefined;
  /** Next input offset to fold. */
  position: number;
  /** Records with lines in the totals. */
  counted: bigint;
  /** Records that are not about a sale. */
  filtered: bigint;
  deadLetters: bigint;
  /** Lines whose time could not be read. */
  untimed: bigint;
  skipped: bigint;
  #sequence: number;
  #committed: Counts;
  #sealed: Counts;
  /** Who wrote what is committed. */
  writer: string | undefined;
  /** Where the next rewrite of unchanged totals starts; see `output-records.ts`. */
  refreshFrom = 0;
  /** All that was ever committed below them is in what is committed here; undefined: not known. */
  #ends: LogEnds | undefined;
  #endsSealed: LogEnds | undefined;
  #endsSeen: LogEnds | undefined;
  /** The logs have grown since `noteEnds`. */
  isSealedSinceNote = false;

  constructor(
    id: number,
    {
      totals = new Totals(),
      history,
      from,
      ends,
    }: {
      totals?: Totals;
      history?: History | undefined;
      from: Bookkeeping | number;
      ends?: LogEnds | undefined;
    },
  ) {
    this.id = id;
    this.totals = totals;
    this.history = history;
    this.#ends = ends;
    const fresh = typeof from === "number";
    this.position = fresh ? from : from.inputOffset;
    this.counted = fresh ? 0n : from.counted;
    this.filtered = fresh ? 0n : from.filtered;
    this.deadLetters = fresh ? 0n : from.deadLetters;
    this.untimed = fresh ? 0n : from.untimed;
    this.skipped = fresh ? 0n : from.skipped;
    this.#sequence = fresh ? 0 : from.sequence;
    this.writer = fresh ? undefined : from.writer;
    this.#committed = this.#progress();
    this.#sealed = this.#committed;
  }

  get next(): Position {
    return { partition: this.id, offset: this.position };
  }

  /** True when there is something to commit beyond the last seal. */
  get moved(): boolean {
    return this.position !== this.#sealed.position;
  }

  /** Records from `first` up to `next` are being folded. @throws Error when they were before */
  advance(first: number, next: number): void {
    if (first < this.position) {
      throw new Error(
        `Cannot fold partition ${this.id} from offset ${first}: it is folded up to ` +
          `${this.position} already`,
      );
    }
    this.position = next;
  }

  /**
   * Freezes what is folded so far for one transaction; returns the products that changed, and what
   * to write of the history. `refreshes`: see `History.seal`.
   */
  seal({ refreshes = false } = {}): SealedPartition {
    this.#sequence++;
    this.#sealed = this.#progress();
    this.#endsSealed = this.#endsSeen;
    this.#endsSeen = undefined;
    this.isSealedSinceNote = true;
    const touched = this.totals.seal();
    const { products } = this.totals;
    const revenue = (id: number) => this.totals.revenue(id);
    const sales = linesIn(this.totals);
    this.history?.choose({ products: products.count, sales, revenue });
    return { partition: this, touched, history: this.history?.seal({ refreshes }) };
  }

  /** `writer`: who wrote what was sealed. */
  commit(writer: string): void {
    this.totals.commit();
    this.history?.commit();
    if (this.#committed !== this.#sealed) {
      this.writer = writer;
      this.#ends = this.#endsSealed ?? this.#ends;
    }
    this.#committed = this.#sealed;
  }

  rollback(): void {
    this.totals.rollback();
    this.history?.rollback();
    const { position, counted, filtered, deadLetters, untimed, skipped, sequence } =
      this.#committed;
    this.position = position;
    this.counted = counted;
    this.filtered = filtered;
    this.deadLetters = deadLetters;
    this.untimed = untimed;
    this.skipped = skipped;
    this.#sequence = sequence;
    this.#sealed = this.#committed;
  }

  /**
   * The logs end there. Nobody but the owner of a partition can commit anything of it, and who
   * commits afterwards what was sealed afterwards has been the owner all the time: then all that
   * stands in the logs below `ends` is what was committed here.
   */
  noteEnds(ends: LogEnds): void {
    this.#endsSeen = ends;
    this.isSealedSinceNote = false;
  }

  get ends(): LogEnds | undefined {
    return this.#ends;
  }

  /** Committed at least once, by whomever. */
  get isInLogs(): boolean {
    return this.#committed.sequence > 0;
  }

  /** The bookkeeping record of the sealed state. */
  bookkeeping(by: Pick<Bookkeeping, "group" | "writer" | "mapping">): Bookkeeping {
    const { position: inputOffset, ...counts } = this.#sealed;
    const { sales, returns } = this.totals;
    const records = counts.counted + counts.filtered + counts.deadLetters;
    return { ...by, ...counts, inputOffset, sales, returns, records };
  }

  /** The bookkeeping record of the sealed history. */
  historyBookkeeping(history: History, group: string): HistoryBookkeeping {
    return { ...history.state, group, inputOffset: this.#sealed.position };
  }

  #progress(): Counts {
    const { position, counted, filtered, deadLetters, untimed, skipped } = this;
    const sequence = this.#sequence;
    return { position, counted, filtered, deadLetters, untimed, skipped, sequence };
  }
}
