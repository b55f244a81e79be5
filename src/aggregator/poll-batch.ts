/** How much one poll may hand over. */

import type { Config } from "../config/config.ts";
import { RecordBatch } from "../kafka/kafka.ts";

/**
 * Capacity for records that the fast path declined. Small, because the judge has all sales of a
 * new product with an unusual name until the poll ends: a product at the start of a backlog would
 * cost thousands of judgements. Not smaller, because a poll costs as much as a few of them.
 */
const BATCH_RECORDS_MAX = 256;
/** Of formats without a fast path: all records come so. */
const JUDGED_BATCH_RECORDS_MAX = 8192;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;

export function pollBatch({ inputFormat }: Pick<Config, "inputFormat">): RecordBatch {
  const isFast = inputFormat === "json" || inputFormat === "avro";
  const recordsMax = isFast ? BATCH_RECORDS_MAX : JUDGED_BATCH_RECORDS_MAX;
  return new RecordBatch({ recordsMax, bytesMax: BATCH_BYTES_MAX });
}
