/** One partition of the history topic: what was read, and what pages may show. */

import { isNothing, linesIn } from "../../domain/sums.ts";
import {
  NO_HEAD,
  placeOf,
  type Reach,
  RING_NAMES,
  RINGS,
  type Ring,
  reachAt,
} from "../../history/rings.ts";
import { REST, Slot } from "../../history/slot.ts";
import { isBookkeepingKey } from "../../wire/bookkeeping.ts";
import {
  decodeHistoryBookkeeping,
  decodeHistoryKey,
  decodeHistorySlot,
  type HistoryBookkeeping,
} from "../../wire/history-record.ts";

/** A slot whose sums may have changed; `index` in the ring's unit since 1970. */
export interface Changed {
  ring: Ring;
  index: number;
}

type Slots = Readonly<Record<Ring, Map<number, Slot>>>;

/**
 * A transaction arrives record by record, with its bookkeeping last. Only then do its slots become
 * visible, so that no page shows half a transaction.
 */
export class HistoryPartition {
  readonly #idOf: (product: string) => number;
  #slots = emptySlots();
  /** By key: slots read since the last bookkeeping record; undefined = deleted. */
  #pending = new Map<string, Slot | undefined>();
  #note: HistoryBookkeeping | undefined;
  #reach: Reach = reachAt(NO_HEAD);
  #isCaughtUp = true;
  /** What pages show while the log is read again. */
  #before: { slots: Slots; note: HistoryBookkeeping | undefined; reach: Reach } | undefined;

  /** `idOf` gives each product one id, the same in all partitions. */
  constructor(idOf: (product: string) => number) {
    this.#idOf = idOf;
  }

  /** The visible bookkeeping; undefined if no aggregator has written here. */
  get note(): HistoryBookkeeping | undefined {
    return this.#before ? this.#before.note : this.#note;
  }

  /** The first read of the partition is not finished, so its content is unknown. */
  get isUnread(): boolean {
    return !this.#isCaughtUp && this.#before?.note === undefined;
  }

  /** Sales missing from history, because a broker that truncates its logs can lose slots. */
  get missing(): number {
    const { note } = this;
    if (!note) return 0;
    const held = this.#shownSlots().reduce((sum, slot) => sum + linesIn(slot.total()), 0n);
    return note.sales + note.returns - note.unrecorded - Number(linesIn(note.older) + held);
  }

  /** There are too many products for each to have its own entry. */
  get hasRest(): boolean {
    return this.#shownSlots().some((slot) => slot.has(REST));
  }

  get isWhole(): boolean {
    return this.#isCaughtUp && this.#pending.size === 0;
  }

  get contradiction(): string {
    return `holds ${this.#pending.size} slots of an incomplete transaction`;
  }

  /**
   * Takes one record; one without a value deletes the slot. Returns the slots that a bookkeeping
   * record made visible.
   * @throws NotAHistoryError
   */
  apply(key: Uint8Array, value: Uint8Array | null): Changed[] {
    if (!isBookkeepingKey(key)) {
      const { ring, place } = decodeHistoryKey(key);
      this.#pending.set(`${ring}/${place}`, value ? this.#slotOf(key, value) : undefined);
      return [];
    }
    this.#note = value ? decodeHistoryBookkeeping(value) : undefined;
    this.#reach = reachAt(this.#note?.head ?? NO_HEAD);
    const changed = this.#takeOver();
    return this.#before ? [] : changed;
  }

  /** The log is read again from its start. What is visible stays until `caughtUp`. */
  restart(): void {
    this.#before ??= { slots: this.#slots, note: this.#note, reach: this.#reach };
    this.#slots = emptySlots();
    this.#pending = new Map();
    this.#note = undefined;
    this.#reach = reachAt(NO_HEAD);
    this.#isCaughtUp = false;
  }

  /** All that the log held at `restart` is read. */
  caughtUp(): void {
    this.#isCaughtUp = true;
    this.#before = undefined;
  }

  /** The slots that make up slot `index` of `ring` now: its own, and finer ones. */
  slotsWithin(ring: Ring, index: number): Slot[] {
    const { slots, reach } = this.#shown;
    const found: Slot[] = [];
    for (const finer of RING_NAMES.slice(0, RING_NAMES.indexOf(ring) + 1)) {
      const count = RINGS[ring].seconds / RINGS[finer].seconds;
      const first = Math.max(reach[finer].first, index * count);
      const end = Math.min(reach[finer].end, (index + 1) * count);
      for (let i = first; i < end; i++) {
        const slot = slots[finer].get(placeOf(finer, i));
        if (slot?.index === i) found.push(slot);
      }
    }
    return found;
  }

  /** The start of the oldest slot, epoch seconds; undefined if there is none. */
  get since(): number | undefined {
    const starts = this.#shownSlots().map(({ ring, index }) => index * RINGS[ring].seconds);
    return starts.length === 0 ? undefined : starts.reduce((a, b) => Math.min(a, b));
  }

  get #shown(): { slots: Slots; reach: Reach } {
    return this.#before ?? { slots: this.#slots, reach: this.#reach };
  }

  /** The visible slots in reach. */
  #shownSlots(): Slot[] {
    const { slots, reach } = this.#shown;
    return RING_NAMES.flatMap((ring) => {
      const { first, end } = reach[ring];
      return [...slots[ring].values()].filter(({ index }) => index >= first && index < end);
    });
  }

  #slotOf(key: Uint8Array, value: Uint8Array): Slot {
    const { ring, index, products, rest } = decodeHistorySlot(key, value);
    const slot = new Slot(ring, index, { room: products.length + 1 });
    for (const { product, ...sums } of products) slot.addLarge(this.#idOf(product), sums, true);
    if (!isNothing(rest)) slot.addLarge(REST, rest, true);
    return slot;
  }

  #takeOver(): Changed[] {
    const changed: Changed[] = [];
    for (const [key, slot] of this.#pending) {
      const [ring, place] = key.split("/") as [Ring, string];
      const before = this.#slots[ring].get(Number(place));
      if (slot) this.#slots[ring].set(Number(place), slot);
      else this.#slots[ring].delete(Number(place));
      for (const each of [before, slot]) if (each) changed.push({ ring, index: each.index });
    }
    this.#pending.clear();
    return changed;
  }
}

function emptySlots(): Slots {
  return { second: new Map(), minute: new Map(), hour: new Map() };
}
