/** Searches for records that wait, because the last offsets can be marks of transactions. */

import { type Kafka, RecordBatch } from "../../kafka/kafka.ts";
import type { Clock } from "../../lib/clock.ts";

/** The longest search. */
const LOOK_MS_MAX = 2_000;
const POLL_WAIT_MS = 200;
/** Records of a poll. */
const RECORDS_MAX = 100;
const RECORD_BYTES = 64 * 1024;

/**
 * Searches by one reader, because a stall often affects all partitions. `from`: partition → the
 * next offset to count. Returns whether a record waits, by partition; who gives no answer in time
 * is left out.
 */
export async function lookForRecords(
  from: ReadonlyMap<number, number>,
  of: { kafka: Kafka; topic: string; clock: Pick<Clock, "now">; signal: AbortSignal },
): Promise<Map<number, boolean>> {
  const { clock, kafka, topic, signal } = of;
  const answers = new Map<number, boolean>();
  const reader = kafka.reader({ topic });
  const batch = new RecordBatch({ recordsMax: RECORDS_MAX, bytesMax: RECORD_BYTES });
  const giveUpAt = clock.now() + LOOK_MS_MAX;
  try {
    await reader.assign([...from].map(([partition, offset]) => ({ partition, offset })));
    while (answers.size < from.size && !signal.aborted && clock.now() < giveUpAt) {
      const events = await reader.poll(batch, POLL_WAIT_MS);
      const known = new Set(answers.keys());
      for (const partition of batch.partitions.subarray(0, batch.count)) {
        if (from.has(partition)) answers.set(partition, true);
      }
      for (const event of events) {
        const isNews = event.type === "end" && !answers.has(event.partition);
        if (isNews && from.has(event.partition)) answers.set(event.partition, false);
      }
      const read = [...answers.keys()].filter((partition) => !known.has(partition));
      // Further records of this partition would delay the others.
      if (read.length > 0 && answers.size < from.size) await reader.unassign(read);
    }
  } finally {
    await reader.close();
  }
  return answers;
}
