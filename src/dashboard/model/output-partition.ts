/** One partition of the output topic: what was read of it, and how much of that may be shown. */

import { linesIn, NO_SUMS, type Sums } from "../../domain/sums.ts";
import { type Bookkeeping, decodeBookkeeping, isBookkeepingKey } from "../../wire/bookkeeping.ts";
import { decodeTotalRecord } from "../../wire/total-record.ts";

/** The latest bookkeeping record. */
export interface DatedBookkeeping extends Bookkeeping {
  /** Epoch milliseconds. */
  readonly writtenAt: number;
}

/** What a product had when it was last shown, and what it has now. */
export interface TotalChange {
  readonly product: string;
  readonly from: Sums;
  readonly to: Sums;
}

/**
 * A transaction arrives record by record. It is whole when the totals add up to the sales and
 * returns that its bookkeeping counts, and only then is it shown: no page sees half a transaction,
 * nor a log that has lost records. Where nobody keeps books, each record counts by itself.
 */
export class OutputPartition {
  readonly #shown = new Map<string, Sums>();
  /** Read, and not shown yet; undefined = gone. */
  readonly #pending = new Map<string, Sums | undefined>();
  /** Sum over what is shown, with what is pending in its place. */
  #sales = 0n;
  #returns = 0n;
  #bookkeeping: DatedBookkeeping | undefined;
  #isCaughtUp = true;

  /** Undefined when no aggregator has written here. */
  get bookkeeping(): DatedBookkeeping | undefined {
    return this.#bookkeeping;
  }

  /** In all totals that were read, sold and returned. */
  get lines(): bigint {
    return linesIn({ sales: this.#sales, returns: this.#returns });
  }

  /** Of a product, as it may be shown; undefined when it has none here. */
  totalsOf(product: string): Sums | undefined {
    return this.#shown.get(product);
  }

  /** All that was read belongs together. */
  get isWhole(): boolean {
    const { sales, returns } = this.#bookkeeping ?? { sales: this.#sales, returns: this.#returns };
    return this.#isCaughtUp && sales === this.#sales && returns === this.#returns;
  }

  /** Why it is not whole. */
  get contradiction(): string {
    const { sales, returns } = this.#bookkeeping ?? {};
    const isOfReturns = returns !== this.#returns;
    const held = isOfReturns
      ? `${this.#sales} sales and ${this.#returns} returns`
      : `${this.#sales} sales`;
    const noted = isOfReturns ? `${sales} and ${returns}` : `${sales}`;
    return `holds totals of ${held}, but ${noted} were counted`;
  }

  /** Takes one record; without a value the total is gone. @throws NotATotalError */
  apply(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    if (isBookkeepingKey(key)) {
      this.#bookkeeping = value ? { ...decodeBookkeeping(value), writtenAt: timestamp } : undefined;
    } else {
      const { product, total } = decodeTotalRecord(key, value);
      this.#put(product, total ?? undefined);
    }
  }

  /** From here on the log is read from its start; what is shown stays until `caughtUp`. */
  restart(): void {
    this.#isCaughtUp = false;
    this.#bookkeeping = undefined;
    for (const product of [...this.#pending.keys(), ...this.#shown.keys()]) {
      this.#put(product, undefined);
    }
  }

  /** What the log held at `restart` is read. */
  markCaughtUp(): void {
    this.#isCaughtUp = true;
  }

  /** Empties what is pending into what is shown. To be called when it is whole. */
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

  #put(product: string, next: Sums | undefined): void {
    const last = this.#pending.has(product) ? this.#pending.get(product) : this.#shown.get(product);
    this.#sales += (next?.sales ?? 0n) - (last?.sales ?? 0n);
    this.#returns += (next?.returns ?? 0n) - (last?.returns ?? 0n);
    this.#pending.set(product, next);
  }
}
