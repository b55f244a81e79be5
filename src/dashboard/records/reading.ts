/**
 * One reading of the latest records of a topic: from the ends of its partitions back, within
 * bounds.
 */

import {
  type Admin,
  type Consumer,
  type ConsumerEvent,
  RecordBatch,
  type RecordHeader,
} from "../../kafka/kafka.ts";

/** The bounds of one reading, from the moment at which the ends of the partitions are known. */
const READ_RECORDS_MAX = 100_000;
const READ_BYTES_MAX = 32 * 1024 * 1024;
/** The share of the remaining bytes to plan with, because records may be larger than before. */
const BYTES_PLANNED = 0.75;
/** The offsets of a partition to read first: few, because each record can be as large as 1 MB. */
const SPAN_OFFSETS_MIN = 1;
/** Each look reads so many times as many offsets as the look before. */
const SPAN_GROWTH = 8;
const BATCH_RECORDS = 1_000;
const BATCH_BYTES = 1024 * 1024;
const POLL_WAIT_MS = 100;

/** A copy of a record in the topic. */
export interface StoredRecord {
  /** Undefined = only one topic was searched. */
  readonly topic?: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch milliseconds; −1 = none. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

export interface RecordSearch<T extends StoredRecord> {
  readonly topic: string;
  /** Undefined = all. */
  readonly partitions?: readonly number[];
  /** The most records to return. */
  readonly count: number;
  /** What to keep of record `i`; undefined = nothing. */
  readonly pick: (batch: RecordBatch, i: number) => T | undefined;
  /** Fails when the time is over, instead of an answer with what was read by then. */
  readonly failsLate?: boolean;
}

export interface Latest<T extends StoredRecord> {
  /** The newest record comes first. */
  readonly records: readonly T[];
  /** When the records were read, epoch milliseconds. */
  readonly at: number;
  /** Records searched, and the time of the oldest one; undefined = none was searched. */
  readonly looked: number;
  readonly since: number | undefined;
  /** The topic holds no others: neither the count nor a bound ended the reading. */
  readonly isAll: boolean;
}

/** Too many readers, or Kafka is too slow. Another try soon may succeed. */
export class BusyError extends Error {
  override readonly name = "BusyError";
}

/** The searched part of a partition: everything from `from`. */
interface OffsetRange {
  readonly low: number;
  /** The first searched offset. The next look ends here. */
  from: number;
  found: number;
}

/** What one look has found in a partition so far, from `start` to `end`. */
interface Stretch<T> {
  readonly start: number;
  readonly end: number;
  readonly found: T[];
  looked: number;
  /** The time of the oldest record; Infinity = there was none. */
  since: number;
}

export class Reading<T extends StoredRecord> {
  readonly #wish: RecordSearch<T>;
  readonly #admin: Admin;
  readonly #reader: Consumer;
  readonly #signal: AbortSignal;
  readonly #batch = new RecordBatch({ recordsMax: BATCH_RECORDS, bytesMax: BATCH_BYTES });
  readonly #spans = new Map<number, OffsetRange>();
  #assigned: ReadonlySet<number> = new Set();
  readonly #records: T[] = [];
  #endsAt = 0;
  #recordsLeft = READ_RECORDS_MAX;
  #bytesLeft = READ_BYTES_MAX;
  #looked = 0;
  #since = Number.POSITIVE_INFINITY;

  constructor(wish: RecordSearch<T>, admin: Admin, reader: Consumer, signal: AbortSignal) {
    this.#wish = wish;
    this.#admin = admin;
    this.#reader = reader;
    this.#signal = signal;
  }

  async run(readMsMax: number): Promise<Latest<T>> {
    await this.#measure();
    this.#endsAt = performance.now() + readMsMax;
    let hasLooked = this.#spans.size === 0;
    let offsets = SPAN_OFFSETS_MIN;
    while (this.#isWithinBounds && this.#wanted.length > 0) {
      const reach = Math.min(offsets, this.#affordable());
      if (reach > 0 && (await this.#look(reach))) hasLooked = true;
      if (reach < offsets) break;
      offsets *= SPAN_GROWTH;
    }
    const isLate = this.#wanted.length > 0 && performance.now() >= this.#endsAt;
    if (!hasLooked || (this.#wish.failsLate && isLate)) {
      throw new BusyError("Kafka returned no records in time.");
    }
    const records = this.#records.sort(byTime).slice(0, this.#wish.count);
    const isRead = [...this.#spans.values()].every(isDone);
    return {
      records,
      at: Date.now(),
      looked: this.#looked,
      since: Number.isFinite(this.#since) ? this.#since : undefined,
      isAll: isRead && records.length === this.#records.length,
    };
  }

  get #isWithinBounds(): boolean {
    return (
      !this.#signal.aborted &&
      this.#recordsLeft > 0 &&
      this.#bytesLeft > 0 &&
      performance.now() < this.#endsAt
    );
  }

  /** Partitions that have more records, and too few of them were found. */
  get #wanted(): [number, OffsetRange][] {
    return [...this.#spans].filter(([, span]) => !isDone(span) && span.found < this.#wish.count);
  }

  /** Offsets of each wanted partition that fit into the bounds. */
  #affordable(): number {
    const read = READ_RECORDS_MAX - this.#recordsLeft;
    const recordBytes = (READ_BYTES_MAX - this.#bytesLeft) / read || 0;
    const bytes = this.#bytesLeft * BYTES_PLANNED;
    const records = Math.min(this.#recordsLeft, bytes / recordBytes);
    return Math.floor(records / this.#wanted.length);
  }

  async #measure(): Promise<void> {
    const { topic, partitions } = this.#wish;
    const described = await this.#admin.describeTopic(topic);
    const all = Array.from({ length: described?.partitions ?? 0 }, (_, id) => id);
    const ids = partitions ? all.filter((id) => partitions.includes(id)) : all;
    for (const [id, { low, high }] of await this.#admin.allWatermarks(topic, ids)) {
      if (low < high) this.#spans.set(id, { low, from: high, found: 0 });
    }
  }

  /**
   * Reads the `offsets` before what is known of each partition. What a bound has cut short is left
   * out, because its newer records would be missing. False when nothing is left.
   */
  async #look(offsets: number): Promise<boolean> {
    const open = new Map<number, Stretch<T>>();
    for (const [id, { low, from: end }] of this.#wanted) {
      const start = Math.max(low, end - offsets);
      open.set(id, { start, end, found: [], looked: 0, since: Number.POSITIVE_INFINITY });
    }
    const starts = [...open].map(([partition, { start: offset }]) => ({ partition, offset }));
    const idle = [...this.#assigned].filter((id) => !open.has(id));
    if (idle.length > 0) await this.#reader.unassign(idle);
    if (this.#assigned.size === 0) await this.#reader.assign(starts);
    else await this.#reader.seek(starts);
    this.#assigned = new Set(open.keys());
    const count = open.size;
    while (open.size > 0 && this.#isWithinBounds) {
      const events = await this.#reader.poll(this.#batch, POLL_WAIT_MS);
      this.#take(open);
      for (const event of events) this.#note(event, open);
    }
    return open.size < count;
  }

  #take(open: Map<number, Stretch<T>>): void {
    const batch = this.#batch;
    for (let i = 0; i < batch.count; i++) {
      const partition = batch.partitions[i] as number;
      const stretch = open.get(partition);
      if (!stretch) continue;
      const offset = batch.offsets[i] as number;
      if (offset < stretch.end) {
        this.#recordsLeft--;
        this.#bytesLeft -= (batch.recordEnds[i] as number) - batch.start(i);
        stretch.looked++;
        const timestamp = batch.timestamps[i] as number;
        if (timestamp >= 0) stretch.since = Math.min(stretch.since, timestamp);
        const record = this.#wish.pick(batch, i);
        if (record) stretch.found.push(record);
      }
      if (offset >= stretch.end - 1) this.#keep(partition, open);
    }
  }

  /** Keeps a stretch that was read to its end. */
  #keep(partition: number, open: Map<number, Stretch<T>>): void {
    const [span, stretch] = [this.#spans.get(partition), open.get(partition)];
    if (!span || !stretch) return;
    open.delete(partition);
    span.from = stretch.start;
    span.found += stretch.found.length;
    this.#records.push(...stretch.found);
    this.#looked += stretch.looked;
    this.#since = Math.min(this.#since, stretch.since);
  }

  /** The end can come without a record, after transaction markers or removed records. */
  #note(event: ConsumerEvent, open: Map<number, Stretch<T>>): void {
    if (event.type === "error" && event.error.verdict === "fatal") throw event.error;
    if (event.type === "end" || event.type === "outOfRange") this.#keep(event.partition, open);
  }
}

/** Undefined for a missing or impossible time, because senders choose the time. */
export function dateOf(timestamp: number): Date | undefined {
  const date = new Date(timestamp);
  return timestamp < 0 || Number.isNaN(date.getTime()) ? undefined : date;
}

/** A copy of record `i`. */
export function recordAt(batch: RecordBatch, i: number): StoredRecord {
  return {
    partition: batch.partitions[i] as number,
    offset: batch.offsets[i] as number,
    timestamp: batch.timestamps[i] as number,
    key: batch.key(i)?.slice() ?? null,
    value: batch.value(i)?.slice() ?? null,
    headers: batch.headers(i),
  };
}

function isDone({ low, from }: OffsetRange): boolean {
  return from <= low;
}

export function byTime(a: StoredRecord, b: StoredRecord): number {
  return b.timestamp - a.timestamp || a.partition - b.partition || b.offset - a.offset;
}
