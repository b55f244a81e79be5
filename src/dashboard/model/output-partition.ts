/** One partition of the output topic: what was read, and what pages may show. */

import { dayNumber, firstDayKept } from "../../domain/day.ts";
import type { DayEntry } from "../../domain/days.ts";
import { sumsOf } from "../../domain/exact.ts";
import { isNothing, linesIn, NO_SUMS, type Sums } from "../../domain/sums.ts";
import { type Bookkeeping, decodeBookkeeping, isBookkeepingKey } from "../../wire/bookkeeping.ts";
import { decodeDay, isDayKey, placeOfDayKey, productOfDayKey } from "../../wire/day-record.ts";
import { decodeTotalRecord } from "../../wire/total-record.ts";
import {
  CURRENT_DAY,
  type DatedSums,
  type DayChange,
  PartitionDays,
} from "./days/partition-days.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The latest bookkeeping record. */
export interface DatedBookkeeping extends Bookkeeping {
  /** Epoch milliseconds. */
  readonly writtenAt: number;
}

/** The last visible total of a product, and the new one. */
export interface TotalChange {
  readonly product: string;
  readonly from: Sums;
  readonly to: Sums;
}

/**
 * A transaction arrives record by record. It is whole when the totals add up to the sales and
 * returns in its bookkeeping. Only then does it become visible, so that no page shows half a
 * transaction or a log that has lost records. Without bookkeeping each record counts by itself.
 */
export class OutputPartition {
  readonly #shown = new Map<string, Sums>();
  /** Totals that are read and not visible yet; undefined = deleted. */
  readonly #pending = new Map<string, Sums | undefined>();
  /** The sales in all visible totals, with pending totals in place of the old ones. */
  #sales = 0n;
  #returns = 0n;
  #bookkeeping: DatedBookkeeping | undefined;
  readonly #days = new PartitionDays();
  readonly #mayLackDays: boolean;
  #isCaughtUp = true;

  /** `mayLackDays`: the broker keeps only the end of a log, which may have lost days. */
  constructor(mayLackDays = false) {
    this.#mayLackDays = mayLackDays;
  }

  /** Undefined if no aggregator has written here. */
  get bookkeeping(): DatedBookkeeping | undefined {
    return this.#bookkeeping;
  }

  /** Lines in all totals that were read, sold and returned. */
  get lines(): bigint {
    return linesIn({ sales: this.#sales, returns: this.#returns });
  }

  /** The visible total of a product; undefined if it has none here. */
  totalsOf(product: string): Sums | undefined {
    return this.#shown.get(product);
  }

  /** The records that were read form whole transactions. */
  get isWhole(): boolean {
    const { sales, returns } = this.#bookkeeping ?? { sales: this.#sales, returns: this.#returns };
    if (!this.#isCaughtUp || sales !== this.#sales || returns !== this.#returns) return false;
    const missing = this.#missingInDays;
    if (this.#mayLackDays) return missing.sales >= 0n && missing.returns >= 0n;
    return isNothing(missing);
  }

  /** Some days have lost sales. Only a log that may lack days is whole all the same. */
  get lacksDays(): boolean {
    return !isNothing(this.#missingInDays);
  }

  /** Why the partition is not whole, for a sentence that begins with its name. */
  get contradiction(): string {
    const { sales, returns } = this.#bookkeeping ?? {};
    if (sales === this.#sales && returns === this.#returns) {
      const missing = this.#missingInDays;
      return `holds totals of ${missing.sales} sales and ${missing.returns} returns that no day has`;
    }
    const isOfReturns = returns !== this.#returns;
    const held = isOfReturns
      ? `${this.#sales} sales and ${this.#returns} returns`
      : `${this.#sales} sales`;
    const noted = isOfReturns ? `${sales} and ${returns}` : `${sales}`;
    return `holds totals of ${held}, but ${noted} were counted`;
  }

  /** Takes one record; one without a value deletes the total. @throws NotATotalError */
  apply(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    if (isBookkeepingKey(key)) {
      this.#bookkeeping = value ? { ...decodeBookkeeping(value), writtenAt: timestamp } : undefined;
    } else if (isDayKey(key)) {
      this.#putEnded(key, value);
    } else {
      const total = decodeTotalRecord(key, value);
      const product = decoder.decode(key);
      this.#put(product, total ? sumsOf(total) : undefined);
      this.#days.put(product, CURRENT_DAY, total?.day && dated(total.day));
    }
  }

  /** The log is read again from its start. What is visible stays until `markCaughtUp`. */
  restart(): void {
    this.#isCaughtUp = false;
    this.#bookkeeping = undefined;
    this.#days.restart();
    for (const product of [...this.#pending.keys(), ...this.#shown.keys()]) {
      this.#put(product, undefined);
    }
  }

  /** All that the log held at `restart` is read. */
  markCaughtUp(): void {
    this.#isCaughtUp = true;
  }

  /** Makes pending totals visible and returns them. Call only when the partition is whole. */
  takeChanges(): TotalChange[] {
    const differences = [...this.#pending].map(([product, to]) => {
      const from = this.#shown.get(product) ?? NO_SUMS;
      if (to) this.#shown.set(product, to);
      else this.#shown.delete(product);
      return { product, from, to: to ?? NO_SUMS };
    });
    this.#pending.clear();
    return differences;
  }

  /** The first day with lines; undefined = none. Call only when the partition is whole. */
  get firstDay(): number | undefined {
    return this.#days.first;
  }

  /** Makes pending sums of days visible: what changed; undefined = anything may have. */
  takeDays(): readonly DayChange[] | undefined {
    return this.#days.take();
  }

  /** All visible sums of days. */
  daySums(): ReturnType<PartitionDays["sums"]> {
    return this.#days.sums();
  }

  /** The visible sums of the days of one product. */
  daysOf(product: string): ReturnType<PartitionDays["of"]> {
    return this.#days.of(product);
  }

  /** Lines of the totals that are in no day in reach and not outside of all: none by the law. */
  get #missingInDays(): Pick<Sums, "sales" | "returns"> {
    const { days } = this.#bookkeeping ?? {};
    if (!days) return NO_SUMS;
    const last = dayNumber(days.latest) ?? 0;
    const held = this.#days.linesIn({ first: firstDayKept(last), last });
    return {
      sales: this.#sales - held.sales - days.outsideSales,
      returns: this.#returns - held.returns - days.outsideReturns,
    };
  }

  #putEnded(key: Uint8Array, value: Uint8Array | null): void {
    const place = placeOfDayKey(key);
    const ended = value ? decodeDay(key, value) : undefined;
    const product = decoder.decode(productOfDayKey(key));
    this.#days.put(product, place, ended && dated(ended));
  }

  #put(product: string, next: Sums | undefined): void {
    const last = this.#pending.has(product) ? this.#pending.get(product) : this.#shown.get(product);
    this.#sales += (next?.sales ?? 0n) - (last?.sales ?? 0n);
    this.#returns += (next?.returns ?? 0n) - (last?.returns ?? 0n);
    this.#pending.set(product, next);
  }
}

function dated(entry: DayEntry): DatedSums {
  return { day: entry.day, ...sumsOf(entry) };
}
