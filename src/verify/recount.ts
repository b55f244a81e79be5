/**
 * History, summed up again from the input and held against the topic. Only the slots that count at
 * the end: boundaries only rise, so that whatever belongs to one of them was never too late for it,
 * in whatever order it came and wherever transactions ended.
 */

import { formatAmount } from "../domain/money.ts";
import type { ProductIndex } from "../domain/products.ts";
import { isAtLeast, isSame, NO_SUMS, plus, type Sums } from "../domain/sums.ts";
import { placeOf, type Reach, RING_NAMES, RINGS, type Ring, reachAt } from "../history/rings.ts";
import { HISTORY_PRODUCTS_MAX, REST, type Slot } from "../history/slot.ts";
import { slotsInReach } from "../state/history-log.ts";
import type { HistoryBookkeeping } from "../wire/history-record.ts";
import type { ClaimedInput, Difference } from "./compare.ts";

/** What the history topic says of a partition: the note, and the slots that count by it. */
export interface FoundHistory {
  bookkeeping: HistoryBookkeeping;
  slots: readonly Slot[];
  /** Of the ids in the slots. */
  names: ProductIndex;
}

const encoder = new TextEncoder();

interface Counted {
  all: Sums;
  /** Of the products that have an entry in the slot of the topic: no others, for a bound. */
  products: Map<number, Sums>;
}

export class Recount {
  readonly #found: FoundHistory;
  readonly #reach: Reach;
  readonly #counted: Readonly<Record<Ring, Map<number, Counted>>> = {
    second: new Map(),
    minute: new Map(),
    hour: new Map(),
  };
  readonly #slots: Readonly<Record<Ring, Map<number, Slot>>> = {
    second: new Map(),
    minute: new Map(),
    hour: new Map(),
  };

  constructor(found: FoundHistory) {
    this.#found = found;
    this.#reach = reachAt(found.bookkeeping.head);
    for (const slot of found.slots) this.#slots[slot.ring].set(slot.index, slot);
  }

  /** One sale that happened in `second` since 1970. */
  add(second: number, product: string, sums: Sums): void {
    const at = this.#slotOf(second);
    if (!at) return;
    const { ring, index } = at;
    const counted = this.#counted[ring].get(index) ?? { all: NO_SUMS, products: new Map() };
    this.#counted[ring].set(index, counted);
    counted.all = plus(counted.all, sums);
    const id = this.#found.names.findOrAdd(encoder.encode(product));
    if (!this.#slots[ring].get(index)?.has(id)) return;
    counted.products.set(id, plus(counted.products.get(id) ?? NO_SUMS, sums));
  }

  /**
   * `products`: how many the partition has; each has its own entries up to a bound. `isRemoved`:
   * retention has taken input that history still contains.
   */
  differences(of: { partition: number; products: number; isRemoved: boolean }): Difference[] {
    const { bookkeeping } = this.#found;
    const differences: Difference[] = [];
    const isShort = bookkeeping.unrecorded > 0 || bookkeeping.ahead > 0;
    // Both at once, and nothing can be told of any slot.
    if (isShort && of.isRemoved) return differences;
    const agrees = isShort ? isAtMost : of.isRemoved ? isAtLeast : isSame;
    const differ = (slot: string, product: string | null, is: Sums, must: Sums) => {
      const texts = { recomputed: textOf(must), found: textOf(is) };
      differences.push({ partition: of.partition, slot, product, ...texts });
    };
    for (const ring of RING_NAMES) {
      for (const index of this.#indexes(ring)) {
        const found = this.#slots[ring].get(index);
        const counted = this.#counted[ring].get(index) ?? { all: NO_SUMS, products: new Map() };
        const all = found?.total() ?? NO_SUMS;
        if (!agrees(all, counted.all)) differ(nameOf(ring, index), null, all, counted.all);
        for (const id of found?.ids() ?? []) {
          if (id === REST) continue;
          const [is, must] = [found?.sums(id) ?? NO_SUMS, counted.products.get(id) ?? NO_SUMS];
          // What is not among the largest can have been a part of the rest meanwhile.
          const isWhole = of.products <= HISTORY_PRODUCTS_MAX || of.isRemoved;
          if (!(isWhole ? agrees : isAtMost)(is, must)) {
            differ(nameOf(ring, index), this.#found.names.name(id), is, must);
          }
        }
      }
    }
    return differences;
  }

  #slotOf(second: number): { ring: Ring; index: number } | undefined {
    for (const ring of RING_NAMES) {
      const index = Math.floor(second / RINGS[ring].seconds);
      const { first, end } = this.#reach[ring];
      if (index >= first && index < end) return { ring, index };
    }
    return undefined;
  }

  #indexes(ring: Ring): Set<number> {
    return new Set([...this.#slots[ring].keys(), ...this.#counted[ring].keys()]);
  }
}

/** History as found, and what becomes of it when the input is summed up again. */
export interface CheckedHistory {
  recount: Recount;
  /** Input offset up to which it goes, exclusive. */
  to: number;
  slots: number;
  /** What is wrong with it without a look at the input. */
  problems: Difference[];
}

/** What is to be compared; undefined where no history is kept. */
export function checkHistory({
  partition,
  history,
  restored,
}: ClaimedInput): CheckedHistory | undefined {
  if (!history?.bookkeeping) return undefined;
  const { bookkeeping: ofHistory, problem } = history;
  const found = {
    bookkeeping: ofHistory,
    slots: slotsInReach(history),
    names: restored.totals.products,
  };
  const problems: Difference[] = [];
  const differ = (recomputed: string, stands: string) => {
    problems.push({ partition, slot: "history", product: null, recomputed, found: stands });
  };
  if (problem) differ("history", problem);
  const broken = lawBroken(found);
  if (broken) differ(`${ofHistory.sales} sales in all`, broken);
  const recount = new Recount(found);
  const checked = { recount, to: ofHistory.inputOffset, slots: found.slots.length, problems };
  const { bookkeeping } = restored;
  // Else they were read at two moments, between which an aggregator went on.
  if (!bookkeeping || bookkeeping.inputOffset !== ofHistory.inputOffset) return checked;
  if (bookkeeping.sales !== BigInt(ofHistory.sales)) {
    differ(`${bookkeeping.sales} sales`, `${ofHistory.sales} sales`);
  }
  return checked;
}

/** The law of history: every sale is in one slot, or set aside. Undefined when it holds. */
export function lawBroken({ bookkeeping, slots }: Omit<FoundHistory, "names">): string | undefined {
  const inSlots = slots.reduce((sum, slot) => sum + slot.total().sales, 0n);
  const held = inSlots + bookkeeping.older.sales + BigInt(bookkeeping.unrecorded);
  if (held === BigInt(bookkeeping.sales)) return undefined;
  return `${inSlots} sales in slots, ${bookkeeping.older.sales} older and ${bookkeeping.unrecorded} unrecorded`;
}

function isAtMost(is: Sums, must: Sums): boolean {
  return isAtLeast(must, is);
}

/** "minute/20 from 2026-11-25T06:38:00Z": the key of its record, and the time. */
function nameOf(ring: Ring, index: number): string {
  const start = new Date(index * RINGS[ring].seconds * 1000).toISOString();
  return `${ring}/${placeOf(ring, index)} from ${start.replace(".000Z", "Z")}`;
}

function textOf({ sales, quantity, revenue }: Sums): string {
  if (sales === 0n) return "nothing";
  return `${sales} sales, ${quantity} units, ${formatAmount(revenue)}`;
}
