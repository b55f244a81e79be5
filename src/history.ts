/**
 * The sales of one partition by the time at which they happened, in two levels as in `totals.ts`,
 * so that an abort is a discard.
 *
 * The law: each sale is in exactly one place, which is the slot of the finest ring that reaches
 * back to it, or `older`, or, if history was not kept when it was folded, among the `unrecorded`.
 * When the latest event moves on, what leaves a ring moves into the next coarser one.
 *
 *   apply()     adds sales
 *   seal()      freezes what is there, and says which slots a transaction must write
 *   commit()    that transaction is committed
 *   rollback()  returns to the last commit: the sales since then will be read again
 *
 * Sales may be applied while what was sealed is on its way to Kafka: a sealed slot never changes,
 * and the first sale after the seal makes a copy of it.
 */

import { NO_HEAD, placeOf, type Reach, RING_NAMES, RINGS, type Ring, reachAt } from "./rings.ts";
import { HISTORY_PRODUCTS_MAX, NO_SUMS, plus, Slot, type Sums } from "./slot.ts";

/** Of the products with slots of their own a new choice is made when sales have grown so much. */
const CHOICE_GROWTH_PERCENT = 10n;

/** All of the history of a partition but its slots. */
export interface HistoryState {
  /** The latest second in which a sale happened, or `NO_HEAD`. It only rises. */
  head: number;
  /** Sales that were folded, wherever they are now: equals the sales in the totals. */
  sales: number;
  /** Those that no slot holds: the rings have gone on since, or had when they came; or no time. */
  older: Sums;
  /** Of the older ones: those that came when no ring reached back to them any more. */
  late: number;
  /** Of the older ones: those of which no time is known, or one before 1970. */
  untimed: number;
  /** Of the older ones: those with a time that was still to come. */
  ahead: number;
  /** Folded when history was not kept, or lost with it: all that is known is their number. */
  unrecorded: number;
}

/** A slot's place, wherever its ring is at the moment. */
export interface Place {
  ring: Ring;
  place: number;
}

/** What a transaction writes. */
export interface SealedHistory {
  /** Complete, in no order, and never changing. */
  slots: readonly Slot[];
  /** Places of which nothing must be left. */
  erased: readonly Place[];
}

/** Sales of one product that happened in one second, added up. */
interface Row {
  /** Since 1970, or `NO_TIME`. */
  second: number;
  id: number;
  quantity: number;
  amount: number;
  sales: number;
}

/** A place, and what stood there before. */
interface Change extends Place {
  before: Slot | undefined;
}

const EMPTY: HistoryState = {
  head: NO_HEAD,
  sales: 0,
  older: NO_SUMS,
  late: 0,
  untimed: 0,
  ahead: 0,
  unrecorded: 0,
};

export class History {
  /** What claims to have happened after this second has a wrong time. Set before each fold. */
  secondMax = Number.POSITIVE_INFINITY;
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
  /** The slots before they were changed: since the seal, and between last commit and seal. */
  #undo: Change[] = [];
  #undoSealed: Change[] = [];
  #erased: readonly Place[];
  /** Products that get slots of their own; undefined: the first ones. */
  #chosen: ReadonlySet<number> | undefined;
  #salesAtChoice = 0n;

  /**
   * From what was kept, slots sealed and each the only one of its place; without it, a history that
   * begins. `erased`: places of slots in Kafka that must not count any more.
   */
  constructor(
    of: { state?: HistoryState; slots?: Iterable<Slot>; erased?: readonly Place[] } = {},
  ) {
    const { state = EMPTY, slots = [], erased = [] } = of;
    this.#now = { ...state };
    this.#committed = state;
    this.#sealed = state;
    this.#reach = reachAt(state.head);
    this.#erased = erased;
    for (const slot of slots) this.#slots[slot.ring][placeOf(slot.ring, slot.index)] = slot;
  }

  /** As sealed last. */
  get state(): Readonly<HistoryState> {
    return this.#sealed;
  }

  /** The slots that count, those that changed since the last seal among them. */
  get slots(): Slot[] {
    return RING_NAMES.flatMap((ring) =>
      this.#slots[ring].filter((slot) => slot !== undefined && this.#holds(slot)),
    ) as Slot[];
  }

  /** About how much memory it takes. */
  get bytes(): number {
    let bytes = 0;
    for (const ring of RING_NAMES) for (const slot of this.#slots[ring]) bytes += slot?.bytes ?? 8;
    return bytes;
  }

  /** Quantity and amount each below 2^53. */
  apply(row: Row): void {
    this.#now.sales += row.sales;
    const slot = this.#slotAt(row.second);
    if (slot) slot.add(row, this.#isChosen(row.id));
    else {
      const [quantity, price] = [BigInt(row.quantity), BigInt(row.amount)];
      this.#setAside(row.second, { quantity, price, sales: BigInt(row.sales) });
    }
  }

  /** Sums of any size. */
  applyLarge({ second, id, ...sums }: { second: number; id: number } & Sums): void {
    this.#now.sales += Number(sums.sales);
    const slot = this.#slotAt(second);
    if (slot) slot.addLarge(id, sums, this.#isChosen(id));
    else this.#setAside(second, sums);
  }

  /**
   * `refreshes`: where logs are not compacted but cut, as many others are written again, in turn.
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
   * Above `HISTORY_PRODUCTS_MAX` products the largest of them get slots of their own: chosen when
   * there are more for the first time, and anew whenever the sales have grown by a tenth.
   */
  choose(of: { products: number; sales: bigint; price(id: number): bigint }): void {
    const { products, sales } = of;
    if (products <= HISTORY_PRODUCTS_MAX) return;
    if (sales * 100n < this.#salesAtChoice * (100n + CHOICE_GROWTH_PERCENT)) return;
    this.#salesAtChoice = sales;
    const largest: { id: number; price: bigint }[] = [];
    for (let id = 0; id < products; id++) {
      const price = of.price(id);
      const isFull = largest.length === HISTORY_PRODUCTS_MAX;
      if (isFull && price <= (largest.at(-1)?.price ?? 0n)) continue;
      if (isFull) largest.pop();
      const at = largest.findIndex((other) => other.price < price);
      largest.splice(at < 0 ? largest.length : at, 0, { id, price });
    }
    this.#chosen = new Set(largest.map(({ id }) => id));
  }

  #isChosen(id: number): boolean {
    return this.#chosen ? this.#chosen.has(id) : id < HISTORY_PRODUCTS_MAX;
  }

  /** The slot of a second, open to changes; undefined when no ring reaches it. */
  #slotAt(second: number): Slot | undefined {
    if (second < 0 || second > this.secondMax) return undefined;
    if (second > this.#now.head) this.#rise(second);
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
    // What is not sealed was opened after the seal, and stands in the list already.
    if (!before || before.isSealed) this.#undo.push({ ring, place, before });
    const slot = isSame ? before.copy() : new Slot(ring, index);
    this.#slots[ring][place] = slot;
    return slot;
  }

  /** Moves what leaves a ring to where it belongs now. */
  #rise(head: number): void {
    const before = this.#reach;
    const now = reachAt(head);
    this.#now.head = head;
    this.#reach = now;
    // All boundaries move at whole minutes, as this one does.
    if (before.second.first === now.second.first) return;
    // The coarse ones first: a slot can take the place of one that leaves its ring.
    for (const ring of ["hour", "minute", "second"] as const) {
      const end = Math.min(before[ring].end, now[ring].first);
      for (let index = before[ring].first; index < end; index++) {
        const slot = this.#slots[ring][placeOf(ring, index)];
        if (slot?.index === index) this.#move(slot);
      }
    }
  }

  /** The slot that is left behind stays as it is: out of reach, it does not count any more. */
  #move(slot: Slot): void {
    const coarser = this.#slotAt(slot.index * RINGS[slot.ring].seconds);
    if (coarser) coarser.merge(slot, (id) => this.#isChosen(id));
    else this.#now.older = plus(this.#now.older, slot.total());
  }

  #setAside(second: number, sums: Sums): void {
    const now = this.#now;
    now.older = plus(now.older, sums);
    if (second < 0) now.untimed += Number(sums.sales);
    else if (second > this.secondMax) now.ahead += Number(sums.sales);
    else now.late += Number(sums.sales);
  }

  #holds({ ring, index }: Slot): boolean {
    return index >= this.#reach[ring].first && index < this.#reach[ring].end;
  }

  /** Adds as many slots as there are already, and one, going on from where it ended last. */
  #refresh(slots: Set<Slot>): void {
    // By place, wherever a slot comes or goes meanwhile: its number among all would change then.
    const places = RING_NAMES.flatMap((ring) => this.#slots[ring]);
    const due = Math.min(slots.size * 2 + 1, this.slots.length);
    while (slots.size < due) {
      const slot = places[this.refreshFrom++ % places.length];
      if (slot && this.#holds(slot)) slots.add(slot);
    }
  }
}

function emptyRing(ring: Ring): undefined[] {
  return Array.from({ length: RINGS[ring].slots }, () => undefined);
}
