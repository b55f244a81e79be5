/** How much one poll may hand over. */

import type { Config } from "../config/config.ts";
import { RecordBatch } from "../kafka/kafka.ts";

/**
 * Capacity for records that the fast path declined. Small, because all sales of a new product take
 * the slow path for the rest of the poll.
 */
const BATCH_RECORDS_MAX = 1024;
/** Without a fast path all records come so. */
const MAPPED_BATCH_RECORDS_MAX = 8192;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;

export function pollBatch({ mapping }: Pick<Config, "mapping">): RecordBatch {
  const recordsMax = mapping ? MAPPED_BATCH_RECORDS_MAX : BATCH_RECORDS_MAX;
  return new RecordBatch({ recordsMax, bytesMax: BATCH_BYTES_MAX });
}
