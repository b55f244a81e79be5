/** Reads the output topic for a restore and for `verify`. */

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
import { decodeDay, isDayKey, placeOfDayKey, productOfDayKey } from "../wire/day-record.ts";
import { foreignTotal } from "../wire/foreign-record.ts";
import { NotATotalError } from "../wire/output-record.ts";
import { decodeTotalRecord } from "../wire/total-record.ts";
import { HeldUpError, NOT_REACHED } from "./held-up.ts";

/**
 * A restore fails after this time without a record; while it makes progress it may take any time.
 * Longer than a dead owner's transaction can stay open.
 */
const SILENCE_MS_MAX = 120_000;
const POLL_WAIT_MS = 100;
/** The most that one poll adds to the silence, because a stopped process reads nothing. */
const SILENT_POLL_MS_MAX = 10 * POLL_WAIT_MS;
const BATCH_RECORDS_MAX = 4_096;
const BATCH_BYTES_MAX = 1024 * 1024;
/** Writers of a partition to remember: the last one, and a few fenced ones that wrote later. */
const WRITERS_MAX = 4;

/** The error code of a restore that was stopped. */
export const STOPPED = "_STOPPED";
/** The error code of a restore whose records have left the log. */
export const LOG_CUT = "_LOG_CUT";

/** What the output topic says about a partition. */
export interface Restored {
  /**
   * The first unreadable record, which makes the whole partition unusable: what it is and what to
   * do, as a sentence without its full stop.
   */
  problem: string | undefined;
  totals: Totals;
  bookkeeping: Bookkeeping | undefined;
  /** All of the log up to this offset is included. */
  end: number;
}

export interface LogPartitions {
  kafka: Kafka;
  clock: Clock;
  admin: Admin;
  topic: string;
  partitions: readonly number[];
  /** When it is aborted, the read stops and throws. */
  signal?: AbortSignal;
  /** How long to wait without a record, milliseconds. Default: `SILENCE_MS_MAX`. */
  silenceMsMax?: number;
  /** Hears the progress after each poll, in offsets. */
  onProgress?: (read: number, total: number) => void;
}

/**
 * Reads the totals of these partitions up to the current high watermark. For `known` partitions it
 * reads only later records, into the same totals.
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
  const { topic } = source;
  const ends = await readLog(source, { from: endsOf(known) }, (partition, batch, i) => {
    applyRecord(output.get(partition) as Restored, batch, { i, topic });
  });
  for (const [partition, restored] of output) restored.end = ends.get(partition) ?? 0;
  return output;
}

/** The offset to continue at, by partition. */
export function endsOf(known: ReadonlyMap<number, { end: number }>): Map<number, number> {
  return new Map([...known].map(([partition, { end }]) => [partition, end]));
}

/**
 * The transactional ids of the last writers, the latest last, each with a partition whose
 * bookkeeping it wrote. Includes aborted and undecided transactions, because nobody sends offsets
 * of a partition before its id is in the log.
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

/** The range to read of a partition. */
interface LogRange {
  first: number;
  /** The next offset to read. */
  next: number;
  /** The high watermark at the start of the read. */
  end: number;
  /** Committed records end at `next`, where an undecided transaction begins. */
  isHeld: boolean;
}

/**
 * Reads partitions of one of our topics up to the current high watermark or further, and returns
 * where the read ended, by partition. A read_committed reader stops at the last stable offset, and
 * an open transaction can hold that below committed totals, so this waits for it (KAFKA-10167). It
 * compares positions, not offsets of records, because the last offset can be a control record.
 * @throws KafkaError with the code `NOT_REACHED`, `STOPPED` or `LOG_CUT`
 */
export async function readLog(
  source: LogPartitions,
  /** `from`: the offset to start at, by partition; default: the start of the log. */
  options: { isUndecidedToo?: boolean; from?: ReadonlyMap<number, number> },
  take: (partition: number, batch: RecordBatch, i: number) => void,
): Promise<Map<number, number>> {
  const { kafka, clock, topic, signal, onProgress, silenceMsMax = SILENCE_MS_MAX } = source;
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
        // After its end another transaction may have begun, and this record may be half of it.
        if (!range) continue;
        take(partition, batch, i);
        range.next = (batch.offsets[i] as number) + 1;
        range.isHeld = false;
        isFurther = true;
      }
      for (const event of events) isFurther = react(event, { topic, open, ends }) || isFurther;
      const now = clock.now();
      silentMs = isFurther ? 0 : silentMs + Math.min(now - polledAt, SILENT_POLL_MS_MAX);
      polledAt = now;
      if (open.size > 0 && silentMs >= silenceMsMax) throw notReached(topic, open, silenceMsMax);
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
    if (end > first) ranges.set(partition, { first, next: first, end, isHeld: false });
  }
  return { ranges, ends };
}

/** Closes partitions that are read to their end. Returns true if the reader made progress. */
function react(
  event: ConsumerEvent,
  { topic, open, ends }: { topic: string; open: Map<number, LogRange>; ends: Map<number, number> },
): boolean {
  if (event.type === "error" && event.error.verdict === "fatal") throw event.error;
  if (event.type === "outOfRange") throw cut(topic, event.partition);
  if (event.type !== "end") return false;
  const { partition, offset } = event;
  const range = open.get(partition);
  if (!range) return false;
  const isFurther = offset > range.next || offset >= range.end;
  range.next = Math.max(range.next, offset);
  range.isHeld = offset < range.end;
  if (offset < range.end) return isFurther;
  // What came before `offset` is read too: as a rule the marker of the last transaction.
  ends.set(partition, offset);
  open.delete(partition);
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

function applyRecord(
  restored: Restored,
  batch: RecordBatch,
  { i, topic }: { i: number; topic: string },
): void {
  const key = batch.key(i);
  const value = batch.value(i);
  if (key === null) return;
  try {
    if (isBookkeepingKey(key)) {
      restored.bookkeeping = value === null ? undefined : decodeBookkeeping(value);
    } else if (isDayKey(key)) restoreDay(restored.totals, key, value);
    else {
      const total = decodeTotalRecord(key, value);
      const id = restored.totals.restore(key, total);
      const last = total?.day;
      restored.totals.days.restoreLast(id, last);
    }
  } catch (error) {
    if (!(error instanceof NotATotalError)) throw error;
    const [partition, offset] = [batch.partitions[i] as number, batch.offsets[i] as number];
    restored.problem ??= foreignTotal({ topic, partition, offset }, error);
  }
}

function restoreDay({ products, days }: Totals, key: Uint8Array, value: Uint8Array | null): void {
  const id = products.findOrAdd(productOfDayKey(key));
  if (value === null) days.eraseEnded(id, placeOfDayKey(key));
  else days.restoreEnded(id, decodeDay(key, value));
}

/** A stopped restore is not a failure, because it leaves no partition half restored. */
export async function unlessStopped(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof KafkaError) || error.code !== STOPPED) throw error;
  }
}

function notReached(
  topic: string,
  open: ReadonlyMap<number, LogRange>,
  silenceMs: number,
): KafkaError {
  const held = [...open].flatMap(([partition, { isHeld, next }]) => {
    return isHeld ? [[partition, next] as const] : [];
  });
  const partitions = [...open.keys()];
  const options = { code: NOT_REACHED, verdict: "fatal", partitions } as const;
  if (held.length === open.size) return new HeldUpError({ topic, held: new Map(held), silenceMs });
  const where = [...open].map(([partition, { next, end }]) => {
    return `partition ${partition} is at offset ${next} of ${end}`;
  });
  return new KafkaError(
    `Cannot restore totals: no more records of ${topic} arrived for ${silenceMs / 1000} s; ` +
      `${where.join(", ")}`,
    options,
  );
}

function stopped(topic: string): KafkaError {
  return new KafkaError(`Stopped while reading ${topic}`, { code: STOPPED, verdict: "fatal" });
}

function cut(topic: string, partition: number): KafkaError {
  return new KafkaError(
    `Cannot restore totals: the log of ${topic}, partition ${partition}, was truncated during the read`,
    { code: LOG_CUT, verdict: "fatal" },
  );
}
