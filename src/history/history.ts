/**
 * The sales of one partition by the time of the sale, in two levels as in `totals.ts`, so that an
 * abort only discards.
 *
 * The law: each sale is in exactly one place. That is the slot of the finest ring that reaches back
 * to the sale, else `older`, or `unrecorded` if history was off when the sale was folded. As the
 * latest event moves on, slots that leave a ring move into the next coarser one.
 *
 *   apply()     adds sales
 *   seal()      freezes the slots and returns those that a transaction must write
 *   commit()    marks that transaction as committed
 *   rollback()  returns to the last commit, because the sales since then are read again
 *
 * Sales may be applied while a transaction writes the sealed slots: a sealed slot never changes,
 * and the first sale after the seal copies it.
 */

import { linesIn, plus, type Sums } from "../domain/sums.ts";
import { EMPTY_HISTORY, type HistoryState } from "./history-state.ts";
import type { Place, Reach, Ring } from "./rings.ts";
import { placeInTurn, placeOf, RING_NAMES, RINGS, reachAt } from "./rings.ts";
import { HISTORY_PRODUCTS_MAX, Slot } from "./slot.ts";

/** Growth of the sales after which the products with own entries are chosen again. */
const CHOICE_GROWTH_PERCENT = 10n;

/** What a transaction writes of history. */
export interface SealedHistory {
  /** Whole slots that never change, in no order. */
  slots: readonly Slot[];
  /** Places whose records must be deleted. */
  erased: readonly Place[];
}

/** Sales of one product in one second, added up. */
interface SecondOfSales {
  /** Since 1970, or `NO_TIME`. */
  second: number;
  id: number;
  quantity: number;
  amount: number;
  sales: number;
}

/** A place and its slot before the change. */
interface SlotChange extends Place {
  before: Slot | undefined;
}

export class History {
  /** The place from which unchanged slots are written next. */
  refreshFrom = 0;

  readonly #slots: Record<Ring, (Slot | undefined)[]> = {
    second: emptyRing("second"),
    minute: emptyRing("minute"),
    hour: emptyRing("hour"),
  };
  #now: HistoryState;
  #sealed: HistoryState;
  #committed: HistoryState;
  #reach: Reach;
  /** Slots before their change: since the seal, and between the last commit and the seal. */
  #undo: SlotChange[] = [];
  #undoSealed: SlotChange[] = [];
  #erased: readonly Place[];
  /** Products that get an entry of their own; undefined = the first to come. */
  #chosen: ReadonlySet<number> | undefined;
  #salesAtChoice = 0n;

  /**
   * Restores saved state; starts empty without arguments. Slots must be sealed, one per place.
   * `erased`: places whose records in Kafka must no longer count.
   */
  constructor(
    of: { state?: HistoryState; slots?: Iterable<Slot>; erased?: readonly Place[] } = {},
  ) {
    const { state = EMPTY_HISTORY, slots = [], erased = [] } = of;
    this.#now = { ...state };
    this.#committed = state;
    this.#sealed = state;
    this.#reach = reachAt(state.head);
    this.#erased = erased;
    for (const slot of slots) this.#slots[slot.ring][placeOf(slot.ring, slot.index)] = slot;
  }

  /** The state at the last seal. */
  get state(): Readonly<HistoryState> {
    return this.#sealed;
  }

  /** The slots in reach, including those that changed since the last seal. */
  get slots(): Slot[] {
    return RING_NAMES.flatMap((ring) =>
      this.#slots[ring].filter((slot) => slot !== undefined && this.#holds(slot)),
    ) as Slot[];
  }

  /** The approximate memory of all slots. */
  get bytes(): number {
    let bytes = 0;
    for (const ring of RING_NAMES) for (const slot of this.#slots[ring]) bytes += slot?.bytes ?? 8;
    return bytes;
  }

  /**
   * Adds sales; quantity and amount are between −2^53 and 2^53. A sale after `secondMax`, in
   * seconds since 1970, has a wrong time.
   */
  apply(row: SecondOfSales, secondMax: number): void {
    this.#now.sales += row.sales;
    const slot = this.#slotOfSale(row.second, secondMax);
    if (slot) slot.add(row, this.#isChosen(row.id));
    else {
      const [quantity, revenue] = [BigInt(row.quantity), BigInt(row.amount)];
      const sums = { quantity, revenue, sales: BigInt(row.sales), returns: 0n };
      this.#setAside(sums, row.second, secondMax);
    }
  }

  /** Adds sales with sums of any size. */
  applyLarge(
    { second, id, ...sums }: { second: number; id: number } & Sums,
    secondMax: number,
  ): void {
    this.#now.sales += Number(sums.sales);
    this.#now.returns += Number(sums.returns);
    const slot = this.#slotOfSale(second, secondMax);
    if (slot) slot.addLarge(id, sums, this.#isChosen(id));
    else this.#setAside(sums, second, secondMax);
  }

  /**
   * `refreshes`: writes as many other slots again, in turn, because the log is truncated and not
   * compacted.
   * @throws Error when the last seal is neither committed nor rolled back
   */
  seal({ refreshes = false } = {}): SealedHistory {
    if (this.#sealed !== this.#committed) {
      throw new Error("Cannot seal history: the last seal is undecided");
    }
    const slots = new Set<Slot>();
    for (const { ring, place } of this.#undo) {
      const slot = this.#slots[ring][place] as Slot;
      slot.seal();
      if (this.#holds(slot)) slots.add(slot);
    }
    const erased = this.#erased.filter(({ ring, place }) => {
      const slot = this.#slots[ring][place];
      return !slot || !this.#holds(slot);
    });
    if (refreshes) this.#refresh(slots);
    this.#undoSealed = this.#undo;
    this.#undo = [];
    this.#sealed = { ...this.#now };
    return { slots: [...slots], erased };
  }

  commit(): void {
    if (this.#sealed === this.#committed) return;
    this.#committed = this.#sealed;
    this.#undoSealed = [];
    this.#erased = [];
  }

  rollback(): void {
    const undo = [...this.#undoSealed, ...this.#undo].reverse();
    for (const { ring, place, before } of undo) this.#slots[ring][place] = before;
    this.#undo = [];
    this.#undoSealed = [];
    this.#sealed = this.#committed;
    this.#now = { ...this.#committed };
    this.#reach = reachAt(this.#committed.head);
  }

  /**
   * Above `HISTORY_PRODUCTS_MAX` products only the largest get entries of their own. They are
   * chosen when the bound is first exceeded, and again whenever sales have grown by a tenth.
   */
  choose(of: { products: number; sales: bigint; revenue(id: number): bigint }): void {
    const { products, sales } = of;
    if (products <= HISTORY_PRODUCTS_MAX) return;
    if (sales * 100n < this.#salesAtChoice * (100n + CHOICE_GROWTH_PERCENT)) return;
    this.#salesAtChoice = sales;
    const largest: { id: number; revenue: bigint }[] = [];
    for (let id = 0; id < products; id++) {
      const revenue = of.revenue(id);
      const isFull = largest.length === HISTORY_PRODUCTS_MAX;
      if (isFull && revenue <= (largest.at(-1)?.revenue ?? 0n)) continue;
      if (isFull) largest.pop();
      const at = largest.findIndex((other) => other.revenue < revenue);
      largest.splice(at < 0 ? largest.length : at, 0, { id, revenue });
    }
    this.#chosen = new Set(largest.map(({ id }) => id));
  }

  #isChosen(id: number): boolean {
    return this.#chosen ? this.#chosen.has(id) : id < HISTORY_PRODUCTS_MAX;
  }

  /** The slot of new sales; undefined when their time is wrong or out of reach. */
  #slotOfSale(second: number, secondMax: number): Slot | undefined {
    if (second < 0 || second > secondMax) return undefined;
    if (second > this.#now.head) this.#rise(second);
    return this.#slotAt(second);
  }

  /** The slot of a second up to the head, ready for changes; undefined when no ring reaches it. */
  #slotAt(second: number): Slot | undefined {
    if (second >= this.#reach.second.first) return this.#open("second", second);
    for (const ring of ["minute", "hour"] as const) {
      const index = Math.floor(second / RINGS[ring].seconds);
      if (index >= this.#reach[ring].first) return this.#open(ring, index);
    }
    return undefined;
  }

  #open(ring: Ring, index: number): Slot {
    const place = placeOf(ring, index);
    const before = this.#slots[ring][place];
    const isSame = before?.index === index;
    if (isSame && !before.isSealed) return before;
    // A slot that is not sealed was opened after the seal, so it is in the list already.
    if (!before || before.isSealed) this.#undo.push({ ring, place, before });
    const slot = isSame ? before.copy() : new Slot(ring, index);
    this.#slots[ring][place] = slot;
    return slot;
  }

  /** Moves slots that leave their ring into the next coarser one; `rings.ts` has an example. */
  #rise(head: number): void {
    const before = this.#reach;
    const now = reachAt(head);
    this.#now.head = head;
    this.#reach = now;
    // All boundaries move at whole minutes, so this one stands for all.
    if (before.second.first === now.second.first) return;
    // Coarse rings first, because a slot can take the place of one that leaves its ring.
    for (const ring of ["hour", "minute", "second"] as const) {
      const end = Math.min(before[ring].end, now[ring].first);
      for (let index = before[ring].first; index < end; index++) {
        const slot = this.#slots[ring][placeOf(ring, index)];
        if (slot?.index === index) this.#move(slot);
      }
    }
  }

  /**
   * Merges a slot into the slot where its time belongs now, which can be two rings further after a
   * pause. Leaves the old slot unchanged: it is out of reach and no longer counts.
   */
  #move(slot: Slot): void {
    const coarser = this.#slotAt(slot.index * RINGS[slot.ring].seconds);
    if (coarser) coarser.merge(slot, (id) => this.#isChosen(id));
    else this.#now.older = plus(this.#now.older, slot.total());
  }

  #setAside(sums: Sums, second: number, secondMax: number): void {
    const now = this.#now;
    now.older = plus(now.older, sums);
    const lines = Number(linesIn(sums));
    if (second < 0) now.untimed += lines;
    else if (second > secondMax) now.ahead += lines;
    else now.late += lines;
  }

  #holds({ ring, index }: Slot): boolean {
    return index >= this.#reach[ring].first && index < this.#reach[ring].end;
  }

  /** Adds as many other slots as `slots` has, and one more, from where the last turn ended. */
  #refresh(slots: Set<Slot>): void {
    const due = Math.min(slots.size * 2 + 1, this.#held());
    while (slots.size < due) {
      // By place, because the number of a slot changes when other slots come or go.
      const { ring, place } = placeInTurn(this.refreshFrom++);
      const slot = this.#slots[ring][place];
      if (slot && this.#holds(slot)) slots.add(slot);
    }
  }

  /** How many slots are in reach. */
  #held(): number {
    let held = 0;
    for (const ring of RING_NAMES) {
      for (const slot of this.#slots[ring]) if (slot && this.#holds(slot)) held++;
    }
    return held;
  }
}

function emptyRing(ring: Ring): undefined[] {
  return new Array<undefined>(RINGS[ring].slots).fill(undefined);
}
