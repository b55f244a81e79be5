/**
 * The materialised view of the history topic: sales per slot of time, over all partitions. Exact;
 * only drawing may round.
 */

import { linesIn, minus, NO_SUMS, plus, type Sums } from "../../domain/sums.ts";
import { NO_HEAD, RINGS, type Ring } from "../../history/rings.ts";
import { RunningSums, Sheet } from "../../history/running-sums.ts";
import { REST, type Slot } from "../../history/slot.ts";
import { type Changed, HistoryPartition } from "./history-partition.ts";
import { placeOf, type TopicView } from "./topic-view.ts";

/** The sales of consecutive slots, the oldest first. */
export interface Series {
  /** Epoch seconds. */
  readonly start: number;
  /** The length of a slot, seconds. */
  readonly step: number;
  readonly all: readonly Sums[];
  /** The requested products, in that order. */
  readonly products: readonly { readonly product: string; readonly sums: readonly Sums[] }[];
  /** All other products. */
  readonly rest: readonly Sums[];
}

/** The state of history, and the sales of the totals that are in no slot. */
export interface Notes {
  /** `none`: no aggregator has written any; `reading`: that is not known yet. */
  readonly state: "none" | "reading" | "kept";
  /** Sales before all slots, or without a usable time. */
  readonly older: bigint;
  /** Sales of unknown time, because history was off or slots were lost. */
  readonly unknown: number;
  /** Some products have no entries of their own. */
  readonly hasRest: boolean;
}

/** The last minutes of a product. */
export interface Recent {
  /** Sales of the last 60 s. */
  readonly minute: Sums;
  /** Revenue of each of the last `RECENT_MINUTES` minutes, the oldest first. */
  readonly minutes: readonly bigint[];
}

const RECENT_MINUTES = 15;
/** Sales this far ahead of our clock count as now, because clocks differ. */
const AHEAD_SECONDS_MAX = 60;

/** Follows the history topic and shows only committed sales. */
export class HistoryView implements TopicView {
  readonly #partitions = new Map<number, HistoryPartition>();
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [];
  #changed = new Map<string, Changed>();
  #version = 0;
  #recent: { second: number; of: ReadonlyMap<string, Recent>; minute: Sums } | undefined;
  readonly #topics: number;

  /** `topics`: input topics, each with a history topic. */
  constructor({ topics = 1 } = {}) {
    this.#topics = topics;
  }

  apply(id: number, key: Uint8Array | null, value: Uint8Array | null): void {
    if (key === null) return;
    for (const changed of this.partition(id).apply(key, value)) {
      this.#changed.set(`${changed.ring}/${changed.index}`, changed);
    }
  }

  restart(id: number): void {
    this.partition(id).restart();
  }

  markCaughtUp(id: number): void {
    this.partition(id).caughtUp();
    this.#version++;
  }

  partition(id: number): HistoryPartition {
    const partition =
      this.#partitions.get(id) ?? new HistoryPartition((product) => this.#idOf(product));
    this.#partitions.set(id, partition);
    return partition;
  }

  /** Rises when a partition was read again. Any slot may then differ; `takeChanged` names none. */
  get version(): number {
    return this.#version;
  }

  /** At least one partition has history, and all are read. */
  get isKept(): boolean {
    return this.state === "kept";
  }

  get notes(): Notes {
    const partitions = [...this.#partitions.values()];
    return {
      state: this.state,
      older: partitions.reduce((sum, { note }) => sum + linesIn(note?.older ?? NO_SUMS), 0n),
      unknown: partitions.reduce((sum, { note, missing }) => {
        return sum + (note?.unrecorded ?? 0) + missing;
      }, 0),
      hasRest: partitions.some(({ hasRest }) => hasRest),
    };
  }

  /** `kept` only when all partitions are read, because sums of some would be wrong. */
  get state(): Notes["state"] {
    const partitions = [...this.#partitions.values()];
    if (partitions.some(({ isUnread }) => isUnread) || this.#lacksTopic) return "reading";
    return partitions.some(({ note }) => note !== undefined) ? "kept" : "none";
  }

  /** The start of the oldest slot, epoch seconds; undefined if there is none. */
  get since(): number | undefined {
    const starts = [...this.#partitions.values()].flatMap(({ since }) => since ?? []);
    return starts.length === 0 ? undefined : Math.min(...starts);
  }

  /** The second of the latest sale, epoch seconds; undefined if there is none. */
  get latest(): number | undefined {
    const heads = [...this.#partitions.values()].flatMap(({ note }) => note?.head ?? []);
    const latest = Math.max(...heads, NO_HEAD);
    return latest === NO_HEAD ? undefined : latest;
  }

  /** Slots that changed since the last call. Only one reader may call this. */
  takeChanged(): readonly Changed[] {
    const changed = [...this.#changed.values()];
    this.#changed.clear();
    return changed;
  }

  /** `count` slots of `ring` from slot `first`, with each of `products` separately. */
  series(ring: Ring, range: { first: number; count: number }, products: readonly string[]): Series {
    const { seconds: step } = RINGS[ring];
    const ids = products.map((product) => this.#ids.get(product));
    const moments = indexes(range).map((index) => this.#slots(ring, index));
    const sumUp = (add: (slot: Slot, sum: RunningSums) => void) =>
      moments.map((slots) => {
        const sum = new RunningSums();
        for (const slot of slots) add(slot, sum);
        return sum.value;
      });
    const all = sumUp((slot, sum) => slot.addAllTo(sum));
    const lines = ids.map((id) => sumUp((slot, sum) => id !== undefined && slot.addOneTo(sum, id)));
    return {
      start: range.first * step,
      step,
      all,
      products: products.map((product, i) => ({ product, sums: lines[i] as Sums[] })),
      rest: all.map((sums, at) =>
        lines.reduce((rest, line) => minus(rest, line[at] ?? NO_SUMS), sums),
      ),
    };
  }

  /** The best-selling products of a span, by revenue. */
  largest(ring: Ring, range: { first: number; count: number }, count: number): string[] {
    const sums = this.#sheetOf(ring, range).values;
    sums.delete(REST);
    const order = [...sums].sort(([a, { revenue: x }], [b, { revenue: y }]) => {
      return x === y ? a - b : x > y ? -1 : 1;
    });
    return order.slice(0, count).map(([id]) => this.#names[id] as string);
  }

  /**
   * The sales of each product in each slot, and those of the rest (`product` undefined), the oldest
   * slot first. Skips products without sales in a slot. `start` in epoch seconds.
   */
  *rows(
    ring: Ring,
    range: { first: number; count: number },
  ): Generator<{ start: number; product: string | undefined; sums: Sums }> {
    for (const index of indexes(range)) {
      const start = index * RINGS[ring].seconds;
      const { values } = this.#sheetOf(ring, { first: index, count: 1 });
      for (const [id, sums] of values) yield { start, product: this.#names[id], sums };
    }
  }

  /** The sales of a span by product, and those of the rest (undefined) if there are any. */
  totals(
    ring: Ring,
    range: { first: number; count: number },
  ): ReadonlyMap<string | undefined, Sums> {
    const { values } = this.#sheetOf(ring, range);
    return new Map([...values].map(([id, sums]) => [this.#names[id], sums]));
  }

  /**
   * The last minutes of all products with recent sales. Computed once a second, because it adds up
   * hundreds of slots. `now` in epoch milliseconds.
   */
  recent(now: number): ReadonlyMap<string, Recent> {
    return this.#recentAt(now).of;
  }

  /** What all products sold in the last minute. `now` in epoch milliseconds. */
  lastMinute(now: number): Sums {
    return this.#recentAt(now).minute;
  }

  #recentAt(now: number): { of: ReadonlyMap<string, Recent>; minute: Sums } {
    const second = Math.floor(now / 1000);
    if (this.#recent?.second === second) return this.#recent;
    let minute = NO_SUMS;
    const of = new Map<string, { minute: Sums; minutes: bigint[] }>();
    for (let at = 0; at < RECENT_MINUTES; at++) {
      const isLast = at === RECENT_MINUTES - 1;
      const first = second - (RECENT_MINUTES - at) * 60 + 1;
      const count = 60 + (isLast ? AHEAD_SECONDS_MAX : 0);
      for (const [id, sums] of this.#sheetOf("second", { first, count }).values) {
        if (isLast) minute = plus(minute, sums);
        if (id === REST) continue;
        const product = this.#names[id] as string;
        const recent = of.get(product) ?? { minute: NO_SUMS, minutes: noMinutes() };
        of.set(product, recent);
        recent.minutes[at] = sums.revenue;
        if (isLast) recent.minute = sums;
      }
    }
    this.#recent = { second, of, minute };
    return this.#recent;
  }

  /** The sales of a span, by product. */
  #sheetOf(ring: Ring, range: { first: number; count: number }): Sheet {
    const sheet = new Sheet();
    for (const index of indexes(range)) {
      for (const slot of this.#slots(ring, index)) slot.addEachTo(sheet);
    }
    return sheet;
  }

  /** The slots of all partitions within slot `index` of `ring`, finer ones included. */
  #slots(ring: Ring, index: number): Slot[] {
    return [...this.#partitions.values()].flatMap((partition) => {
      return partition.slotsWithin(ring, index);
    });
  }

  /** Partitions of some topics are known, and none of another. */
  get #lacksTopic(): boolean {
    if (this.#topics === 1) return false;
    const known = new Set([...this.#partitions.keys()].map((id) => placeOf(id).topic));
    return known.size > 0 && known.size < this.#topics;
  }

  #idOf(product: string): number {
    const known = this.#ids.get(product);
    if (known !== undefined) return known;
    this.#names.push(product);
    this.#ids.set(product, this.#names.length - 1);
    return this.#names.length - 1;
  }
}

function indexes({ first, count }: { first: number; count: number }): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

function noMinutes(): bigint[] {
  return Array.from({ length: RECENT_MINUTES }, () => 0n);
}
