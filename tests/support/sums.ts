/** What a poll does with sales, for records that come from no broker. */

import { ProductIndex } from "../../src/domain/products.ts";
import type { OutgoingRecord, RecordBatch, SaleSums } from "../../src/kafka/kafka.ts";
import { native } from "../../src/kafka/native.ts";

/** The index of a partition that has these products, numbered in their order. */
export function indexOf(...names: string[]): ProductIndex {
  const products = new ProductIndex();
  for (const name of names) products.findOrAdd(new TextEncoder().encode(name));
  return products;
}

/** Moves the sales that the fast path is sure of from `batch` to `sums`. */
export function sumUp(batch: RecordBatch, sums: SaleSums): void {
  const summedUp = new Set(native.sumUp(batch.memory, ...sums.asArguments()));
  if (summedUp.size === 0) return;
  const left: { record: OutgoingRecord; offset: number }[] = [];
  for (let i = 0; i < batch.count; i++) {
    if (!summedUp.has(i))
      left.push({ record: copyOf(batch, i), offset: batch.offsets[i] as number });
  }
  batch.clear();
  for (const { record, offset } of left) {
    const i = batch.count;
    batch.append(record);
    batch.offsets[i] = offset;
  }
}

function copyOf(batch: RecordBatch, i: number): OutgoingRecord {
  const timestamp = batch.timestamps[i] as number;
  return {
    key: batch.key(i)?.slice() ?? null,
    value: batch.value(i)?.slice() ?? null,
    headers: batch.headers(i),
    partition: batch.partitions[i] as number,
    ...(timestamp >= 0 && { timestamp }),
  };
}
