/** Folds the records of a poll into the totals and the history of their partitions. */

import { eventSecond } from "../history/rings.ts";
import { type RecordBatch, SaleSums } from "../kafka/kafka.ts";
import type { Clock } from "../lib/clock.ts";
import type { OwnedPartition } from "../state/owned-partition.ts";
import { decodeSale, NotASaleError } from "../wire/sale-record.ts";
import type { DeadLetters } from "./dead-letters.ts";

/** Rows of one poll: products, and with history each second of a product. */
const SUMS_ROWS_MAX = 16_384;
/**
 * How far a sale may be ahead of our clock. Such a sale moves the rings, and the finest ring, of 15
 * minutes, must still reach back to now. Kafka's own limit is an hour
 * (`message.timestamp.after.max.ms`).
 */
const AHEAD_SECONDS_MAX = 300;

const encoder = new TextEncoder();

export class Fold {
  readonly #partitions: ReadonlyMap<number, OwnedPartition>;
  readonly #deadLetters: DeadLetters;
  readonly #clock: Clock;
  readonly #sums: SaleSums;

  constructor(
    partitions: ReadonlyMap<number, OwnedPartition>,
    options: { deadLetters: DeadLetters; clock: Clock; keepsHistory: boolean },
  ) {
    this.#partitions = partitions;
    this.#deadLetters = options.deadLetters;
    this.#clock = options.clock;
    this.#sums = new SaleSums(SUMS_ROWS_MAX, { isBySecond: options.keepsHistory });
  }

  /** The sums for the next poll. Only new products and unusual records come outside of them. */
  sums(): SaleSums {
    const known = new Map<number, ArrayBuffer>();
    for (const { id, totals } of this.#partitions.values()) known.set(id, totals.products.memory);
    this.#sums.known = known;
    return this.#sums;
  }

  /**
   * Every record advances the position of its partition, and is either a sale or a dead letter.
   * Skips records of a partition that was given up after the fetch: the new owner folds them.
   * Returns by how many offsets the partitions advanced.
   * @throws Error for records that were folded before
   */
  apply(batch: RecordBatch): number {
    const offsets = this.#advance();
    const secondMax = this.#secondMax();
    this.#addSums(secondMax);
    for (let i = 0; i < batch.count; i++) {
      const partition = this.#partitions.get(batch.partitions[i] as number);
      if (partition) this.#judge(batch, i, { partition, secondMax });
    }
    return offsets;
  }

  /** The last poll took all available records. */
  hasCaughtUp(batch: RecordBatch): boolean {
    return !batch.isHalfFull && !this.#sums.isHalfFull;
  }

  #advance(): number {
    const { advances, advancedPartitions, firstOffsets, nextOffsets } = this.#sums;
    let offsets = 0;
    for (let i = 0; i < advances; i++) {
      const [first, next] = [firstOffsets[i] as number, nextOffsets[i] as number];
      this.#partitions.get(advancedPartitions[i] as number)?.advance(first, next);
      offsets += next - first;
    }
    return offsets;
  }

  /** A sale after this time, epoch seconds, has a wrong time. */
  #secondMax(): number {
    return Math.floor(this.#clock.date().getTime() / 1_000) + AHEAD_SECONDS_MAX;
  }

  #addSums(secondMax: number): void {
    const { count, partitions, products, sales, quantities, amounts, seconds } = this.#sums;
    for (let i = 0; i < count; i++) {
      const partition = this.#partitions.get(partitions[i] as number);
      if (!partition) continue;
      const row = {
        id: products[i] as number,
        sales: sales[i] as number,
        quantity: quantities[i] as number,
        amount: amounts[i] as number,
        second: seconds[i] as number,
      };
      partition.totals.apply(row);
      partition.history?.apply(row, secondMax);
    }
  }

  /** Decodes a record that the fast path declined: a sale, or a dead letter. */
  #judge(
    batch: RecordBatch,
    i: number,
    { partition, secondMax }: { partition: OwnedPartition; secondMax: number },
  ): void {
    try {
      const { product, quantity, price, timestamp } = decodeSale(batch.value(i));
      const { totals, history } = partition;
      const id = totals.products.findOrAdd(encoder.encode(product));
      const revenue = BigInt(quantity) * price;
      totals.applyLarge(id, quantity, revenue);
      const second = eventSecond(timestamp, batch.timestamps[i] as number);
      const sums = { quantity: BigInt(quantity), revenue, sales: 1n };
      history?.applyLarge({ second, id, ...sums }, secondMax);
    } catch (error) {
      if (!(error instanceof NotASaleError)) throw error;
      this.#deadLetters.add(batch, i, error.message);
      partition.deadLetters++;
    }
  }
}
