/** Folds a batch of records into the totals of their partitions. The hot path starts here. */

import { decodeSale, NotASaleError } from "../codec.ts";
import type { RecordBatch } from "../kafka/kafka.ts";
import { SaleScanner } from "../scanner.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { OwnedPartition } from "./partition.ts";

const encoder = new TextEncoder();

export class Fold {
  readonly #partitions: ReadonlyMap<number, OwnedPartition>;
  readonly #deadLetters: DeadLetters;
  readonly #scanner = new SaleScanner();

  constructor(partitions: ReadonlyMap<number, OwnedPartition>, deadLetters: DeadLetters) {
    this.#partitions = partitions;
    this.#deadLetters = deadLetters;
  }

  /** Every record moves its partition's position and is either a sale or a dead letter. */
  apply(batch: RecordBatch): void {
    const { count, partitions, offsets, keyEnds, valueEnds } = batch;
    const scanner = this.#scanner;
    let partition: OwnedPartition | undefined;
    for (let i = 0; i < count; i++) {
      const id = partitions[i] as number;
      if (partition?.id !== id) partition = this.#partitions.get(id);
      // Fetched before the partition was given up: the new owner will fold it.
      if (!partition) continue;
      const { totals } = partition;
      if (scanner.scan(batch, keyEnds[i] as number, valueEnds[i] as number, totals.products)) {
        totals.apply(scanner.product, scanner.quantity, scanner.amount);
      } else this.#judge(batch, i, partition);
      partition.position = (offsets[i] as number) + 1;
    }
  }

  /** The slow path: what the scanner declined is a sale after all, or a dead letter. */
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
