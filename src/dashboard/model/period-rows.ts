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

  /** As of the last board, by descending price, then name. */
  sorted(): readonly Row[] {
    this.#sorted = reorder(this.#sorted, [...this.#unsorted.values()], byRevenue);
    this.#unsorted.clear();
    return this.#sorted;
  }

  /** Adds a change to the next board, if its day is in the period. */
  add({ product, day, difference }: DayChange): void {
    if (!this.#contains(day)) return;
    const sum = this.#next.get(product) ?? this.#rows.get(product) ?? NO_SUMS;
    this.#next.set(product, plus(sum, difference));
  }

  /** Adds up the next board anew, for other days or after anything may have changed. */
  begin(range: DayRange): void {
    this.#range = range;
    this.#next = new Map([...this.#rows.keys()].map((product) => [product, NO_SUMS]));
  }

  /** One sum of a day, between `begin` and `publish`. */
  addSums(product: string, sums: DatedSums): void {
    if (!this.#contains(sums.day)) return;
    this.#next.set(product, plus(this.#next.get(product) ?? NO_SUMS, sums));
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

  #contains(day: number): boolean {
    return this.#range !== undefined && day >= this.#range.first && day <= this.#range.last;
  }
}
