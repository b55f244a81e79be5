/**
 * What each product of one partition has sold on each day, in two levels as in `totals.ts`.
 *
 * The law: each line of the totals is in exactly one day that is kept, or counted as outside of
 * them. The latest day of a product stands beside its total, because nearly all sales are of that
 * day. A day becomes an ended one when its product sells on a later day.
 *
 * Nearly all sales between two seals are of one day too. So only the others are added up apart, and
 * the seal takes those from the growth of the totals: the rest is of the one day.
 */

import { DAY_PLACES, firstDayKept, isDayKept } from "./day.ts";
import { addExact, type ExactSums, NOTHING, sumsOf } from "./exact.ts";
import { isNothing, type Sums } from "./sums.ts";

/** The day of a line whose time is unknown or wrong. */
export const OUTSIDE = -1;

/** The latest day while no sale has one: 1970-01-01. */
const NO_DAY = 0;

/** Where the days stand. Days are counted from 1970-01-01. */
export interface DaysState {
  /** The time zone that the days are of. */
  readonly zone: string;
  /** The latest day with a sale. */
  readonly latest: number;
  /** Lines sold that are in the totals and in no day that is kept. */
  readonly outsideSales: bigint;
  readonly outsideReturns: bigint;
  /** Days up to this one may lack sales; undefined = all are complete. */
  readonly since: number | undefined;
}

/** What the next seal needs to know. */
export interface DaysTerms {
  zone: string;
  /** The latest day that a sale can be of at the moment. */
  today: number;
  /** False: the times of sales are unknown for now, because history is off. */
  isTimed: boolean;
}

/** The sums of a product on one day. Never changed. */
export interface DayEntry extends ExactSums {
  readonly day: number;
}

/** What a product has sold on a day. */
export interface ProductDay {
  id: number;
  day: number;
  sums: Sums;
}

/** The growth of a product's total between two seals. */
export interface ProductGrowth extends ExactSums {
  id: number;
}

export class Days {
  /** By product: its latest day. */
  #last: (DayEntry | undefined)[] = [];
  /** By place and product: days before the product's latest one. */
  #ended: Map<number, DayEntry>[] = Array.from({ length: DAY_PLACES }, () => new Map());
  #state: DaysState | undefined;
  #committed: DaysState | undefined;
  #undo: (() => void)[] = [];
  readonly #changed = new Map<number, ProductDay>();

  // The open level.
  #terms: DaysTerms | undefined;
  /** The day of all open lines that do not stand apart; undefined = there are none. */
  #openDay: number | undefined;
  /** By day and product: open lines of other days. */
  readonly #apart = new Map<number, Map<number, ExactSums>>();

  /** The state at the last seal; undefined = no day was ever kept. */
  get state(): DaysState | undefined {
    return this.#state;
  }

  /** Must be called before lines are added. */
  set terms(terms: DaysTerms) {
    this.#terms = terms;
  }

  /** Adds lines that are added to the totals too. `day`: `OUTSIDE`, or one up to `terms.today`. */
  apply(day: number, id: number, sums: ExactSums): void {
    if (day === this.#openDay) return;
    if (this.#openDay === undefined) {
      this.#openDay = day;
      return;
    }
    let products = this.#apart.get(day);
    if (!products) {
      products = new Map();
      this.#apart.set(day, products);
    }
    products.set(id, addExact(products.get(id) ?? NOTHING, sums));
  }

  /** The ended days that changed at the last seal. */
  get changed(): Iterable<ProductDay> {
    return this.#changed.values();
  }

  /** Takes over the growth of the totals. `before`: the lines in the totals without it. */
  seal(growth: Iterable<ProductGrowth>, before: Pick<Sums, "sales" | "returns">): void {
    const last = this.#state;
    this.#changed.clear();
    this.#state = this.#next(before);
    if (this.#state) {
      if (last) this.#leave(last.latest, this.#state.latest);
      for (const one of growth) this.#put(one);
    }
    this.#clearOpen();
  }

  commit(): void {
    this.#committed = this.#state;
    this.#undo = [];
  }

  rollback(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
    this.#state = this.#committed;
    this.#clearOpen();
  }

  /** The latest day of a product, sealed; undefined if none is known. */
  last(id: number): DayEntry | undefined {
    return this.#last[id];
  }

  /** All ended days of a product, sealed. */
  endedOf(id: number): ProductDay[] {
    return this.#ended.flatMap((products) => {
      const entry = products.get(id);
      return entry ? [{ id, day: entry.day, sums: sumsOf(entry) }] : [];
    });
  }

  /** How many ended days there are, of all products. */
  get endedCount(): number {
    return this.#ended.reduce((sum, products) => sum + products.size, 0);
  }

  /** What stands in days that are kept when `latest` is the latest one, sealed. */
  *kept(latest: number): Generator<ProductDay> {
    for (const [id, entry] of this.#last.entries()) {
      if (entry && isDayKept(entry.day, latest)) yield { id, day: entry.day, sums: sumsOf(entry) };
    }
    for (const products of this.#ended) {
      for (const [id, entry] of products) {
        if (isDayKept(entry.day, latest)) yield { id, day: entry.day, sums: sumsOf(entry) };
      }
    }
  }

  /** Sets the latest day of a product to the one read from Kafka. */
  restoreLast(id: number, entry: DayEntry | undefined): void {
    this.#last[id] = entry;
  }

  /** Sets an ended day of a product, in the place of the one that had it before. */
  restoreEnded(id: number, entry: DayEntry): void {
    this.#placeOf(entry.day).set(id, entry);
  }

  /** Deletes the ended day of a product that has the place of `day`. */
  eraseEnded(id: number, day: number): void {
    this.#placeOf(day).delete(id);
  }

  /** Goes on from what was read. Records of days out of reach count for nothing. */
  resume(state: DaysState | undefined): void {
    this.#state = state;
    this.#committed = state;
    for (const products of this.#ended) {
      for (const [id, { day }] of products) {
        if (!state || !isDayKept(day, state.latest)) products.delete(id);
      }
    }
    if (!state) this.#last = [];
  }

  #placeOf(day: number): Map<number, DayEntry> {
    return this.#ended[day % DAY_PLACES] as Map<number, DayEntry>;
  }

  /** The state after this seal, with nothing added yet; undefined while there are no days. */
  #next(before: Pick<Sums, "sales" | "returns">): DaysState | undefined {
    const [terms, state] = [this.#terms, this.#state];
    if (!terms || (!state && !terms.isTimed)) return state;
    const open = [this.#openDay ?? OUTSIDE, ...this.#apart.keys()];
    const latest = Math.max(state?.latest ?? NO_DAY, ...open);
    const { zone, today, isTimed } = terms;
    if (!state) {
      const since = isNothing(before) ? undefined : today;
      const outside = { outsideSales: before.sales, outsideReturns: before.returns };
      return { zone, latest, since, ...outside };
    }
    const isCut = !isTimed || zone !== state.zone;
    const since = isCut ? Math.max(state.since ?? today, today, state.latest) : state.since;
    return { ...state, zone: isTimed ? zone : state.zone, latest, since };
  }

  /** Counts days as outside that are no longer kept, because the latest one has moved on. */
  #leave(before: number, now: number): void {
    if (before === now) return;
    const isLeaving = (day: number) => isDayKept(day, before) && !isDayKept(day, now);
    for (const entry of this.#last) if (entry && isLeaving(entry.day)) this.#setAside(entry);
    const lastLeaving = Math.min(firstDayKept(now) - 1, before);
    for (let day = Math.max(0, firstDayKept(before)); day <= lastLeaving; day++) {
      const place = day % DAY_PLACES;
      const products = this.#placeOf(day);
      for (const entry of products.values()) this.#setAside(entry);
      this.#ended[place] = new Map();
      this.#undo.push(() => {
        this.#ended[place] = products;
      });
    }
  }

  /** Adds the growth of one product to its days. */
  #put({ id, ...growth }: ProductGrowth): void {
    let rest: ExactSums = growth;
    for (const [day, products] of this.#apart) {
      const sums = products.get(id);
      if (!sums) continue;
      rest = addExact(rest, sums, -1);
      this.#add({ day, ...sums }, id);
    }
    const hasRest = rest.sales !== 0 || rest.returns !== 0;
    if (hasRest) this.#add({ day: this.#openDay ?? OUTSIDE, ...rest }, id);
  }

  #add(sold: DayEntry, id: number): void {
    const { latest } = this.#state as DaysState;
    if (!isDayKept(sold.day, latest) || sold.day === OUTSIDE) {
      this.#setAside(sold);
      return;
    }
    const last = this.#last[id];
    if (!last || sold.day > last.day) {
      if (last && isDayKept(last.day, latest)) this.#end(id, last);
      this.#setLast(id, sold);
    } else if (sold.day === last.day) {
      this.#setLast(id, { day: last.day, ...addExact(last, sold) });
    } else {
      const before = this.#placeOf(sold.day).get(id);
      this.#end(id, before ? { day: sold.day, ...addExact(before, sold) } : sold);
    }
  }

  #setLast(id: number, entry: DayEntry): void {
    const before = this.#last[id];
    this.#undo.push(() => {
      this.#last[id] = before;
    });
    this.#last[id] = entry;
  }

  /** Sets an ended day of a product. */
  #end(id: number, entry: DayEntry): void {
    const products = this.#placeOf(entry.day);
    const before = products.get(id);
    this.#undo.push(() => {
      if (before) products.set(id, before);
      else products.delete(id);
    });
    products.set(id, entry);
    const place = entry.day % DAY_PLACES;
    this.#changed.set(id * DAY_PLACES + place, { id, day: entry.day, sums: sumsOf(entry) });
  }

  #setAside({ sales, returns }: ExactSums): void {
    const state = this.#state as DaysState;
    this.#state = {
      ...state,
      outsideSales: state.outsideSales + BigInt(sales),
      outsideReturns: state.outsideReturns + BigInt(returns),
    };
  }

  #clearOpen(): void {
    this.#openDay = undefined;
    this.#apart.clear();
  }
}
