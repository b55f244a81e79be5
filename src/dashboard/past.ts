/**
 * The past, as pages need it: what was sold in each slot of time, in all partitions together.
 * Exact; what draws it may round.
 */

import { RINGS, type Ring } from "../rings.ts";
import { NO_SUMS, plus, REST, type Sums } from "../slot.ts";
import { type Changed, PastPartition } from "./past-partition.ts";
import type { TopicView } from "./topic-view.ts";

/** What was sold within one slot of time. */
export interface Moment {
  readonly all: Sums;
  /** By product's id; `REST`: those without an entry of their own. */
  readonly parts: ReadonlyMap<number, Sums>;
}

/** What was sold in consecutive slots, the oldest first. */
export interface Series {
  /** Epoch seconds. */
  readonly start: number;
  /** Seconds of a slot. */
  readonly step: number;
  readonly all: readonly Sums[];
  /** As many as were asked for, in that order. */
  readonly products: readonly { readonly product: string; readonly sums: readonly Sums[] }[];
  /** All others. */
  readonly rest: readonly Sums[];
}

/** What is known of a product's last minutes. */
export interface Recent {
  /** Within the last 60 s. */
  readonly minute: Sums;
  /** Revenue of each of the last `RECENT_MINUTES`, the oldest first; of all together with the last. */
  readonly minutes: readonly bigint[];
}

const RECENT_MINUTES = 15;
/** The clocks of others and ours may differ: what is that much ahead of us is now. */
const AHEAD_SECONDS_MAX = 60;

/** Follows the history topic; what it says is what is committed. */
export class Past implements TopicView {
  readonly #partitions = new Map<number, PastPartition>();
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [];
  #changed = new Map<string, Changed>();
  #recent: { second: number; of: ReadonlyMap<string, Recent> } | undefined;

  apply(id: number, key: Uint8Array | null, value: Uint8Array | null): void {
    if (key === null) return;
    for (const changed of this.partition(id).apply(key, value)) {
      this.#changed.set(`${changed.ring}/${changed.index}`, changed);
    }
  }

  restart(id: number): void {
    this.partition(id).restart();
  }

  caughtUp(id: number): void {
    this.partition(id).caughtUp();
  }

  partition(id: number): PastPartition {
    const partition =
      this.#partitions.get(id) ?? new PastPartition((product) => this.#idOf(product));
    this.#partitions.set(id, partition);
    return partition;
  }

  /** History is kept somewhere. */
  get isKept(): boolean {
    return [...this.#partitions.values()].some(({ note }) => note !== undefined);
  }

  /** When the oldest slot begins, epoch seconds; undefined when there is none. */
  get since(): number | undefined {
    const starts = [...this.#partitions.values()].flatMap(({ since }) => since ?? []);
    return starts.length === 0 ? undefined : Math.min(...starts);
  }

  /** Sales in the totals that are in no slot, by reason. */
  get gaps(): { older: bigint; late: number; unrecorded: number; missing: number } {
    const gaps = { older: 0n, late: 0, unrecorded: 0, missing: 0 };
    for (const partition of this.#partitions.values()) {
      const { note, missing } = partition;
      gaps.older += note?.older.sales ?? 0n;
      gaps.late += note?.late ?? 0;
      gaps.unrecorded += note?.unrecorded ?? 0;
      gaps.missing += missing;
    }
    return gaps;
  }

  /** Slots that changed since the last call: one reader asks, and tells the others. */
  takeChanged(): readonly Changed[] {
    const changed = [...this.#changed.values()];
    this.#changed.clear();
    return changed;
  }

  /** What was sold in slot `index` of `ring`, which may have passed into coarser rings since. */
  moment(ring: Ring, index: number): Moment {
    const parts = new Map<number, Sums>();
    let all = NO_SUMS;
    for (const partition of this.#partitions.values()) {
      for (const slot of partition.slotsWithin(ring, index)) {
        for (const id of slot.ids()) {
          const sums = slot.sums(id);
          parts.set(id, plus(parts.get(id) ?? NO_SUMS, sums));
          all = plus(all, sums);
        }
      }
    }
    return { all, parts };
  }

  /** `count` slots of `ring` from slot `first` on, each of `products` by itself. */
  series(ring: Ring, range: { first: number; count: number }, products: readonly string[]): Series {
    const { seconds: step } = RINGS[ring];
    const moments = this.#moments(ring, range);
    const ids = products.map((product) => this.#ids.get(product) ?? Number.NaN);
    const sumsOf = (id: number) => moments.map(({ parts }) => parts.get(id) ?? NO_SUMS);
    return {
      start: range.first * step,
      step,
      all: moments.map(({ all }) => all),
      products: products.map((product, i) => ({ product, sums: sumsOf(ids[i] as number) })),
      rest: moments.map((moment) => restOf(moment, ids)),
    };
  }

  /** Those that have sold most in a span, by revenue. */
  largest(ring: Ring, range: { first: number; count: number }, count: number): string[] {
    const prices = new Map<number, bigint>();
    for (const { parts } of this.#moments(ring, range)) {
      for (const [id, { price }] of parts) prices.set(id, (prices.get(id) ?? 0n) + price);
    }
    prices.delete(REST);
    const order = [...prices].sort(([a, x], [b, y]) => (x === y ? a - b : x > y ? -1 : 1));
    return order.slice(0, count).map(([id]) => this.#names[id] as string);
  }

  /**
   * What each product sold in each slot, and the rest (`product` undefined), the oldest slot first;
   * nothing of those that sold nothing in it. `start` in epoch seconds.
   */
  *rows(
    ring: Ring,
    range: { first: number; count: number },
  ): Generator<{ start: number; product: string | undefined; sums: Sums }> {
    for (const [i, { parts }] of this.#moments(ring, range).entries()) {
      const start = (range.first + i) * RINGS[ring].seconds;
      for (const [id, sums] of parts) yield { start, product: this.#names[id], sums };
    }
  }

  /**
   * Of all products that have sold lately; as of once a second, for hundreds of slots are added up.
   * `now` in epoch milliseconds.
   */
  recent(now: number): ReadonlyMap<string, Recent> {
    const second = Math.floor(now / 1000);
    const known = this.#recent;
    if (known?.second === second) return known.of;
    const of = new Map<string, { minute: Sums; minutes: bigint[] }>();
    const first = second - RECENT_MINUTES * 60 + 1;
    const count = RECENT_MINUTES * 60 + AHEAD_SECONDS_MAX;
    for (const [i, { parts }] of this.#moments("second", { first, count }).entries()) {
      const at = Math.min(RECENT_MINUTES - 1, Math.floor(i / 60));
      for (const [id, sums] of parts) {
        if (id === REST) continue;
        const product = this.#names[id] as string;
        const recent = of.get(product) ?? { minute: NO_SUMS, minutes: noMinutes() };
        of.set(product, recent);
        recent.minutes[at] = (recent.minutes[at] as bigint) + sums.price;
        if (at === RECENT_MINUTES - 1) recent.minute = plus(recent.minute, sums);
      }
    }
    this.#recent = { second, of };
    return of;
  }

  #moments(ring: Ring, { first, count }: { first: number; count: number }): Moment[] {
    return Array.from({ length: count }, (_, i) => this.moment(ring, first + i));
  }

  #idOf(product: string): number {
    const known = this.#ids.get(product);
    if (known !== undefined) return known;
    this.#names.push(product);
    this.#ids.set(product, this.#names.length - 1);
    return this.#names.length - 1;
  }
}

function restOf({ parts }: Moment, ids: readonly number[]): Sums {
  let rest = NO_SUMS;
  for (const [id, sums] of parts) if (!ids.includes(id)) rest = plus(rest, sums);
  return rest;
}

function noMinutes(): bigint[] {
  return Array.from({ length: RECENT_MINUTES }, () => 0n);
}
