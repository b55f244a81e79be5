/**
 * The rows of one period: the sums of its days by product. Each change is added to the sums when a
 * board is published. The order of the rows is only kept while somebody looks at them.
 */

import { isNothing, isSame, minus, NO_SUMS, plus, type Sums } from "../../domain/sums.ts";
import type { DayRange } from "./days/days.ts";
import type { DatedSums, DayChange } from "./days/partition-days.ts";
import { byRevenue, type Row, reorder } from "./rows.ts";

export class PeriodRows {
  readonly #idOf: (product: string) => number;
  /** As of the last board, those without lines left out. */
  readonly #rows = new Map<string, Row>();
  /** Sums of the next board that may differ from the last one's. */
  #next = new Map<string, Sums>();
  #range: DayRange | undefined;
  /** The days before `begin`. */
  #before: DayRange | undefined;
  #total: Sums = NO_SUMS;
  #sorted: readonly Row[] = [];
  /** Rows by id that changed since they were sorted. */
  readonly #unsorted = new Map<number, Row>();

  constructor(idOf: (product: string) => number) {
    this.#idOf = idOf;
  }

  get total(): Readonly<Sums> {
    return this.#total;
  }

  /** The sums of a product as of the last board. */
  of(product: string): Readonly<Sums> {
    return this.#rows.get(product) ?? NO_SUMS;
  }

  /** As of the last board, by descending revenue, then name. */
  sorted(): readonly Row[] {
    this.#sorted = reorder(this.#sorted, [...this.#unsorted.values()], byRevenue);
    this.#unsorted.clear();
    return this.#sorted;
  }

  /** Adds a change to the next board, if its day is in the period. */
  add({ product, day, difference }: DayChange): void {
    if (!contains(this.#range, day)) return;
    const sum = this.#next.get(product) ?? this.#rows.get(product) ?? NO_SUMS;
    this.#next.set(product, plus(sum, difference));
  }

  /**
   * The next board is of other days. Give all sums of days to `move` then. `isAnew`: anything may
   * have changed, so that the days of before are not compared but forgotten.
   */
  begin(range: DayRange, isAnew: boolean): void {
    this.#before = isAnew ? undefined : this.#range;
    this.#range = range;
    if (isAnew) this.#next = new Map([...this.#rows.keys()].map((product) => [product, NO_SUMS]));
  }

  /** Adds the sums of a day that has come into the period, and subtracts those of one that left. */
  move(product: string, sums: DatedSums): void {
    const [was, is] = [contains(this.#before, sums.day), contains(this.#range, sums.day)];
    if (was === is) return;
    const sum = this.#next.get(product) ?? this.#rows.get(product) ?? NO_SUMS;
    this.#next.set(product, is ? plus(sum, sums) : minus(sum, sums));
  }

  /** Makes the next board the last. Returns new and changed rows; deleted ones have no lines. */
  publish(): readonly Row[] {
    const changed: Row[] = [];
    for (const [product, next] of this.#next) {
      const last = this.#rows.get(product) ?? NO_SUMS;
      if (isSame(next, last)) continue;
      const { quantity, revenue, sales, returns } = next;
      const row = { id: this.#idOf(product), product, quantity, revenue, sales, returns };
      if (isNothing(next)) this.#rows.delete(product);
      else this.#rows.set(product, row);
      this.#total = plus(this.#total, minus(next, last));
      this.#unsorted.set(row.id, row);
      changed.push(row);
    }
    this.#next.clear();
    return changed;
  }
}

function contains(range: DayRange | undefined, day: number): boolean {
  return range !== undefined && day >= range.first && day <= range.last;
}
