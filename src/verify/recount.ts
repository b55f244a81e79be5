/**
 * Sums up history again from the input and compares it with the topic. It checks only the slots in
 * reach at the end. The boundaries only rise, so no sale in these slots was ever late, whatever the
 * order of the sales and the bounds of the transactions.
 */

import type { ProductIndex } from "../domain/products.ts";
import { isAtLeast, isSame, linesIn, NO_SUMS, plus, type Sums } from "../domain/sums.ts";
import { placeOf, type Reach, RING_NAMES, RINGS, type Ring, reachAt } from "../history/rings.ts";
import { HISTORY_PRODUCTS_MAX, REST, type Slot } from "../history/slot.ts";
import { slotsInReach } from "../state/history-log.ts";
import type { HistoryBookkeeping } from "../wire/history-record.ts";
import { type ClaimedInput, type Difference, totalText } from "./compare.ts";

/** What the history topic says about a partition: its bookkeeping, and the slots in reach. */
export interface FoundHistory {
  bookkeeping: HistoryBookkeeping;
  slots: readonly Slot[];
  /** The names of the ids in the slots. */
  names: ProductIndex;
}

const encoder = new TextEncoder();

interface Counted {
  all: Sums;
  /** Only products with an entry in the topic's slot, so that the map stays bounded. */
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

  /** Adds one line in `second` since 1970. */
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
   * `products`: the number of products of the partition, which decides whether each has its own
   * entries. `isRemoved`: retention removed input that history still contains.
   */
  differences(of: { partition: number; products: number; isRemoved: boolean }): Difference[] {
    const { bookkeeping } = this.#found;
    const differences: Difference[] = [];
    const isShort = bookkeeping.unrecorded > 0 || bookkeeping.ahead > 0;
    // If sales are missing on both sides, no slot can be checked.
    if (isShort && of.isRemoved) return differences;
    const agrees = isShort ? isAtMost : of.isRemoved ? isAtLeast : isSame;
    const differ = (slot: string, product: string | null, is: Sums, must: Sums) => {
      const texts = { recomputed: totalText(must), found: totalText(is) };
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
          // A product below the largest can have counted as part of the rest for a time.
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

/** A partition's history in the topic, and its recount from the input. */
export interface CheckedHistory {
  recount: Recount;
  /** The input offset that history reaches, exclusive. */
  to: number;
  slots: number;
  /** Problems that show without the input. */
  problems: Difference[];
}

/** Prepares the check; undefined if the partition has no history. */
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
  if (broken) differ(`${ofHistory.sales + ofHistory.returns} sales in all`, broken);
  const recount = new Recount(found);
  const checked = { recount, to: ofHistory.inputOffset, slots: found.slots.length, problems };
  const { bookkeeping } = restored;
  // Different offsets: an aggregator committed between the two reads.
  if (!bookkeeping || bookkeeping.inputOffset !== ofHistory.inputOffset) return checked;
  for (const name of ["sales", "returns"] as const) {
    const [must, is] = [bookkeeping[name], BigInt(ofHistory[name])];
    if (must !== is) differ(`${must} ${name}`, `${is} ${name}`);
  }
  return checked;
}

/**
 * How history breaks its law (every line, sold or returned, is in one slot, or set aside);
 * undefined = it holds.
 */
export function lawBroken({ bookkeeping, slots }: Omit<FoundHistory, "names">): string | undefined {
  const inSlots = slots.reduce((sum, slot) => sum + linesIn(slot.total()), 0n);
  const { older, unrecorded, sales, returns } = bookkeeping;
  const held = inSlots + linesIn(older) + BigInt(unrecorded);
  if (held === BigInt(sales + returns)) return undefined;
  return `${inSlots} sales in slots, ${linesIn(older)} older and ${unrecorded} unrecorded`;
}

function isAtMost(is: Sums, must: Sums): boolean {
  return isAtLeast(must, is);
}

/** "minute/20 from 2026-11-25T06:38:00Z": the key of the slot's record, and its start. */
function nameOf(ring: Ring, index: number): string {
  const start = new Date(index * RINGS[ring].seconds * 1000).toISOString();
  return `${ring}/${placeOf(ring, index)} from ${start.replace(".000Z", "Z")}`;
}
