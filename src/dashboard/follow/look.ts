/**
 * What is known of partitions where something waits. Searches for records, because the last offsets
 * can be markers of transactions, and for transactions that are undecided.
 */

import { type Admin, type Kafka, RecordBatch, type Watermarks } from "../../kafka/kafka.ts";
import type { Clock, Moment } from "../../lib/clock.ts";

/** The longest search. */
const LOOK_MS_MAX = 2_000;
const POLL_WAIT_MS = 200;
/** Records of a poll. */
const RECORDS_MAX = 100;
const RECORD_BYTES = 64 * 1024;
/** Records that are not counted for so long can wait for a transaction that is undecided. */
const LATE_MS = 3_000;

/** An input partition at the last check. */
export interface Mark {
  /** The next offset to count. */
  readonly next: number;
  /** The moment since which records wait and `next` stays the same. */
  readonly behindAt: Moment;
  /** When all records were counted; undefined = never seen. */
  readonly countedAt: Moment | undefined;
  /** The end of the input when a reader last searched for a waiting record, and the result. */
  looked: { readonly high: number; readonly waits: boolean } | undefined;
  /** Looks that nobody has answered. */
  silences: number;
  /** An undecided transaction holds up readers at this offset. */
  held: { readonly offset: number; readonly since: number } | undefined;
}

/** What is not known yet of a mark. */
export const fresh = { looked: undefined, held: undefined, silences: 0 };

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

/** Notes on which partitions a transaction that is undecided holds up the readers. */
export async function noteHeld(
  marks: ReadonlyMap<number, Mark>,
  ends: ReadonlyMap<number, Watermarks>,
  of: { admin: Pick<Admin, "stableEnds">; topic: string; clock: Pick<Clock, "now"> },
): Promise<void> {
  const { admin, clock, topic } = of;
  const late = [...marks].flatMap(([id, { next, behindAt }]) => {
    const isLate = clock.now() - behindAt.at >= LATE_MS && next < (ends.get(id)?.high ?? 0);
    return isLate ? [id] : [];
  });
  if (late.length === 0) return;
  const stable = await admin.stableEnds(topic, late);
  for (const id of late) {
    const [mark, offset, end] = [marks.get(id), stable.get(id), ends.get(id)];
    if (!mark || !end) continue;
    const isHeld = offset !== undefined && offset < end.high;
    const isSame = isHeld && mark.held?.offset === offset;
    if (!isSame) mark.held = isHeld ? { offset, since: clock.now() } : undefined;
  }
}
