/** Folds what a poll brought into the totals of its partitions. */

import { decodeSale, NotASaleError } from "../codec.ts";
import { type RecordBatch, SaleSums } from "../kafka/kafka.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { OwnedPartition } from "./partition.ts";

/** Products of which sales come in one poll. */
const SUMS_ROWS_MAX = 16_384;

const encoder = new TextEncoder();

export class Fold {
  readonly #partitions: ReadonlyMap<number, OwnedPartition>;
  readonly #deadLetters: DeadLetters;
  readonly #sums = new SaleSums(SUMS_ROWS_MAX);

  constructor(partitions: ReadonlyMap<number, OwnedPartition>, deadLetters: DeadLetters) {
    this.#partitions = partitions;
    this.#deadLetters = deadLetters;
  }

  /** For the next poll: most sales come summed up, and only new products and odd forms whole. */
  sums(): SaleSums {
    const known = new Map<number, ArrayBuffer>();
    for (const { id, totals } of this.#partitions.values()) known.set(id, totals.products.memory);
    this.#sums.known = known;
    return this.#sums;
  }

  /**
   * Every record moves its partition's position and is either a sale or a dead letter. Records of a
   * partition that was given up after they were fetched are passed over: the new owner folds them.
   * Returns by how many offsets the partitions moved.
   * @throws Error for records that were folded before
   */
  apply(batch: RecordBatch): number {
    const offsets = this.#advance();
    this.#addSums();
    for (let i = 0; i < batch.count; i++) {
      const partition = this.#partitions.get(batch.partitions[i] as number);
      if (partition) this.#judge(batch, i, partition);
    }
    return offsets;
  }

  /** The poll that was folded last brought all that was there. */
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

  #addSums(): void {
    const { count, partitions, products, sales, quantities, amounts } = this.#sums;
    for (let i = 0; i < count; i++) {
      this.#partitions.get(partitions[i] as number)?.totals.apply({
        id: products[i] as number,
        sales: sales[i] as number,
        quantity: quantities[i] as number,
        amount: amounts[i] as number,
      });
    }
  }

  /** What is not summed up is a sale after all, or a dead letter. */
  #judge(batch: RecordBatch, i: number, partition: OwnedPartition): void {
    try {
      const sale = decodeSale(batch.value(i));
      const { totals } = partition;
      const product = totals.products.findOrAdd(encoder.encode(sale.product));
      totals.applyLarge(product, sale.quantity, BigInt(sale.quantity) * sale.price);
    } catch (error) {
      if (!(error instanceof NotASaleError)) throw error;
      this.#deadLetters.add(batch, i, error.message);
      partition.deadLetters++;
    }
  }
}
