/** What a poll does with sales, for records that come from no broker. */

import type { OutgoingRecord, RecordBatch, SaleSums } from "../../src/kafka/kafka.ts";
import { native } from "../../src/kafka/native.ts";

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
