/**
 * The sums of days that are over, to compare periods: by day for all products, and by product on
 * demand. What is asked for of a product is kept until a late sale of the product changes it.
 */

import { NO_SUMS, plus, type Sums } from "../../../domain/sums.ts";
import type { DayRange } from "./days.ts";
import type { DatedSums, DayChange } from "./partition-days.ts";

/** Products whose sums are kept: ten pages of the table. */
const KEPT_MAX = 1_000;

export class EndedDays {
  /** The days of a product, over all partitions. */
  readonly #daysOf: (product: string) => Iterable<DatedSums>;
  #today = Number.NEGATIVE_INFINITY;
  #byDay = new Map<number, Sums>();
  readonly #kept = new Map<string, Map<string, Sums>>();

  constructor(daysOf: (product: string) => Iterable<DatedSums>) {
    this.#daysOf = daysOf;
  }

  /** Takes a change that has become visible. Today's count for nothing, and are nearly all. */
  add({ product, day, difference }: DayChange): void {
    if (day >= this.#today) return;
    this.#byDay.set(day, plus(this.#byDay.get(day) ?? NO_SUMS, difference));
    this.#kept.delete(product);
  }

  /**
   * Another day begins. Give all visible sums to `put` then. `isAnew`: anything may have changed.
   * Returns the day from which on sums are missing here.
   */
  begin(today: number, isAnew: boolean): number {
    this.#kept.clear();
    const isAllMissing = isAnew || today < this.#today;
    const from = isAllMissing ? Number.NEGATIVE_INFINITY : this.#today;
    if (isAllMissing) this.#byDay = new Map();
    this.#today = today;
    return from;
  }

  /** Adds the sums of a product on an ended day that is missing here. */
  put(sums: DatedSums): void {
    if (sums.day >= this.#today) return;
    this.#byDay.set(sums.day, plus(this.#byDay.get(sums.day) ?? NO_SUMS, sums));
  }

  /** All products, on ended days of the range. */
  sumIn({ first, last }: DayRange): Sums {
    let sum = NO_SUMS;
    for (let day = first; day <= last; day++) sum = plus(sum, this.#byDay.get(day) ?? NO_SUMS);
    return sum;
  }

  /** One product, on ended days of the range. The same object as long as it is the same. */
  sumOf(product: string, range: DayRange): Sums {
    const key = `${range.first} ${range.last}`;
    const kept = this.#kept.get(product) ?? new Map<string, Sums>();
    const known = kept.get(key);
    if (known) return known;
    let sum = NO_SUMS;
    for (const sums of this.#daysOf(product)) {
      const isInRange = sums.day >= range.first && sums.day <= range.last;
      if (isInRange && sums.day < this.#today) sum = plus(sum, sums);
    }
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(product, kept.set(key, sum));
    return sum;
  }
}
