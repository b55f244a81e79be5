/** Knows which sales are counted late: although counting goes on, or because they waited before. */

import type { Watermarks } from "../../kafka/kafka.ts";
import { type Clock, type Moment, momentOf } from "../../lib/clock.ts";
import type { SalesView } from "../model/view.ts";
import type { Stall } from "./stall.ts";

/** A slower answer is not waited for. */
const ASKING_MS_MAX = 6_000;

/** An end of an input partition, and when it was asked for. */
interface Goal {
  readonly high: number;
  readonly asked: Moment;
}

interface InputMark {
  /** The next offset to count. */
  readonly next: number;
  readonly high: number;
}

export class Lateness {
  readonly #goals = new Map<number, Goal>();
  readonly #places = new Map<number, InputMark>();

  /** `isEmpty`: nothing but markers of transactions waits. */
  note(partition: number, place: InputMark, of: { asked: Moment; isEmpty: boolean }): void {
    const { next, high } = place;
    const goal = this.#goals.get(partition);
    this.#places.set(partition, place);
    if (goal && next < goal.high && !of.isEmpty) return;
    this.#goals.set(partition, { high, asked: of.asked });
  }

  clear(): void {
    this.#goals.clear();
    this.#places.clear();
  }

  /**
   * Sales that were in the input for so long and are not counted yet; undefined = none. `but`: of
   * these partitions more is known.
   */
  after(ms: number, now: number, but?: ReadonlyMap<number, unknown>): Stall | undefined {
    const late = [...this.#goals].filter(([partition, { high, asked }]) => {
      if (but?.has(partition)) return false;
      return now - asked.at >= ms && (this.#places.get(partition)?.next ?? high) < high;
    });
    if (late.length === 0) return undefined;
    const waiting = late.map(([partition, goal]): [number, number] => {
      const { next, high } = this.#places.get(partition) ?? { next: 0, high: goal.high };
      return [partition, high - next];
    });
    const since = Math.min(...late.map(([, { asked }]) => asked.date.getTime()));
    return { since, waiting: new Map(waiting), isSlow: true };
  }
}

interface ArrearsOptions {
  view: Pick<SalesView, "partition">;
  /** Whether `view` holds what is committed. */
  isCurrent: () => boolean;
  /** Who counts writes bookkeeping within this time, milliseconds. */
  patienceMs: number;
  clock: Clock;
  /** Which of the offsets are of records, and not of markers of transactions. */
  look: (from: ReadonlyMap<number, number>) => Promise<ReadonlyMap<number, boolean>>;
}

/** The end to count to. */
interface Debt extends Goal {
  readonly low: number;
  /** The next offset to count, at the last answer. */
  next?: number;
  /** The offset of a record that waits. */
  record?: number;
}

/**
 * What nobody seemed to count when the input was first asked: before a start, or before the topic
 * joined the board. The board lacks these sales until they are counted, however soon that is.
 */
export class Arrears {
  readonly #options: ArrearsOptions;
  /** Undefined = the input was not asked yet. */
  #debts: Map<number, Debt> | undefined;
  #wantedAt: number | undefined;

  constructor(options: ArrearsOptions) {
    this.#options = options;
  }

  get isKnown(): boolean {
    return this.#debts !== undefined;
  }

  /** Takes an answer, and looks for records where nothing was counted since the last one. */
  async note(ends: ReadonlyMap<number, Watermarks>): Promise<void> {
    const debts = this.#debts ?? this.#first(ends);
    const from = new Map<number, number>();
    for (const [id, debt] of debts) {
      const next = this.#nextOf(id, ends.get(id)?.low ?? debt.low);
      if (next >= debt.high) debts.delete(id);
      // While counting goes on, it is not worth a look.
      else if ((debt.next ?? next) === next && debt.record !== next) from.set(id, next);
      debt.next = next;
    }
    const found = from.size > 0 ? await this.#options.look(from) : new Map();
    for (const [id, next] of from) {
      const [debt, waits] = [debts.get(id), found.get(id)];
      if (waits && debt) debt.record = next;
      // Without an answer nothing is known, as of sales that come later.
      else debts.delete(id);
    }
    this.#debts = debts;
  }

  /** The input is gone. */
  clear(): void {
    this.#debts?.clear();
  }

  /** "asking": the input is about to be asked for the first time. */
  get now(): Stall | "asking" | undefined {
    const { clock, isCurrent, view } = this.#options;
    if (!isCurrent()) return undefined;
    if (!this.#debts) {
      this.#wantedAt ??= clock.now();
      return clock.now() - this.#wantedAt < ASKING_MS_MAX ? "asking" : undefined;
    }
    const waiting = new Map<number, number>();
    const since: number[] = [];
    for (const [id, { asked, high, low }] of this.#debts) {
      const next = this.#nextOf(id, low);
      if (next >= high) continue;
      waiting.set(id, high - next);
      since.push(view.partition(id).bookkeeping?.writtenAt || asked.date.getTime());
    }
    if (waiting.size === 0) return undefined;
    return { since: Math.min(...since), waiting, isSlow: true };
  }

  #first(ends: ReadonlyMap<number, Watermarks>): Map<number, Debt> {
    const { clock, patienceMs, view } = this.#options;
    const asked = momentOf(clock);
    const late = [...ends].filter(([id]) => {
      const { bookkeeping, lines } = view.partition(id);
      // Totals without bookkeeping come from another program, so what they contain is unknown.
      if (!bookkeeping) return lines === 0n;
      return asked.date.getTime() - bookkeeping.writtenAt >= patienceMs;
    });
    return new Map(late.map(([id, ends]) => [id, { ...ends, asked }]));
  }

  #nextOf(id: number, low: number): number {
    return Math.max(low, this.#options.view.partition(id).bookkeeping?.inputOffset ?? low);
  }
}
