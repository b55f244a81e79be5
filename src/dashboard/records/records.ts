/**
 * The latest records of a topic, read when somebody asks to see them: from the ends of its
 * partitions back, within bounds, by a reader of their own, so that the live numbers never wait.
 */

import {
  type Admin,
  type Consumer,
  type ConsumerEvent,
  type Kafka,
  RecordBatch,
  type RecordHeader,
} from "../../kafka/kafka.ts";
import { pause } from "../../lib/wait.ts";

/** Readings at a time. A further request is told to try again. */
const READINGS_MAX = 2;
/** The bounds of one reading, from the moment at which the ends of the partitions are known. */
const READ_RECORDS_MAX = 100_000;
const READ_BYTES_MAX = 32 * 1024 * 1024;
const READ_MS_MAX = 1_500;
/** The longest wait for an answer. When it is over, the clients are closed. */
const ANSWER_MS_MAX = 3_000;
/** Longest wait of `end` for clients that are closing: the role has 4 s for its stop. */
const END_MS_MAX = 2_000;
/** The share of the remaining bytes to plan with, because records may be larger than before. */
const BYTES_PLANNED = 0.75;
/** The offsets of a partition to read first: few, because each record can be as large as 1 MB. */
const SPAN_OFFSETS_MIN = 1;
/** Each look reads so many times as many offsets as the look before. */
const SPAN_GROWTH = 8;
const BATCH_RECORDS = 1_000;
const BATCH_BYTES = 1024 * 1024;
const POLL_WAIT_MS = 100;

/** A copy of a record, as it stands in the topic. */
export interface StoredRecord {
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
  /** How many at most. */
  readonly count: number;
  /** What to keep of record `i`, if anything. */
  readonly pick: (batch: RecordBatch, i: number) => T | undefined;
}

export interface Latest<T extends StoredRecord> {
  /** The newest first. */
  readonly records: readonly T[];
  /** When they were read, epoch milliseconds. */
  readonly at: number;
  /** Records that were looked at, and the time of the oldest one; undefined = there was none. */
  readonly looked: number;
  readonly since: number | undefined;
  /** There is nothing before them: neither did the count suffice nor a bound end the reading. */
  readonly isAll: boolean;
}

/** Too many read at this moment, or Kafka is too slow: worth another try soon. */
export class BusyError extends Error {
  override readonly name = "BusyError";
}

export class Records {
  readonly #kafka: Kafka;
  readonly #signal: AbortSignal;
  readonly #open = new Set<Promise<void>>();

  /** `signal` aborted = readings end early. */
  constructor(kafka: Kafka, signal: AbortSignal) {
    this.#kafka = kafka;
    this.#signal = signal;
  }

  /** @throws BusyError @throws KafkaError when the topic may not be read */
  async latest<T extends StoredRecord>(wish: RecordSearch<T>): Promise<Latest<T>> {
    if (this.#open.size >= READINGS_MAX) {
      throw new BusyError(`${READINGS_MAX} other requests are searching Kafka at the moment.`);
    }
    const admin = this.#kafka.admin();
    const reader = this.#kafka.reader({ topic: wish.topic });
    const reading = new Reading(wish, admin, reader, this.#signal).run();
    const settled = Promise.allSettled([reading]).then(() => {});
    const over = pause(ANSWER_MS_MAX, this.#signal, settled);
    // Also while it reads: its calls would be repeated for minutes, and hold the place of others.
    const closing = over
      .then(() => Promise.allSettled([settled, reader.close(), admin.close()]))
      .then(() => void this.#open.delete(closing));
    this.#open.add(closing);
    const latest = await Promise.race([reading, over.then(() => undefined)]);
    if (!latest) throw new BusyError("Kafka does not answer.");
    return latest;
  }

  /** Resolves when all clients are closed, or after 2 s: what still waits ends with the thread. */
  async end(): Promise<void> {
    const closed = Promise.all(this.#open).then(() => {});
    await pause(END_MS_MAX, new AbortController().signal, closed);
  }
}

/** What of a partition was looked at: all from `from` on. */
interface OffsetRange {
  readonly low: number;
  /** The first offset that is known; what is before it is the next to be looked at. */
  from: number;
  found: number;
}

/** What one look has met of a partition so far: from `start` up to `end`. */
interface Stretch<T> {
  readonly start: number;
  readonly end: number;
  readonly found: T[];
  looked: number;
  /** The time of the oldest record; Infinity = there was none. */
  since: number;
}

class Reading<T extends StoredRecord> {
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

  async run(): Promise<Latest<T>> {
    await this.#measure();
    this.#endsAt = performance.now() + READ_MS_MAX;
    let hasLooked = this.#spans.size === 0;
    let offsets = SPAN_OFFSETS_MIN;
    while (this.#isWithinBounds && this.#wanted.length > 0) {
      const reach = Math.min(offsets, this.#affordable());
      if (reach > 0 && (await this.#look(reach))) hasLooked = true;
      if (reach < offsets) break;
      offsets *= SPAN_GROWTH;
    }
    if (!hasLooked) throw new BusyError("Kafka returned no records in time.");
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

  /** How many offsets of each wanted partition can be read within the bounds. */
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

  /** A stretch that was read to its end. */
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

  /** The end can come without a record, after marks of transactions or what retention took. */
  #note(event: ConsumerEvent, open: Map<number, Stretch<T>>): void {
    if (event.type === "error" && event.error.verdict === "fatal") throw event.error;
    if (event.type === "end" || event.type === "outOfRange") this.#keep(event.partition, open);
  }
}

/** Undefined for a time that is not given, or that no calendar has: senders choose it. */
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

function byTime(a: StoredRecord, b: StoredRecord): number {
  return b.timestamp - a.timestamp || a.partition - b.partition || b.offset - a.offset;
}
