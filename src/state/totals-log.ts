/** The output topic as a restore and `verify` read it. */

import { Totals } from "../domain/totals.ts";
import { type Admin, type Kafka, KafkaError, RecordBatch } from "../kafka/kafka.ts";
import type { Clock } from "../lib/clock.ts";
import { type Bookkeeping, decodeBookkeeping, isBookkeepingKey } from "../wire/bookkeeping.ts";
import { NotATotalError } from "../wire/output-record.ts";
import { decodeTotalRecord } from "../wire/total-record.ts";

/**
 * Longest restore. Longer than a dead owner's transaction can stay open (its time-out), and well
 * below `max.poll.interval.ms`, for the group is not polled meanwhile.
 */
const RESTORE_MS_MAX = 120_000;
const POLL_WAIT_MS = 100;
const BATCH_RECORDS_MAX = 4_096;
const BATCH_BYTES_MAX = 1024 * 1024;
/** Of one partition: the last one, and a few in case that a fenced one wrote behind it. */
const WRITERS_MAX = 4;

/** The code of a restore that took too long: a transaction holds it up, or brokers are away. */
export const NOT_REACHED = "_NOT_REACHED";

/** What the output topic says of a partition. */
export interface Restored {
  /** A record that no Salesboard wrote: nothing can be said of this partition. */
  problem: string | undefined;
  totals: Totals;
  bookkeeping: Bookkeeping | undefined;
}

export interface Source {
  kafka: Kafka;
  clock: Clock;
  admin: Admin;
  topic: string;
  partitions: readonly number[];
}

/** What the output topic says of these partitions, up to the high watermark of this moment. */
export async function readOutput(source: Source): Promise<Map<number, Restored>> {
  const output = new Map<number, Restored>();
  for (const partition of source.partitions) {
    output.set(partition, { problem: undefined, totals: new Totals(), bookkeeping: undefined });
  }
  await readLog(source, {}, (partition, batch, i) => {
    applyRecord(output.get(partition) as Restored, batch, i);
  });
  return output;
}

/**
 * The transactional ids that wrote here last, the latest last, each with a partition of which it
 * kept the books. Also those whose transactions were aborted or are not decided: nobody sends
 * offsets of a partition before its id stands there.
 */
export async function lastWriters(source: Source): Promise<Map<string, number>> {
  const found = new Map<number, string[]>();
  await readLog(source, { isUndecidedToo: true }, (partition, batch, i) => {
    const value = batch.value(i);
    if (value === null || !isBookkeepingKey(batch.key(i))) return;
    const writer = writerOf(value);
    if (writer === undefined) return;
    const before = (found.get(partition) ?? []).filter((other) => other !== writer);
    found.set(partition, [...before, writer].slice(-WRITERS_MAX));
  });
  const writers = new Map<string, number>();
  for (const [partition, ids] of found) for (const id of ids) writers.set(id, partition);
  return writers;
}

function writerOf(value: Uint8Array): string | undefined {
  try {
    return decodeBookkeeping(value).writer;
  } catch (error) {
    if (!(error instanceof NotATotalError)) throw error;
    return undefined;
  }
}

/**
 * Hands over the records of partitions of a topic of ours, to the high watermark of this moment. A
 * committed reader stops at the last stable offset, which an open transaction can hold below
 * committed totals, so it is waited for (KAFKA-10167). Positions are compared, not offsets of
 * records: the last offset can be a control record.
 */
export async function readLog(
  { kafka, clock, admin, topic, partitions }: Source,
  options: { isUndecidedToo?: boolean },
  take: (partition: number, batch: RecordBatch, i: number) => void,
): Promise<void> {
  const giveUpAt = clock.now() + RESTORE_MS_MAX;
  const open = new Map<number, number>();
  const start = [];
  for (const [partition, { low, high }] of await admin.allWatermarks(topic, partitions)) {
    if (high > low) {
      open.set(partition, high);
      start.push({ partition, offset: low });
    }
  }
  const batch = new RecordBatch({ recordsMax: BATCH_RECORDS_MAX, bytesMax: BATCH_BYTES_MAX });
  const reader = kafka.reader({ topic, ...options });
  try {
    if (start.length > 0) await reader.assign(start);
    while (open.size > 0) {
      if (clock.now() > giveUpAt) throw notReached(topic, open);
      const events = await reader.poll(batch, POLL_WAIT_MS);
      for (let i = 0; i < batch.count; i++) {
        const partition = batch.partitions[i] as number;
        // Behind its end another transaction begins, of which this may be half.
        if (open.has(partition)) take(partition, batch, i);
      }
      for (const event of events) {
        if (event.type === "error" && event.error.verdict === "fatal") throw event.error;
        if (event.type === "outOfRange") throw cut(topic, event.partition);
        if (event.type !== "end") continue;
        if (event.offset >= (open.get(event.partition) ?? 0)) open.delete(event.partition);
      }
    }
  } finally {
    await reader.close();
  }
}

function applyRecord(restored: Restored, batch: RecordBatch, i: number): void {
  const key = batch.key(i);
  const value = batch.value(i);
  if (key === null) return;
  try {
    if (isBookkeepingKey(key)) {
      restored.bookkeeping = value === null ? undefined : decodeBookkeeping(value);
    } else restored.totals.restore(key, decodeTotalRecord(key, value).total);
  } catch (error) {
    if (!(error instanceof NotATotalError)) throw error;
    restored.problem ??= `at offset ${batch.offsets[i]} of the output topic: ${error.message}`;
  }
}

function notReached(topic: string, open: ReadonlyMap<number, number>): KafkaError {
  const ends = [...open].map(([partition, high]) => `${partition} to ${high}`).join(", ");
  return new KafkaError(
    `Cannot restore totals: ${topic} was not read to its high watermarks (partition ${ends}) ` +
      `within ${RESTORE_MS_MAX / 1000} s`,
    { code: NOT_REACHED, verdict: "fatal" },
  );
}

function cut(topic: string, partition: number): KafkaError {
  return new KafkaError(
    `Cannot restore totals: the log of ${topic}, partition ${partition}, was cut while it was read`,
    { code: "_LOG_CUT", verdict: "fatal" },
  );
}
