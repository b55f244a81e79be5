/** The output topic as a restore and `verify` read it. */

import { Totals } from "../domain/totals.ts";
import {
  type Admin,
  type ConsumerEvent,
  type Kafka,
  KafkaError,
  RecordBatch,
} from "../kafka/kafka.ts";
import type { Clock } from "../lib/clock.ts";
import { type Bookkeeping, decodeBookkeeping, isBookkeepingKey } from "../wire/bookkeeping.ts";
import { NotATotalError } from "../wire/output-record.ts";
import { decodeTotalRecord } from "../wire/total-record.ts";

/**
 * A restore that gets on takes as long as it takes; one that reads nothing for so long has failed.
 * Longer than a dead owner's transaction can stay open (its time-out).
 */
const SILENCE_MS_MAX = 120_000;
const POLL_WAIT_MS = 100;
/** What one poll adds to the silence at most: a process that is stopped reads nothing meanwhile. */
const SILENT_POLL_MS_MAX = 10 * POLL_WAIT_MS;
const BATCH_RECORDS_MAX = 4_096;
const BATCH_BYTES_MAX = 1024 * 1024;
/** Of one partition: the last one, and a few in case that a fenced one wrote behind it. */
const WRITERS_MAX = 4;

/** The code of a restore that got no further: a transaction holds it up, or brokers are away. */
export const NOT_REACHED = "_NOT_REACHED";
/** The code of a restore that was told to stop. */
const STOPPED = "_STOPPED";
/** The code of a restore that met a gap: what was to be read has left the log. */
export const LOG_CUT = "_LOG_CUT";

/** What the output topic says of a partition. */
export interface Restored {
  /** A record that no Salesboard wrote: nothing can be said of this partition. */
  problem: string | undefined;
  totals: Totals;
  bookkeeping: Bookkeeping | undefined;
  /** The offset of the log up to which all of it is here. */
  end: number;
}

export interface LogPartitions {
  kafka: Kafka;
  clock: Clock;
  admin: Admin;
  topic: string;
  partitions: readonly number[];
  /** Aborted = stop reading, and throw. */
  signal?: AbortSignal;
  /** Hears after each poll of how many offsets how many are read. */
  onProgress?: (read: number, total: number) => void;
}

/**
 * What the output topic says of these partitions, up to the high watermark of this moment. Of those
 * that are `known` already only what comes after that is read, into the same totals.
 */
export async function readOutput(
  source: LogPartitions,
  known: ReadonlyMap<number, Restored> = new Map(),
): Promise<Map<number, Restored>> {
  const output = new Map<number, Restored>();
  for (const partition of source.partitions) {
    const none = { problem: undefined, totals: new Totals(), bookkeeping: undefined, end: 0 };
    output.set(partition, { ...(known.get(partition) ?? none) });
  }
  const ends = await readLog(source, { from: endsOf(known) }, (partition, batch, i) => {
    applyRecord(output.get(partition) as Restored, batch, i);
  });
  for (const [partition, restored] of output) restored.end = ends.get(partition) ?? 0;
  return output;
}

/** Where to go on reading, by partition. */
export function endsOf(known: ReadonlyMap<number, { end: number }>): Map<number, number> {
  return new Map([...known].map(([partition, { end }]) => [partition, end]));
}

/**
 * The transactional ids that wrote here last, the latest last, each with a partition of which it
 * kept the books. Also those whose transactions were aborted or are not decided: nobody sends
 * offsets of a partition before its id stands there.
 */
export async function lastWriters(source: LogPartitions): Promise<Map<string, number>> {
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

/** What is to be read of a partition. */
interface LogRange {
  first: number;
  /** The next offset to read. */
  next: number;
  /** The high watermark. */
  end: number;
}

/**
 * Hands over the records of partitions of a topic of ours, to the high watermark of this moment,
 * which it returns by partition. A committed reader stops at the last stable offset, which an open
 * transaction can hold below committed totals, so it is waited for (KAFKA-10167). Positions are
 * compared, not offsets of records: the last offset can be a control record.
 * @throws KafkaError with the code `NOT_REACHED`, `STOPPED` or `LOG_CUT`
 */
export async function readLog(
  source: LogPartitions,
  /** `from`: where to begin, by partition, if not at the start of the log. */
  options: { isUndecidedToo?: boolean; from?: ReadonlyMap<number, number> },
  take: (partition: number, batch: RecordBatch, i: number) => void,
): Promise<Map<number, number>> {
  const { kafka, clock, topic, signal, onProgress } = source;
  const { from, ...visible } = options;
  const { ranges, ends } = await rangesOf(source, from);
  const open = new Map(ranges);
  const batch = new RecordBatch({ recordsMax: BATCH_RECORDS_MAX, bytesMax: BATCH_BYTES_MAX });
  const reader = kafka.reader({ topic, ...visible });
  try {
    const start = [...open].map(([partition, { first: offset }]) => ({ partition, offset }));
    if (start.length > 0) await reader.assign(start);
    for (let silentMs = 0, polledAt = clock.now(); open.size > 0; ) {
      if (signal?.aborted) throw stopped(topic);
      const events = await reader.poll(batch, POLL_WAIT_MS);
      let isFurther = false;
      for (let i = 0; i < batch.count; i++) {
        const partition = batch.partitions[i] as number;
        const range = open.get(partition);
        // Behind its end another transaction begins, of which this may be half.
        if (!range) continue;
        take(partition, batch, i);
        range.next = (batch.offsets[i] as number) + 1;
        isFurther = true;
      }
      for (const event of events) isFurther = react(event, { topic, open }) || isFurther;
      const now = clock.now();
      silentMs = isFurther ? 0 : silentMs + Math.min(now - polledAt, SILENT_POLL_MS_MAX);
      polledAt = now;
      if (silentMs >= SILENCE_MS_MAX) throw notReached(topic, open);
      if (isFurther) onProgress?.(...progressOf(ranges));
    }
  } finally {
    await reader.close();
  }
  return ends;
}

async function rangesOf(
  { admin, topic, partitions }: LogPartitions,
  from: ReadonlyMap<number, number> | undefined,
): Promise<{ ranges: Map<number, LogRange>; ends: Map<number, number> }> {
  const ranges = new Map<number, LogRange>();
  const ends = new Map<number, number>();
  for (const [partition, { low, high: end }] of await admin.allWatermarks(topic, partitions)) {
    const first = from?.get(partition) ?? low;
    if (first < low || first > end) throw cut(topic, partition);
    ends.set(partition, end);
    if (end > first) ranges.set(partition, { first, next: first, end });
  }
  return { ranges, ends };
}

/** Closes what is read to its end. True when the reader has got further. */
function react(
  event: ConsumerEvent,
  { topic, open }: { topic: string; open: Map<number, LogRange> },
): boolean {
  if (event.type === "error" && event.error.verdict === "fatal") throw event.error;
  if (event.type === "outOfRange") throw cut(topic, event.partition);
  if (event.type !== "end") return false;
  const { partition, offset } = event;
  const range = open.get(partition);
  if (!range) return false;
  const isFurther = offset > range.next || offset >= range.end;
  range.next = Math.max(range.next, offset);
  if (offset >= range.end) open.delete(partition);
  return isFurther;
}

function progressOf(ranges: ReadonlyMap<number, LogRange>): [read: number, total: number] {
  let [read, total] = [0, 0];
  for (const { first, next, end } of ranges.values()) {
    read += Math.min(next, end) - first;
    total += end - first;
  }
  return [read, total];
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

/** A restore that was told to stop leaves no partition half restored: that is an end in order. */
export async function unlessStopped(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof KafkaError) || error.code !== STOPPED) throw error;
  }
}

function notReached(topic: string, open: ReadonlyMap<number, LogRange>): KafkaError {
  const where = [...open].map(([partition, { next, end }]) => {
    return `partition ${partition} stands at offset ${next} of ${end}`;
  });
  return new KafkaError(
    `Cannot restore totals: nothing more of ${topic} could be read for ${SILENCE_MS_MAX / 1000} s; ` +
      `${where.join(", ")}`,
    { code: NOT_REACHED, verdict: "fatal" },
  );
}

function stopped(topic: string): KafkaError {
  return new KafkaError(`Stopped while ${topic} was read`, { code: STOPPED, verdict: "fatal" });
}

function cut(topic: string, partition: number): KafkaError {
  return new KafkaError(
    `Cannot restore totals: the log of ${topic}, partition ${partition}, was cut while it was read`,
    { code: LOG_CUT, verdict: "fatal" },
  );
}
