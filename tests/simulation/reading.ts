/** Where a consumer is in a partition, and whether the log still is the one that it has read. */

import type { PartitionLog } from "./log.ts";

export interface Reading {
  position: number;
  /** The leader epoch of the record before; -1 = unknown. */
  epoch: number;
  /** What is read. A topic that is made anew has others. */
  log: PartitionLog;
  /** The position of the last `end` event: one for each time the end is reached. */
  endedAt: number;
}

/** Below or above the log, in one that was cut, or in that of a topic that was made anew. */
export function isOutOfRange(log: PartitionLog, reading: Reading): boolean {
  const { position } = reading;
  if (log !== reading.log || position < log.low || position > log.high) return true;
  return cutAt(log, reading) !== undefined;
}

/** Where later leaders begin, when that is below the position. */
export function cutAt(log: PartitionLog, { position, epoch }: Reading): number | undefined {
  const end = epoch < 0 ? position : log.endOf(epoch);
  return end < position ? end : undefined;
}
